/** `/__sim/clock`: the time at the venue. */
import { z } from 'zod';
import type { VenueClock } from '../clock.ts';
import { type ControlAnswer, type ControlInput, issuesOf, ok, problem } from './control-answer.ts';

const speedMax = 100_000;

const changeSchema = z
  .strictObject({
    atMs: z.number().int().nonnegative().optional(),
    byMs: z.number().int().optional(),
    speed: z.number().min(0).max(speedMax).optional(),
  })
  .refine(({ atMs, byMs }) => atMs === undefined || byMs === undefined, {
    path: ['byMs'],
    message: 'or atMs, not both',
  });

/** Sets the venue's time, by how much or to when, and how fast it passes. */
export function setClock(clock: VenueClock, { body }: ControlInput): ControlAnswer {
  const input = changeSchema.safeParse(body);
  if (!input.success) return problem(400, issuesOf(input.error));
  if (clock.set === undefined) {
    return problem(409, [{ field: '(clock)', message: 'belongs to whoever started the simulator: move it there' }]);
  }
  const { atMs, byMs, speed } = input.data;
  clock.set({ atMs: byMs === undefined ? atMs : clock.nowMs() + byMs, speed });
  return ok({ nowMs: clock.nowMs() });
}
