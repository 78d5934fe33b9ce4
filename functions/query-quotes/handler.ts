import { type HttpAnswer, type HttpHandler, requireRole } from '@nightdesk/aws';
import { type Clock, type QuoteStore, quoteView, RequestError, type Secrets } from '@nightdesk/core';
import { checkStreamsQuery, parseQuotesQuery, type QuotesQuery } from './schema.ts';

export interface QueryQuotesDependencies {
  secrets: Secrets;
  secretsPrefix: string;
  quotes: Pick<QuoteStore, 'read' | 'heard' | 'readStatus'>;
  clock: Pick<Clock, 'nowMs'>;
}

/** Answers with what streams have brought last, and how the tasks are that stream. Changes nothing. */
export function createHandler(dependencies: QueryQuotesDependencies): HttpHandler {
  const { secrets, secretsPrefix: prefix } = dependencies;
  return async (event) => {
    await requireRole(event.headers.authorization, 'viewer', { secrets, prefix });
    const parameters = event.queryStringParameters ?? {};
    if (event.routeKey === 'GET /quotes') return readQuotes(parseQuotesQuery(parameters), dependencies);
    if (event.routeKey === 'GET /streams') {
      checkStreamsQuery(parameters);
      return readStreams(dependencies);
    }
    throw new RequestError('not_found', `${event.routeKey} is not a route of this desk`);
  };
}

async function readQuotes(
  { symbol, venue }: QuotesQuery,
  { quotes, clock }: QueryQuotesDependencies,
): Promise<HttpAnswer> {
  const found = await quotes.read(symbol, venue);
  if (found.length === 0) throw await notStreamed({ symbol, ...(venue && { venue }) }, quotes);
  // Read after the quotes, so that none looks older than it is.
  const heard = await quotes.heard([...new Set(found.map(({ connection }) => connection))]);
  const nowMs = clock.nowMs();
  return {
    status: 200,
    body: { quotes: found.map((quote) => quoteView(quote, heard.get(quote.connection), nowMs)) },
  };
}

/** Says which of the two parameters is in the way, as far as that can be told. */
async function notStreamed(
  { symbol, venue }: QuotesQuery,
  quotes: QueryQuotesDependencies['quotes'],
): Promise<RequestError> {
  const elsewhere = venue === undefined ? [] : await quotes.read(symbol);
  if (elsewhere.length > 0) {
    const venues = elsewhere.map((quote) => quote.venue).join(', ');
    return notFound('venue', `${venue} has no quote of ${symbol}; there is one of ${venues}`);
  }
  const where = venue === undefined ? '' : ` at ${venue}`;
  const fix = 'markets are streamed that `streams` of collection.yaml names, spelled like BTC/USDT or BTC/USDT:USDT';
  return notFound('symbol', `there is no quote of ${symbol}${where}: ${fix}; GET /streams shows how they are`);
}

const notFound = (path: string, message: string): RequestError =>
  new RequestError('not_found', 'there is no such quote', [{ path, message }]);

async function readStreams({ quotes, clock }: QueryQuotesDependencies): Promise<HttpAnswer> {
  const tasks = await quotes.readStatus();
  return { status: 200, body: { atMs: clock.nowMs(), tasks } };
}
