import { type Issue, issuesOf, RequestError, type SwitchState, switchStates } from '@nightdesk/core';
import * as z from 'zod';

const flag = z.boolean('must be true or false').default(false);

const requestSchema = z.strictObject({
  state: z.enum(switchStates, `must be one of ${switchStates.join(', ')}`),
  reason: z.string('must say why').trim().min(1, 'must say why').max(512),
  cancelOrders: flag,
  cancelExits: flag,
});

export interface SwitchRequest {
  state: SwitchState;
  reason: string;
  /** Ends what is open once the switch is set. */
  cancelOrders: boolean;
  /** Exits that protect a position, too. */
  cancelExits: boolean;
}

/** @throws RequestError `invalid_json` or `invalid_request` */
export function parseSwitchRequest(text: string): SwitchRequest {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new RequestError('invalid_json', 'the body must be JSON: {"state":"halted","reason":"…"}');
  }
  const result = requestSchema.safeParse(body);
  const issues = result.success ? contradictions(result.data) : issuesOf(result.error);
  if (result.success && issues.length === 0) return result.data;
  throw new RequestError('invalid_request', 'the switch cannot be set like that', issues);
}

function contradictions({ state, cancelOrders, cancelExits }: SwitchRequest): Issue[] {
  const issues: Issue[] = [];
  if (cancelOrders && state === 'active') {
    issues.push({
      path: 'cancelOrders',
      message: 'goes with halted and reducing: while active, new orders come at once',
    });
  }
  if (cancelExits && !cancelOrders) issues.push({ path: 'cancelExits', message: 'goes with "cancelOrders": true' });
  if (cancelExits && state === 'reducing') {
    issues.push({ path: 'cancelExits', message: 'goes with halted: while reducing, exits are placed again at once' });
  }
  return issues;
}
