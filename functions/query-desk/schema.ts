import { type AccountId, issuesOf, type OrdersQuery, orderStates, RequestError } from '@nightdesk/core';
import * as z from 'zod';

const limitMax = 100;
const limitDefault = 50;

const listSchema = z.strictObject({
  account: z.string().min(1).optional(),
  status: z.enum(orderStates, `must be one of ${orderStates.join(', ')}`).optional(),
  symbol: z.string().min(1).optional(),
  cursor: z.string().min(1).max(512).optional(),
  limit: z.coerce.number().int().min(1).max(limitMax).default(limitDefault),
});

/** @throws RequestError `invalid_request` naming each parameter that is unknown or out of range */
export function parseOrdersQuery(parameters: Record<string, string | undefined>, nowMs: number): OrdersQuery {
  const result = listSchema.safeParse(parameters);
  if (!result.success) {
    throw new RequestError('invalid_request', 'the query parameters are not valid', issuesOf(result.error));
  }
  const { account, status, symbol, cursor, limit } = result.data;
  return {
    limit,
    nowMs,
    ...(account !== undefined && { account: account as AccountId }),
    ...(status !== undefined && { status }),
    ...(symbol !== undefined && { symbol }),
    ...(cursor !== undefined && { cursor }),
  };
}

const exchangesSchema = z.strictObject({
  configured: z.enum(['true', 'false'], 'must be true or false').optional(),
});

/** @throws RequestError `invalid_request` naming each parameter that is unknown or out of range */
export function parseExchangesQuery(parameters: Record<string, string | undefined>): { configured?: boolean } {
  const result = exchangesSchema.safeParse(parameters);
  if (!result.success) {
    throw new RequestError('invalid_request', 'the query parameters are not valid', issuesOf(result.error));
  }
  const { configured } = result.data;
  return configured === undefined ? {} : { configured: configured === 'true' };
}

const positionsSchema = z.strictObject({ account: z.string().min(1).optional(), symbol: z.string().min(1).optional() });

/** @throws RequestError `invalid_request` naming each parameter that is unknown or out of range */
export function parsePositionsQuery(parameters: Record<string, string | undefined>): {
  account?: AccountId;
  symbol?: string;
} {
  const result = positionsSchema.safeParse(parameters);
  if (!result.success) {
    throw new RequestError('invalid_request', 'the query parameters are not valid', issuesOf(result.error));
  }
  const { account, symbol } = result.data;
  return { ...(account !== undefined && { account: account as AccountId }), ...(symbol !== undefined && { symbol }) };
}
