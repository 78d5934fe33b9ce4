/** Recordings of books as venues have sent them. Facts of the market, read from a folder beside the project; nothing of it is in here. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasBooks as areBooksThere, booksFolder as folder } from '../../bench/recorded-books.ts';
import type { BinanceDepthEvent, TextLevel } from './replay-book.ts';
import type { KrakenChange } from './replay-venues.ts';

export { bybitRecording } from '../../bench/recorded-books.ts';

const payloads = join(folder, '../payloads/kraken');
export const hasBooks = areBooksThere && existsSync(payloads);
export const skippedWithoutBooks = hasBooks ? '' : ' (skipped: the folder of recorded books is not there)';

export interface BinanceRecording {
  snapshot: { lastUpdateId: number; E: number; T: number; bids: TextLevel[]; asks: TextLevel[] };
  events: (BinanceDepthEvent & { pu: number })[];
}

interface DepthRow {
  atMs: number;
  first: number;
  last: number;
  before: number;
  side: 'b' | 'a';
  level: TextLevel;
}

/** How many rows become one event, and by how much numbers grow with each. */
const rowsOfEvent = 10;
const numbersOfEvent = 10;

/**
 * Perpetual BTC/USDT: a snapshot of a hundred bids, and one event of a hundred levels. They are a day apart, so that the event can never follow
 * the snapshot: `asRecorded` leaves it so. Otherwise its rows are sent in pieces, numbered as if they had followed at once.
 */
export function binanceRecording({ asRecorded }: { asRecorded: boolean }): BinanceRecording {
  const [rows, changes] = [readRows('snapshot'), readRows('update')];
  const [first, change] = [rows[0], changes[0]];
  if (first === undefined || change === undefined) throw new Error('a recording is empty');
  const times = { E: first.atMs, T: first.atMs };
  const snapshot = { lastUpdateId: first.last, ...times, bids: levelsOf(rows, 'b'), asks: levelsOf(rows, 'a') };
  const eventOf = (some: readonly DepthRow[], numbers: Pick<DepthRow, 'first' | 'last' | 'before'>) => ({
    ...{ e: 'depthUpdate' as const, E: change.atMs, T: change.atMs, s: 'BTCUSDT' },
    ...{ U: numbers.first, u: numbers.last, pu: numbers.before, b: levelsOf(some, 'b'), a: levelsOf(some, 'a') },
  });
  if (asRecorded) return { snapshot, events: [eventOf(changes, change)] };
  const events: BinanceRecording['events'] = [];
  for (let begin = 0; begin < changes.length; begin += rowsOfEvent) {
    const before = first.last + events.length * numbersOfEvent;
    const numbers = { first: before + 1, last: before + numbersOfEvent, before };
    events.push(eventOf(changes.slice(begin, begin + rowsOfEvent), numbers));
  }
  return { snapshot, events };
}

/** Columns are symbol, timestamp, first and last number, side, kind of row, price, amount, number before. */
function readRows(name: 'snapshot' | 'update'): DepthRow[] {
  const text = readFileSync(join(folder, `binance-btcusdt-depth-${name}.csv`), 'utf8');
  const rows = text.trim().split('\n').slice(1);
  return rows.map((row) => {
    const [, atMs, first, last, side, , price = '', amount = '', before] = row.trim().split(',');
    if (side !== 'a' && side !== 'b') throw new Error(`this row is neither a bid nor an ask: ${row}`);
    const numbers = { atMs: Number(atMs), first: Number(first), last: Number(last), before: Number(before) };
    return { ...numbers, side, level: [price, amount] };
  });
}

const levelsOf = (rows: readonly DepthRow[], side: DepthRow['side']): TextLevel[] =>
  rows.filter((row) => row.side === side).map(({ level }) => level);

type KrakenBook = readonly [first: KrakenChange, changes: readonly KrakenChange[]];

/**
 * BTC/USD. What was recorded are the three best levels, and so not all that their checksums were made of: those that are sent are made of
 * the levels that are. After the update comes an ask that was recorded over HTTP.
 */
export function krakenRecording(): KrakenBook {
  type Answer = { result: { XBTUSDT: { asks: [price: string, qty: string, time: number][] } } };
  const [snapshot, update] = ['snapshot', 'update'].map((name) => readKraken(join(payloads, `ws_book_${name}.json`)));
  if (snapshot === undefined || update === undefined) throw new Error('a recording is empty');
  const answer = JSON.parse(readFileSync(join(payloads, 'http_order_book.json'), 'utf8')) as Answer;
  const others = answer.result.XBTUSDT.asks.map(([price, qty]) => toRow(Number(price), Number(qty)));
  const known = new Set(snapshot.asks.map(({ price }) => price));
  return [snapshot, [update, { bids: [], asks: others.filter(({ price }) => !known.has(price)) }]];
}

/** With eight decimals of amounts and one of prices, as the pair's are. */
const toRow = (price: number, qty: number) => ({ price: price.toFixed(1), qty: qty.toFixed(8) });

function readKraken(path: string): KrakenChange {
  type Row = { price: number; qty: number };
  const { data } = JSON.parse(readFileSync(path, 'utf8')) as { data: [{ bids: Row[]; asks: Row[] }] };
  const texts = (rows: Row[]) => rows.map(({ price, qty }) => toRow(price, qty));
  return { bids: texts(data[0].bids), asks: texts(data[0].asks) };
}

/** Of https://docs.kraken.com/exchange/guides/websockets/book-checksum-v2, whose checksum is 3310070434, and changes that push levels out of ten. */
export function documentedKrakenBook(): KrakenBook {
  const rows = (text: string) =>
    text.split(' ').map((level) => {
      const [price = '', qty = ''] = level.split(':');
      return { price, qty };
    });
  const asks = [
    '45285.2:0.00100000 45286.4:1.54571953 45286.6:1.54571109 45289.6:1.54560911 45290.2:0.15890660',
    '45291.8:1.54553491 45294.7:0.04454749 45296.1:0.35380000 45297.5:0.09945542 45299.5:0.18772827',
  ];
  const bids = [
    '45283.5:0.10000000 45283.4:1.54582015 45282.1:0.10000000 45281.0:0.10000000 45280.3:1.54592586',
    '45279.0:0.07990000 45277.6:0.03310103 45277.5:0.30000000 45277.3:1.54602737 45276.6:0.15445238',
  ];
  const changes: KrakenChange[] = [
    { bids: rows('45283.6:0.00000001'), asks: [] },
    { bids: [], asks: rows('45285.1:2.50000000 45286.4:0.00000000') },
    { bids: rows('45283.6:0.00000000 45276.6:0.15445238'), asks: rows('45285.1:1.00000000') },
    { bids: rows('45279.0:1000.00000001'), asks: rows('45285.2:0.00000000 45299.5:0.18772827') },
  ];
  return [{ bids: rows(bids.join(' ')), asks: rows(asks.join(' ')) }, changes];
}
