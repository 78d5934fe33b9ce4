import { type HttpAnswer, type HttpContent, type HttpContentHandler, requireRole } from '@nightdesk/aws';
import {
  type CandleSeries,
  type CandleTextFormat,
  type Clock,
  candleTextColumns,
  RequestError,
  type Secrets,
  seriesKeyOf,
  tradedSpan,
} from '@nightdesk/core';
import { readPage, readStretches } from './candle-page.ts';
import { acceptsGzip, bytesMaxOf, openBody } from './content.ts';
import { type CoverageDependencies, readCoverage } from './coverage.ts';
import { writeCursor } from './cursor.ts';
import { type FoundSeries, findSeries } from './find-series.ts';
import { type CandlesQuery, parseCandlesQuery } from './schema.ts';

export interface QueryCandlesDependencies extends CoverageDependencies {
  secrets: Secrets;
  secretsPrefix: string;
  clock: Pick<Clock, 'nowMs'>;
}

type Event = Parameters<HttpContentHandler>[0];

/** Answers questions about candles. Changes nothing. */
export function createHandler(dependencies: QueryCandlesDependencies): HttpContentHandler {
  const { secrets, secretsPrefix: prefix } = dependencies;
  return async (event): Promise<HttpAnswer | HttpContent> => {
    await requireRole(event.headers.authorization, 'viewer', { secrets, prefix });
    const parameters = event.queryStringParameters ?? {};
    if (event.routeKey === 'GET /candles') return readCandles(event, dependencies);
    if (event.routeKey === 'GET /candles/coverage') return readCoverage(parameters, dependencies);
    throw new RequestError('not_found', `${event.routeKey} is not a route of this desk`);
  };
}

async function readCandles(event: Event, dependencies: QueryCandlesDependencies): Promise<HttpContent> {
  const { reader, series: store, clock } = dependencies;
  const query = parseCandlesQuery(event.queryStringParameters ?? {}, clock.nowMs());
  const { series, span, startMs, format, limit } = query;
  const found = await findSeries(series, store);
  const isGzipped = acceptsGzip(event.headers['accept-encoding']);
  const bounds = { format, limit, bytesMax: bytesMaxOf(isGzipped) };
  const left = tradedSpan({ fromMs: startMs, toMs: span.toMs }, clock.nowMs());
  const body = openBody(isGzipped);
  await body.write(Buffer.from(headOf(query, found)));
  const { nextMs } = await readPage(readStretches(reader, { series, span: left }, bounds), bounds, body.write);
  const next = nextMs === undefined ? undefined : cursorOf(query, nextMs);
  if (format === 'json') await body.write(Buffer.from(`],"next":${JSON.stringify(next ?? null)}}`));
  return {
    status: 200,
    headers: {
      ...{ 'content-type': contentTypes[format], vary: 'accept-encoding' },
      ...(isGzipped && { 'content-encoding': 'gzip' }),
      ...(found.derivedFrom !== undefined && { 'x-derived-from': found.derivedFrom }),
      ...(next !== undefined && { 'x-next-cursor': next, link: `<${addressOf(query, next)}>; rel="next"` }),
    },
    content: await body.end(),
  };
}

const contentTypes: Readonly<Record<CandleTextFormat, string>> = {
  json: 'application/json',
  csv: 'text/csv; charset=utf-8; header=present',
};

const cursorOf = ({ series, span }: CandlesQuery, nextMs: number): string =>
  writeCursor(seriesKeyOf(series), [span.fromMs, span.toMs, nextMs]);

/** Relative to the API's own address, which the function does not know. */
function addressOf({ series, format, limit }: CandlesQuery, cursor: string): string {
  const { venue, symbol, timeframe }: CandleSeries = series;
  return `/candles?${new URLSearchParams({ venue, symbol, timeframe, format, limit: String(limit), cursor })}`;
}

/** What stands before the first candle. */
function headOf({ series, span, format }: CandlesQuery, found: FoundSeries): string {
  if (format === 'csv') return `${candleTextColumns.join(',')}\n`;
  const { kind: _kind, ...named } = series;
  const head = JSON.stringify({ ...named, ...found, from: span.fromMs, to: span.toMs, columns: candleTextColumns });
  return `${head.slice(0, -1)},"candles":[`;
}
