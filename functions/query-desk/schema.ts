import { type AccountId, issuesOf, type OrdersQuery, orderStates, RequestError } from '@nightdesk/core';
import * as z from 'zod';

const limitMax = 100;
const limitDefault = 50;
const daysMax = 366;
const daysDefault = 30;

type Parameters = Record<string, string | undefined>;

/** @throws RequestError `invalid_request` naming each parameter that is unknown or out of range */
function parse<Schema extends z.ZodType>(schema: Schema, parameters: Parameters): z.output<Schema> {
  const result = schema.safeParse(parameters);
  if (result.success) return result.data;
  throw new RequestError('invalid_request', 'the query parameters are not valid', issuesOf(result.error));
}

const account = z.string().min(1).optional();
const trueOrFalse = z.enum(['true', 'false'], 'must be true or false').optional();

const listSchema = z.strictObject({
  account,
  status: z.enum(orderStates, `must be one of ${orderStates.join(', ')}`).optional(),
  symbol: z.string().min(1).optional(),
  cursor: z.string().min(1).max(512).optional(),
  limit: z.coerce.number().int().min(1).max(limitMax).default(limitDefault),
});

/** @throws RequestError as all of these */
export function parseOrdersQuery(parameters: Parameters, nowMs: number): OrdersQuery {
  const { account: id, status, symbol, cursor, limit } = parse(listSchema, parameters);
  return {
    limit,
    nowMs,
    ...ofAccount(id),
    ...(status !== undefined && { status }),
    ...(symbol !== undefined && { symbol }),
    ...(cursor !== undefined && { cursor }),
  };
}

const ofAccount = (id: string | undefined): { account?: AccountId } =>
  id === undefined ? {} : { account: id as AccountId };

const exchangesSchema = z.strictObject({ configured: trueOrFalse });

export function parseExchangesQuery(parameters: Parameters): { configured?: boolean } {
  const { configured } = parse(exchangesSchema, parameters);
  return configured === undefined ? {} : { configured: configured === 'true' };
}

const positionsSchema = z.strictObject({ account, symbol: z.string().min(1).optional() });

export function parsePositionsQuery(parameters: Parameters): { account?: AccountId; symbol?: string } {
  const { account: id, symbol } = parse(positionsSchema, parameters);
  return { ...ofAccount(id), ...(symbol !== undefined && { symbol }) };
}

const accountSchema = z.strictObject({ account });

export function parseAccountQuery(parameters: Parameters): { account?: AccountId } {
  return ofAccount(parse(accountSchema, parameters).account);
}

const balancesSchema = z.strictObject({ account, wallet: z.string().min(1).optional(), all: trueOrFalse });

export function parseBalancesQuery(parameters: Parameters): { account?: AccountId; wallet?: string; all: boolean } {
  const { account: id, wallet, all } = parse(balancesSchema, parameters);
  return { ...ofAccount(id), ...(wallet !== undefined && { wallet }), all: all === 'true' };
}

const pnlSchema = z.strictObject({
  account,
  days: z.coerce.number(`must be a whole number from 1 to ${daysMax}`).int().min(1).max(daysMax).default(daysDefault),
});

export function parsePnlQuery(parameters: Parameters): { account?: AccountId; days: number } {
  const { account: id, days } = parse(pnlSchema, parameters);
  return { ...ofAccount(id), days };
}
