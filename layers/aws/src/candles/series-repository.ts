/** What is known of series and their venues, in DynamoDB: a row per series, per incident and per ranking below `index#<venue>`. */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
} from '@aws-sdk/client-dynamodb';
import {
  type SeriesRecord,
  type SeriesStore,
  type Span,
  type SymbolRanking,
  seriesKeyOf,
  tableSchemas,
  type VenueId,
  type VenueIncident,
  VersionConflictError,
} from '@nightdesk/core';
import { transact } from '../transact.ts';
import { ifVersion } from './candle-repository.ts';
import { type Item, keyOf, rowNameOf } from './parted-row.ts';
import { squeezeJson, unsqueezeJson } from './squeezed-json.ts';

const { partitionKey, sortKey } = tableSchemas.candles;
const venuesPartition = 'venues';
const venuePartition = (venue: VenueId): string => `index#${venue}`;
const seriesPrefix = 'series#';
const incidentPrefix = 'incident#';
/** The incident that lasts, or the last one, which then has `endedMs`: one row, so that there cannot be two that last. */
const lastRow = 'last-incident';
const rankingRow = 'ranking';
const timeDigits = 15;
const timeMsMax = 10 ** timeDigits - 1;
/** More than there are in most periods. */
const incidentsPerPage = 20;

const incidentRow = (fromMs: number): string => `${incidentPrefix}${String(fromMs).padStart(timeDigits, '0')}`;

interface Table {
  client: DynamoDBClient;
  tableName: string;
}

export function createSeriesRepository(client: DynamoDBClient, tableName: string): SeriesStore {
  const table: Table = { client, tableName };
  return {
    async get(series) {
      const item = await readRow(table, series.venue, `${seriesPrefix}${seriesKeyOf(series)}`);
      return item && toRecord(item);
    },
    async list(venue) {
      return (await readRows(table, venuePartition(venue), seriesPrefix)).map(toRecord);
    },
    async venues() {
      return (await readRows(table, venuesPartition, '')).map((item) => rowNameOf(item) as VenueId);
    },
    save: (record) => save(table, record),
    incidents: (venue, span) => incidents(table, venue, span),
    openIncident: (venue, incident) => openIncident(table, venue, incident),
    closeIncident: (venue, atMs) => closeIncident(table, venue, atMs),
    async ranking(venue) {
      const item = await readRow(table, venue, rankingRow);
      return item?.data?.B && (unsqueezeJson(item.data.B) as SymbolRanking);
    },
    async saveRanking(venue, ranking) {
      const Item = { ...keyOf({ series: venuePartition(venue), row: rankingRow }), data: { B: squeezeJson(ranking) } };
      await client.send(new PutItemCommand({ TableName: tableName, Item }));
    },
  };
}

/** Strongly consistent. */
async function readRow({ client, tableName }: Table, venue: VenueId, row: string): Promise<Item | undefined> {
  const Key = keyOf({ series: venuePartition(venue), row });
  return (await client.send(new GetItemCommand({ TableName: tableName, Key, ConsistentRead: true }))).Item;
}

/** Strongly consistent; in order of their names. */
async function readRows({ client, tableName }: Table, partition: string, prefix: string): Promise<Item[]> {
  const isAll = prefix === '';
  const values: Item = { ':partition': { S: partition } };
  const input = {
    TableName: tableName,
    KeyConditionExpression: isAll
      ? '#partition = :partition'
      : '#partition = :partition AND begins_with(#row, :prefix)',
    ExpressionAttributeNames: { '#partition': partitionKey, ...(!isAll && { '#row': sortKey }) },
    ExpressionAttributeValues: isAll ? values : { ...values, ':prefix': { S: prefix } },
    ConsistentRead: true,
  };
  const items: Item[] = [];
  for await (const page of paginateQuery({ client }, input)) items.push(...(page.Items ?? []));
  return items;
}

const jsonOf = (item: Item): unknown => JSON.parse(item.json?.S ?? '');
const toRecord = (item: Item): SeriesRecord => jsonOf(item) as SeriesRecord;
const jsonValue = (value: unknown): AttributeValue => ({ S: JSON.stringify(value) });

async function save({ client, tableName }: Table, record: SeriesRecord): Promise<SeriesRecord> {
  const { venue } = record.series;
  // First, so that no series is left out of what is listed by venue: a venue without any is nothing worse than a query too many.
  if (record.version === 0) {
    await client.send(
      new PutItemCommand({ TableName: tableName, Item: keyOf({ series: venuesPartition, row: venue }) }),
    );
  }
  const saved: SeriesRecord = { ...record, version: record.version + 1 };
  const key = keyOf({ series: venuePartition(venue), row: `${seriesPrefix}${seriesKeyOf(record.series)}` });
  const Item = { ...key, version: { N: String(saved.version) }, json: jsonValue(saved) };
  try {
    await client.send(new PutItemCommand({ TableName: tableName, Item, ...ifVersion(record.version) }));
  } catch (error) {
    const isConflict = error instanceof ConditionalCheckFailedException;
    throw isConflict ? new VersionConflictError(`the series ${seriesKeyOf(record.series)}`) : error;
  }
  return structuredClone(saved);
}

/** Rows of incidents are kept for good, so those long before the span are not looked at: whether one lasts is one row. */
async function incidents(table: Table, venue: VenueId, { fromMs, toMs }: Span): Promise<VenueIncident[]> {
  // This one first: what ends in between is then among those that have ended, and not missed.
  const lastItem = await readRow(table, venue, lastRow);
  if (lastItem === undefined) return [];
  const last = toIncident(lastItem);
  // One begins when the one before is over, so none of those reaches into the span.
  const ended = last.fromMs <= fromMs ? [] : await endedIncidents(table, venue, { fromMs, toMs });
  const isAmongThem = ended.some((incident) => incident.fromMs === last.fromMs);
  return (isAmongThem ? ended : [...ended, last])
    .filter((incident) => incident.fromMs < toMs && (incident.toMs ?? Number.POSITIVE_INFINITY) > fromMs)
    .sort((left, right) => left.fromMs - right.fromMs);
}

/** Of those that ended, the ones that began within a span, and the one before them. Strongly consistent. */
async function endedIncidents(
  { client, tableName }: Table,
  venue: VenueId,
  { fromMs, toMs }: Span,
): Promise<VenueIncident[]> {
  if (toMs <= 0) return [];
  const input = {
    TableName: tableName,
    KeyConditionExpression: '#partition = :partition AND #row BETWEEN :from AND :to',
    ExpressionAttributeNames: { '#partition': partitionKey, '#row': sortKey },
    ExpressionAttributeValues: {
      ':partition': { S: venuePartition(venue) },
      ':from': { S: incidentRow(0) },
      ':to': { S: incidentRow(Math.min(toMs - 1, timeMsMax)) },
    },
    ConsistentRead: true,
    ScanIndexForward: false,
    Limit: incidentsPerPage,
  };
  const found: VenueIncident[] = [];
  for await (const { Items = [] } of paginateQuery({ client }, input)) {
    found.push(...Items.map(toIncident));
    if (found.some((incident) => incident.fromMs <= fromMs)) break;
  }
  return found;
}

const toIncident = (item: Item): VenueIncident => jsonOf(item) as VenueIncident;

async function openIncident({ client, tableName }: Table, venue: VenueId, incident: VenueIncident): Promise<void> {
  const Item = {
    ...keyOf({ series: venuePartition(venue), row: lastRow }),
    fromMs: { N: String(incident.fromMs) },
    json: jsonValue(incident),
  };
  try {
    await client.send(new PutItemCommand({ TableName: tableName, Item, ...ifNoneLasts }));
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

const ifNoneLasts = { ConditionExpression: 'attribute_not_exists(fromMs) OR attribute_exists(endedMs)' };

/**
 * Who closes it second finds that there is none, or another one, and has nothing to do. Nothing is removed, which would take one
 * permission more.
 */
async function closeIncident({ client, tableName }: Table, venue: VenueId, atMs: number): Promise<void> {
  const last = await readRow({ client, tableName }, venue, lastRow);
  if (last === undefined || last.endedMs !== undefined) return;
  const incident = toIncident(last);
  const ended = { ...incident, toMs: Math.max(incident.fromMs, atMs) };
  const series = venuePartition(venue);
  const json = jsonValue(ended);
  const Item = { ...last, endedMs: { N: String(ended.toMs) }, json };
  const ifItLasts = {
    ConditionExpression: 'fromMs = :fromMs AND attribute_not_exists(endedMs)',
    ExpressionAttributeValues: { ':fromMs': { N: String(incident.fromMs) } },
  };
  await transact(client, [
    { Put: { TableName: tableName, Item, ...ifItLasts } },
    { Put: { TableName: tableName, Item: { ...keyOf({ series, row: incidentRow(incident.fromMs) }), json } } },
  ]);
}
