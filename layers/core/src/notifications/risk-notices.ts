/** From an event that a switch was set to what is told of it: who switched trading, and why. */
import * as z from 'zod';
import { firstUse } from '../risk/switches.ts';
import { accountOfEvent, type EventImage, readImage } from './images.ts';
import { type NoticeSeverity, noticeIdOf, type RiskNotice, tidy } from './notice.ts';

export const riskSwitched = 'risk.switched';

const severities: ReadonlyMap<string, NoticeSeverity> = new Map([
  ['active', 'info'],
  ['reducing', 'warning'],
]);

const schema = z.object({
  state: z.string(),
  reason: z.string(),
  by: z.string(),
  /** Events of before 2026-11-22 do not say it. */
  before: z.string().optional().catch(undefined),
});

/**
 * A switch that was set, by a person or by a breaker.
 *
 * @param event of type `riskSwitched`
 * @throws ImageError
 */
export function noticesOfSwitch(event: EventImage): RiskNotice[] {
  const { state, reason, by, before } = readImage(schema, event.data, event.type);
  // Made with the account's first order, when nobody has switched anything.
  if (before === undefined && by === firstUse.by && reason === firstUse.reason) return [];
  const { stream, sequence, atMs } = event;
  return [
    {
      id: noticeIdOf(stream, sequence, riskSwitched),
      kind: riskSwitched,
      // What is not known here may stop trading as well.
      severity: severities.get(state) ?? 'critical',
      atMs,
      account: accountOfEvent(event),
      ...{ version: sequence, state, by },
      ...(before !== undefined && { before }),
      reason: tidy(reason),
    },
  ];
}
