import { issuesOf, RequestError, type VenueId } from '@nightdesk/core';
import * as z from 'zod';

/** DynamoDB takes no key above 2 KB, and no market has a name of such a length. */
const nameLengthMax = 128;

const quotesSchema = z.strictObject({
  symbol: z.string('is missing: name a unified symbol, e.g. BTC/USDT').min(1).max(nameLengthMax),
  venue: z.string().min(1).max(nameLengthMax).optional(),
});

const streamsSchema = z.strictObject({});

export interface QuotesQuery {
  symbol: string;
  /** Absent is every venue that has the symbol. */
  venue?: VenueId;
}

type Parameters = Record<string, string | undefined>;

/** @throws RequestError `invalid_request` naming each parameter that is missing, unknown or out of range */
function parse<Schema extends z.ZodType>(schema: Schema, parameters: Parameters): z.output<Schema> {
  const result = schema.safeParse(parameters);
  if (result.success) return result.data;
  throw new RequestError('invalid_request', 'the query parameters are not valid', issuesOf(result.error));
}

/** @throws RequestError as `parse` */
export function parseQuotesQuery(parameters: Parameters): QuotesQuery {
  const { symbol, venue } = parse(quotesSchema, parameters);
  return { symbol, ...(venue !== undefined && { venue: venue as VenueId }) };
}

/** @throws RequestError as `parse`: it takes none */
export function checkStreamsQuery(parameters: Parameters): void {
  parse(streamsSchema, parameters);
}
