/** What clients send over sockets, and the check of their login. */
import { z } from 'zod';
import { isAddressAllowed } from '../shared/accounts.ts';
import { parseJson } from '../shared/parse-json.ts';
import type { BybitAccount } from './accounts.ts';
import type { BybitVenue } from './context.ts';
import { BybitError, invalidKey, invalidSign, unmatchedAddress } from './errors.ts';
import { isSignature, sign, socketPayload } from './signature.ts';

const id = z.union([z.string(), z.number()]).optional();

const requestSchema = z.object({
  op: z.string(),
  req_id: id,
  reqId: id,
  header: z.record(z.string(), z.string()).optional(),
  args: z.array(z.unknown()).default([]),
});

export type SocketRequest = z.output<typeof requestSchema>;

/** `undefined` when the text is no request. */
export function readSocketRequest(text: string): SocketRequest | undefined {
  const request = requestSchema.safeParse(parseJson(text));
  return request.success ? request.data : undefined;
}

/** The texts among the arguments. */
export function textArguments({ args }: SocketRequest): string[] {
  return args.filter((arg) => typeof arg === 'string');
}

/** The account behind `auth` with key, expiry and signature. @throws BybitError 10002 to 10010 */
export function login(venue: BybitVenue, request: SocketRequest, address: string): BybitAccount {
  const [apiKey, expires, signature] = request.args.map(String);
  const account = venue.accounts.byKey(apiKey);
  if (account === undefined) throw invalidKey();
  if (!(Number(expires) > venue.nowMs())) throw new BybitError(10002, 'The login has expired.');
  if (!isSignature(signature ?? '', sign(socketPayload(expires ?? ''), account.secret))) throw invalidSign();
  if (!isAddressAllowed(account, address)) throw unmatchedAddress();
  return account;
}

/** The answer to `auth`. */
export function loginAnswer(connectionId: string, error?: BybitError) {
  const [retCode, retMsg] = error === undefined ? [0, ''] : [error.code, error.message];
  return { op: 'auth', success: error === undefined, retCode, retMsg, connId: connectionId };
}
