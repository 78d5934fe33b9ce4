import {
  type CandleSeries,
  firstCandleMs,
  firstOpenFrom,
  issuesOf,
  isTimeframe,
  openTimeOf,
  parseTime,
  RequestError,
  type Span,
  seriesKeyOf,
  timeForms,
  timeframeMs,
  tradedSpan,
  type VenueId,
} from '@nightdesk/core';
import * as z from 'zod';
import { badCursor, readCursor } from './cursor.ts';

type Parameters = Record<string, string | undefined>;

/** Longer answers are cut by their bytes in any case. */
export const limitMax = 120_000;
const limitDefault = 10_000;
const seriesMax = 500;
const seriesDefault = 100;
const monthMaxMs = 31 * 86_400_000;

const time = z.string().transform((text, context): number => {
  const atMs = parseTime(text);
  if (atMs === undefined) context.addIssue({ code: 'custom', message: `must be ${timeForms}` });
  return atMs ?? 0;
});
const wholeNumber = (max: number) => z.coerce.number(`must be a whole number from 1 to ${max}`).int().min(1).max(max);
const timeframe = z.string().refine(isTimeframe, 'must be a timeframe such as 1m, 4h, 1d, 1w or 1M');
const venue = z
  .string('is missing: name an exchange that candles are collected of')
  .min(1)
  .transform((name) => name as VenueId);
const symbol = z.string('is missing: name a unified symbol, e.g. BTC/USDT').min(1);
const cursor = z.string().min(1).max(1_024).optional();
const [from, to] = [time.optional(), time.optional()];

const candlesSchema = z.strictObject({
  ...{ venue, symbol, timeframe: timeframe.default('1m'), from, to, cursor },
  format: z.enum(['json', 'csv'], 'must be json or csv').default('json'),
  limit: wholeNumber(limitMax).default(limitDefault),
});

export interface CandlesQuery {
  series: CandleSeries;
  /** As it was asked for; a cursor does not change it. */
  span: Span;
  /** Where this page begins. */
  startMs: number;
  format: 'json' | 'csv';
  limit: number;
}

/** @throws RequestError `invalid_request` naming each parameter that is missing, unknown or out of range */
function parse<Schema extends z.ZodType>(schema: Schema, parameters: Parameters): z.output<Schema> {
  const result = schema.safeParse(parameters);
  if (result.success) return result.data;
  throw new RequestError('invalid_request', 'the query parameters are not valid', issuesOf(result.error));
}

/** @throws RequestError as `parse`, and for a cursor of another question */
export function parseCandlesQuery(parameters: Parameters, nowMs: number): CandlesQuery {
  const asked = parse(candlesSchema, parameters);
  const { format, limit } = asked;
  const series: CandleSeries = {
    ...{ kind: 'candles', venue: asked.venue, symbol: asked.symbol },
    timeframe: asked.timeframe,
  };
  if (asked.cursor !== undefined) {
    const place = readCursor(asked.cursor, seriesKeyOf(series), z.tuple([z.int(), z.int(), z.int()]));
    const [fromMs, toMs, startMs] = place;
    const isOther = (asked.from ?? fromMs) !== fromMs || (asked.to ?? toMs) !== toMs;
    if (isOther) throw badCursor('is of another `from` or `to`: repeat those, or leave them out');
    return { series, span: { fromMs, toMs }, startMs, format, limit };
  }
  const toMs = asked.to ?? nowMs;
  const fromMs = asked.from ?? lastOpens(asked.timeframe, asked.to ?? openTimeOf(asked.timeframe, nowMs), limit);
  requireOrder({ fromMs, toMs });
  return { series, span: { fromMs, toMs }, startMs: fromMs, format, limit };
}

/** From when on so many candles open before a time; about as many where they are months. */
function lastOpens(name: string, toMs: number, count: number): number {
  const lengthMs = timeframeMs(name);
  if (lengthMs === undefined) return Math.max(0, firstOpenFrom(name, toMs - count * monthMaxMs));
  return Math.max(0, openTimeOf(name, toMs - 1) - (count - 1) * lengthMs);
}

function requireOrder({ fromMs, toMs }: Span): void {
  if (fromMs < toMs) return;
  const message = `must be before \`to\`, which is ${new Date(toMs).toISOString()}`;
  throw new RequestError('invalid_request', 'the query parameters are not valid', [{ path: 'from', message }]);
}

const coverageSchema = z.strictObject({
  ...{ venue: venue.optional(), symbol: symbol.optional(), timeframe: timeframe.optional(), from, to, cursor },
  limit: wholeNumber(seriesMax).default(seriesDefault),
});

export interface CoverageQuery {
  venue?: VenueId;
  symbol?: string;
  timeframe?: string;
  /** Absent is as of the last sealed period, which costs no look at the candles. */
  span?: Span;
  limit: number;
  cursor?: string;
}

/** @throws RequestError as `parse` */
export function parseCoverageQuery(parameters: Parameters, nowMs: number): CoverageQuery {
  const asked = parse(coverageSchema, parameters);
  const { venue: venueId, symbol: name, timeframe: part, limit } = asked;
  const span = asked.from === undefined && asked.to === undefined ? undefined : spanOf(asked, nowMs);
  return {
    limit,
    ...(venueId !== undefined && { venue: venueId }),
    ...(name !== undefined && { symbol: name }),
    ...(part !== undefined && { timeframe: part }),
    ...(span && { span }),
    ...(asked.cursor !== undefined && { cursor: asked.cursor }),
  };
}

function spanOf(asked: { from?: number | undefined; to?: number | undefined }, nowMs: number): Span {
  if (asked.from === undefined) {
    const message = 'is missing: `to` alone does not say what is meant';
    throw new RequestError('invalid_request', 'the query parameters are not valid', [{ path: 'from', message }]);
  }
  const span = { fromMs: asked.from, toMs: asked.to ?? nowMs };
  requireOrder(span);
  const traded = tradedSpan(span, nowMs);
  if (traded.fromMs < traded.toMs) return traded;
  const message = `and \`to\` have nothing between them: candles are from ${dayOf(firstCandleMs)} until now`;
  throw new RequestError('invalid_request', 'the query parameters are not valid', [{ path: 'from', message }]);
}

const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);
