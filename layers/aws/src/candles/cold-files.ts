/** What is in a file of candles, of trades and of funding. */
import {
  amount,
  type CandleColumns,
  emptyColumns,
  type FundingPoint,
  type PublicTrade,
  price,
  type Series,
  type Side,
  type Span,
} from '@nightdesk/core';
import {
  encodeParquet,
  type FileColumn,
  openParquet,
  type ParquetFile,
  type ReadColumns,
  type RowGroup,
  startParquet,
} from './parquet.ts';

/** Of the columns and what they mean, for readers that depend on it. */
const formatVersion = '1';
const dayMs = 86_400_000;

function metadataOf(series: Series): Record<string, string> {
  const { venue, symbol, kind } = series;
  const metadata = { 'nightdesk.format': formatVersion, kind, venue, symbol };
  return series.kind === 'candles' ? { ...metadata, timeframe: series.timeframe } : metadata;
}

/** @throws Error when it holds another series than its name says, as one that was put there by hand */
function openFile(series: Series, bytes: Uint8Array): ParquetFile {
  const file = openParquet(bytes);
  const wanted = metadataOf(series);
  for (const name of ['kind', 'venue', 'symbol', 'timeframe']) {
    if (file.metadata[name] === wanted[name]) continue;
    throw new Error(`it holds ${name} ${file.metadata[name]}, and ${wanted[name]} was looked for`);
  }
  return file;
}

const maybe = (values: Float64Array) => Array.from(values, (value) => (Number.isNaN(value) ? undefined : value));

const candleColumns = (candles: CandleColumns): FileColumn[] => [
  { name: 'open_time', kind: 'time', values: candles.openMs },
  { name: 'open', kind: 'number', values: candles.open },
  { name: 'high', kind: 'number', values: candles.high },
  { name: 'low', kind: 'number', values: candles.low },
  { name: 'close', kind: 'number', values: candles.close },
  { name: 'volume', kind: 'number', optional: true, values: maybe(candles.volume) },
  { name: 'quote_volume', kind: 'number', optional: true, values: maybe(candles.quoteVolume) },
  { name: 'trades', kind: 'count', optional: true, values: maybe(candles.trades) },
];

export const encodeCandles = (series: Series, candles: CandleColumns): Uint8Array =>
  encodeParquet(candleColumns(candles), metadataOf(series));

export async function decodeCandles(series: Series, bytes: Uint8Array): Promise<CandleColumns> {
  const { numbers } = await openFile(series, bytes).read();
  return {
    ...{ openMs: numbers('open_time'), open: numbers('open'), high: numbers('high'), low: numbers('low') },
    ...{ close: numbers('close'), volume: numbers('volume'), quoteVolume: numbers('quote_volume') },
    trades: numbers('trades'),
  };
}

const tradeColumns = (trades: readonly PublicTrade[]): FileColumn[] => [
  { name: 'time', kind: 'time', values: trades.map(({ atMs }) => atMs) },
  { name: 'price', kind: 'number', values: trades.map((trade) => Number(trade.price)) },
  { name: 'amount', kind: 'number', values: trades.map((trade) => Number(trade.amount)) },
  { name: 'side', kind: 'text', optional: true, values: trades.map(({ side }) => side) },
  { name: 'trade_id', kind: 'text', optional: true, values: trades.map(({ tradeId }) => tradeId) },
];

export const encodeTrades = (series: Series, trades: readonly PublicTrade[]): Uint8Array =>
  encodeParquet(tradeColumns(trades), metadataOf(series));

/** A file of any length: what is added comes out as the next bytes of it. */
export interface FileEncoder<Rows> {
  add(rows: Rows): Uint8Array;
  end(): Uint8Array;
}

/** The same file as `encodeCandles` makes, piece by piece. */
export function startCandles(series: Series): FileEncoder<CandleColumns> {
  const file = startParquet(candleColumns(emptyColumns), metadataOf(series));
  return { add: (candles) => file.add(candleColumns(candles)), end: () => file.end() };
}

/** The same file as `encodeTrades` makes, piece by piece. */
export function startTrades(series: Series): FileEncoder<readonly PublicTrade[]> {
  const file = startParquet(tradeColumns([]), metadataOf(series));
  return { add: (trades) => file.add(tradeColumns(trades)), end: () => file.end() };
}

export interface TradesFile {
  trades: number;
  /** About how many there are within a span, as if those of a group of rows were spread evenly; 0 only where there are none. */
  countAbout(span: Span): number;
  /** Those within the span. @throws Error when the file is damaged */
  read(span: Span): Promise<PublicTrade[]>;
}

/** @throws Error when this is no file of these trades */
export function openTrades(series: Series, bytes: Uint8Array): TradesFile {
  const file = openFile(series, bytes);
  const groupsNear = ({ fromMs, toMs }: Span) =>
    file.groups.filter(({ first }) => first === undefined || (first.least < toMs && first.greatest >= fromMs));
  return {
    trades: file.rows,
    countAbout: (span) => groupsNear(span).reduce((sum, group) => sum + countOf(group, span), 0),
    async read(span) {
      const trades: PublicTrade[] = [];
      for (const group of groupsNear(span)) {
        for (const trade of tradesOf(await file.read(group), span)) trades.push(trade);
      }
      return trades;
    },
  };
}

/** Of a group that touches the span. One that does not tell its times may have any of its day. */
function countOf({ rowStart, rowEnd, first }: RowGroup, { fromMs, toMs }: Span): number {
  const rows = rowEnd - rowStart;
  if (first === undefined) return rows * Math.min(1, Math.max(0, toMs - fromMs) / dayMs);
  const endMs = first.greatest + 1;
  return (rows * Math.max(0, Math.min(toMs, endMs) - Math.max(fromMs, first.least))) / (endMs - first.least);
}

/** Of each value the shortest decimal that is it: the one that was written, up to 15 digits. */
function* tradesOf({ numbers, column }: ReadColumns, { fromMs, toMs }: Span): Iterable<PublicTrade> {
  const [times, prices, amounts] = [numbers('time'), numbers('price'), numbers('amount')];
  const [sides, ids] = [column('side'), column('trade_id')];
  for (const [index, atMs] of times.entries()) {
    if (atMs < fromMs || atMs >= toMs) continue;
    const trade: PublicTrade = { price: price(String(prices[index])), amount: amount(String(amounts[index])), atMs };
    const [side, tradeId] = [sides[index], ids[index]];
    if (side !== undefined) trade.side = side as Side;
    if (tradeId !== undefined) trade.tradeId = String(tradeId);
    yield trade;
  }
}

export function encodeFunding(series: Series, points: readonly FundingPoint[]): Uint8Array {
  const markPrices = points.map(({ markPrice }) => (markPrice === undefined ? undefined : Number(markPrice)));
  const columns: FileColumn[] = [
    { name: 'time', kind: 'time', values: points.map(({ atMs }) => atMs) },
    { name: 'rate', kind: 'number', values: points.map(({ rate }) => Number(rate)) },
    { name: 'mark_price', kind: 'number', optional: true, values: markPrices },
  ];
  return encodeParquet(columns, metadataOf(series));
}

export async function decodeFunding(series: Series, bytes: Uint8Array): Promise<FundingPoint[]> {
  const { numbers } = await openFile(series, bytes).read();
  const [times, rates, markPrices] = [numbers('time'), numbers('rate'), numbers('mark_price')];
  return Array.from(times, (atMs, index) => {
    const point: FundingPoint = { atMs, rate: amount(String(rates[index])) };
    const markPrice = markPrices[index] as number;
    if (!Number.isNaN(markPrice)) point.markPrice = price(String(markPrice));
    return point;
  });
}
