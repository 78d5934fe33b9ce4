/** Calls functions of the management API with tokens of every role. */
import { type HttpHandler, httpFunction } from '@nightdesk/aws';
import { type Role, roles, secretNames } from '@nightdesk/core';
import type { Context } from 'aws-lambda';
import { type ApiRequest, apiEvent } from '../../support/api-events.ts';
import { createFakeSecrets } from '../../support/fake-secrets.ts';
import { silentTelemetry } from '../../support/telemetry.ts';

export const secretsPrefix = 'nightdesk/test';

export const tokenOf = (role: Role): string => `the-${role}-token`;

export const roleSecrets = () =>
  createFakeSecrets(Object.fromEntries(roles.map((role) => [secretNames.token(secretsPrefix, role), tokenOf(role)])));

/** `role` is sent as that role's token; absent sends no token. */
export type Call = ApiRequest & { role?: Role };

export async function callDesk(
  handler: HttpHandler,
  { role, headers, ...request }: Call,
): Promise<{ status: number; body: unknown }> {
  const authorization = role && { authorization: `Bearer ${tokenOf(role)}` };
  const event = apiEvent({ ...request, headers: { ...headers, ...authorization } });
  // Middy reads the time left of a context, and sets no timer where there is none.
  const response = await httpFunction(handler, silentTelemetry)(event, {} as Context);
  return { status: response.statusCode ?? 0, body: JSON.parse(response.body ?? '') };
}
