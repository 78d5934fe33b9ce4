import { issuesOf, RequestError, switchStates } from '@nightdesk/core';
import * as z from 'zod';

const requestSchema = z.strictObject({
  state: z.enum(switchStates, `must be one of ${switchStates.join(', ')}`),
  reason: z.string('must say why').trim().min(1, 'must say why').max(512),
});

export type SwitchRequest = z.output<typeof requestSchema>;

/** @throws RequestError `invalid_json` or `invalid_request` */
export function parseSwitchRequest(text: string): SwitchRequest {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new RequestError('invalid_json', 'the body must be JSON: {"state":"halted","reason":"…"}');
  }
  const result = requestSchema.safeParse(body);
  if (result.success) return result.data;
  throw new RequestError('invalid_request', 'the switch cannot be set like that', issuesOf(result.error));
}
