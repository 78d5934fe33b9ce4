/** What was collected last, in DynamoDB: blocks of series, rows of lanes, and candles that make no sense. */
import { type DynamoDBClient, paginateQuery, QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import {
  type CandleBlock,
  type CandleSeries,
  type CandleStore,
  countOpens,
  type Lane,
  type LaneRow,
  laneKeyOf,
  type Period,
  packMembers,
  type QuarantinedCandle,
  type Span,
  seriesKeyOf,
  spanOfPeriod,
  tableSchemas,
  unpackMembers,
  VersionConflictError,
} from '@nightdesk/core';
import { writeAll } from './batch-write.ts';
import { blockRow, toBlock, toBlockRow } from './block-item.ts';
import {
  type Item,
  isFirst,
  type JoinedRow,
  joinParts,
  keyOf,
  lastPartName,
  partName,
  partsMax,
  rowNameOf,
  type WriteCondition,
  writeParted,
} from './parted-row.ts';

const { partitionKey, sortKey } = tableSchemas.candles;
const timeDigits = 15;
/** How often a row is read again that is being written. */
const readsMax = 5;
/** With fewer candles a block is one row, however little they are alike: eight floats each, and a gap between any two. */
const oneRowMax = 3_000;

/** The latest time that a row's name can have. */
const timeMsMax = 10 ** timeDigits - 1;

const padded = (atMs: number): string => String(atMs).padStart(timeDigits, '0');
/** First and last name of rows within a span, which may be without bounds. */
const namesWithin = ({ fromMs, toMs }: Span): [string, string] => [
  padded(Math.max(0, fromMs)),
  padded(Math.min(timeMsMax, toMs - 1)),
];
const lanePartition = (lane: Lane): string => `lane#${laneKeyOf(lane)}`;
const quarantinePrefix = 'quarantine#';
const quarantineRow = (openMs: number): string => `${quarantinePrefix}${padded(openMs)}`;

interface Table {
  client: DynamoDBClient;
  tableName: string;
}

export function createCandleRepository(client: DynamoDBClient, tableName: string): CandleStore {
  const table: Table = { client, tableName };
  return {
    readBlocks: (series, periods) => readBlocks(table, series, periods),
    readBlock: (series, period) => readBlock(table, series, period),
    writeBlock: (series, block) => writeBlock(table, series, block),
    async deleteBlocks(series, periods) {
      const rows = periods.flatMap((period) => rowsOfBlock(series, period));
      await deleteRows(table, seriesKeyOf(series), rows);
    },
    readLane: (lane, span, symbols) => readLane(table, lane, { span, symbols }),
    lastOfLane: (lane) => lastOfLane(table, lane),
    async writeLane(lane, { plannedAtMs, members }, expiresAtMs) {
      const key = { series: lanePartition(lane), row: padded(plannedAtMs) };
      const bytes = await writeParted(table, { key, data: packMembers(members), head: {}, expiresAtMs });
      return { bytes: bytes ?? 0 };
    },
    async quarantine(candles) {
      const items = new Map(candles.map((candle) => [`${seriesKeyOf(candle.series)} ${candle.openMs}`, candle]));
      const requests = [...items.values()].map((candle) => ({ PutRequest: { Item: quarantineItem(candle) } }));
      await writeAll(client, tableName, requests);
    },
    async readQuarantine(series, span) {
      if (isEmpty(span)) return [];
      const [from, to] = namesWithin(span).map((name) => `${quarantinePrefix}${name}`) as [string, string];
      const range = { from, to };
      const candles: QuarantinedCandle[] = [];
      for await (const items of query(table, seriesKeyOf(series), range)) {
        candles.push(...items.map((item) => toQuarantined(series, item)));
      }
      return candles;
    },
    releaseQuarantine: (series, openTimesMs) =>
      deleteRows(table, seriesKeyOf(series), [...new Set(openTimesMs)].map(quarantineRow)),
  };
}

interface Range {
  /** Names of the first row and the last, both included. */
  from: string;
  to: string;
  isConsistent?: boolean;
}

function queryInput({ tableName }: Table, partition: string, { from, to, isConsistent }: Range): QueryCommandInput {
  return {
    TableName: tableName,
    KeyConditionExpression: '#partition = :partition AND #row BETWEEN :from AND :to',
    ExpressionAttributeNames: { '#partition': partitionKey, '#row': sortKey },
    ExpressionAttributeValues: { ':partition': { S: partition }, ':from': { S: from }, ':to': { S: to } },
    ...(isConsistent && { ConsistentRead: true }),
  };
}

/** Pages of at most 1 MB. */
async function* query(table: Table, partition: string, range: Range): AsyncIterable<Item[]> {
  for await (const page of paginateQuery({ client: table.client }, queryInput(table, partition, range))) {
    yield page.Items ?? [];
  }
}

async function* readBlocks(
  table: Table,
  series: CandleSeries,
  periods: { from: Period; to: Period },
): AsyncIterable<CandleBlock> {
  if (periods.from > periods.to) return;
  const range = { from: blockRow(periods.from), to: lastPartName(blockRow(periods.to)) };
  let held: Item[] = [];
  for await (const page of query(table, seriesKeyOf(series), range)) {
    // The last row of a page may have parts on the next one.
    const items = [...held, ...page];
    const lastAt = items.findLastIndex(isFirst);
    held = items.slice(Math.max(0, lastAt));
    yield* blocksOf(table, series, items.slice(0, Math.max(0, lastAt)));
  }
  yield* blocksOf(table, series, held);
}

async function* blocksOf(table: Table, series: CandleSeries, items: readonly Item[]): AsyncIterable<CandleBlock> {
  for (const joined of joinParts(items)) {
    const block = joined.data === undefined ? await readAgain(table, series, joined) : toBlock(joined, joined.data);
    if (block !== undefined) yield block;
  }
}

const readAgain = (table: Table, series: CandleSeries, { row }: JoinedRow): Promise<CandleBlock | undefined> =>
  readBlock(table, series, row.slice(blockRow('').length));

async function readBlock(table: Table, series: CandleSeries, period: Period): Promise<CandleBlock | undefined> {
  const joined = await readRow(table, seriesKeyOf(series), blockRow(period));
  return joined && toBlock(joined, joined.data);
}

/** Strongly consistent; all parts of one writing. */
async function readRow(table: Table, partition: string, row: string): Promise<Required<JoinedRow> | undefined> {
  for (let read = 0; read < readsMax; read += 1) {
    const items: Item[] = [];
    const range = { from: row, to: lastPartName(row), isConsistent: true };
    for await (const page of query(table, partition, range)) items.push(...page);
    const [joined] = joinParts(items);
    if (joined === undefined) return undefined;
    const { data } = joined;
    if (data !== undefined) return { ...joined, data };
  }
  throw new Error(`${row} of ${partition} was written anew each of ${readsMax} times that it was read`);
}

async function writeBlock(table: Table, series: CandleSeries, block: CandleBlock) {
  const version = block.version + 1;
  const key = { series: seriesKeyOf(series), row: blockRow(block.period) };
  const bytes = await writeParted(table, { key, ...toBlockRow(block, version) }, ifVersion(block.version));
  if (bytes === undefined) throw new VersionConflictError(`the block ${block.period} of ${key.series}`);
  return { version, bytes };
}

/** @param version as it was read; 0 where there was none */
export function ifVersion(version: number): WriteCondition {
  const names = { ExpressionAttributeNames: { '#version': 'version' } };
  if (version === 0) return { ...names, ConditionExpression: 'attribute_not_exists(#version)' };
  const values = { ':version': { N: String(version) } };
  return { ...names, ConditionExpression: '#version = :version', ExpressionAttributeValues: values };
}

/** The row of a block, and all that it may have had as parts: removing what is not there is no error. */
function rowsOfBlock({ timeframe }: CandleSeries, period: Period): string[] {
  const row = blockRow(period);
  if (countOpens(timeframe, spanOfPeriod(period)) <= oneRowMax) return [row];
  return [row, ...Array.from({ length: partsMax - 1 }, (_, index) => partName(row, index + 1))];
}

const deleteRows = ({ client, tableName }: Table, series: string, rows: readonly string[]): Promise<void> =>
  writeAll(
    client,
    tableName,
    rows.map((row) => ({ DeleteRequest: { Key: keyOf({ series, row }) } })),
  );

/** DynamoDB refuses to look for rows from a later name to an earlier one. */
const isEmpty = ({ fromMs, toMs }: Span): boolean => toMs <= Math.max(0, fromMs) || fromMs > timeMsMax;

async function readLane(
  table: Table,
  lane: Lane,
  { span, symbols }: { span: Span; symbols: ReadonlySet<string> | undefined },
): Promise<LaneRow[]> {
  if (isEmpty(span)) return [];
  const items: Item[] = [];
  const [from, to] = namesWithin(span);
  const range = { from, to: lastPartName(to), isConsistent: true };
  for await (const page of query(table, lanePartition(lane), range)) items.push(...page);
  const rows: LaneRow[] = [];
  for (const joined of joinParts(items)) {
    const whole = joined.data === undefined ? await readRow(table, lanePartition(lane), joined.row) : joined;
    if (whole?.data !== undefined) rows.push(toLaneRow(joined.row, whole.data, symbols));
  }
  return rows;
}

async function lastOfLane(table: Table, lane: Lane): Promise<LaneRow | undefined> {
  const range = { from: padded(0), to: lastPartName(padded(timeMsMax)), isConsistent: true };
  const input = { ...queryInput(table, lanePartition(lane), range), ScanIndexForward: false, Limit: 1 };
  const [last] = (await table.client.send(new QueryCommand(input))).Items ?? [];
  if (last === undefined) return undefined;
  const row = rowNameOf(last).slice(0, timeDigits);
  const [joined] = isFirst(last) ? joinParts([last]) : [];
  const data = joined?.data ?? (await readRow(table, lanePartition(lane), row))?.data;
  return data && toLaneRow(row, data);
}

function toLaneRow(row: string, data: Uint8Array, symbols?: ReadonlySet<string>): LaneRow {
  return { plannedAtMs: Number(row), members: unpackMembers(data, symbols) };
}

/** As text: what is set aside makes no sense, and DynamoDB refuses numbers beyond 38 digits or 10^125, a whole batch for one of them. */
function quarantineItem({ series, ...candle }: QuarantinedCandle): Item {
  const key = keyOf({ series: seriesKeyOf(series), row: quarantineRow(candle.openMs) });
  return { ...key, json: { S: JSON.stringify(candle) } };
}

const toQuarantined = (series: CandleSeries, item: Item): QuarantinedCandle => ({
  ...(JSON.parse(item.json?.S ?? '') as Omit<QuarantinedCandle, 'series'>),
  series: { ...series },
});
