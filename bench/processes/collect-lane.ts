/**
 * Collects a lane of simulated markets for a while and seals its day, as deployed, and counts what that asks of the venue and of all
 * tables. A process of its own, because the time in it is not the machine's.
 *
 * stdin `CollectLaneInput`, stdout `CollectLaneOutput`, both JSON.
 */

import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSeriesRepository } from '@nightdesk/aws';
import { type DeskConfig, periodOf, type VenueId } from '@nightdesk/core';
import { createLocalClient } from '@nightdesk/local/audit/local-tables.ts';
import { laneSymbols } from '../lane-symbols.ts';
import { startTrackingDesk } from '../tracking-desk.ts';

export interface CollectLaneInput {
  /** Of the assembly. */
  directory: string;
  /** As in collection.yaml. */
  every: string;
  /** How long it is collected while it is counted. */
  minutes: number;
}

export interface CollectLaneOutput {
  series: number;
  /** Collecting alone. */
  live: Counted;
  /** Making blocks of a day, and its files; what was collected meanwhile is taken off. */
  sealed: Counted;
}

export interface Counted {
  candles: number;
  venueCalls: number;
  readUnits: number;
  /** Of the table of candles. */
  writeUnits: number;
  /** Of all others, which is where request limits are shared. */
  otherWriteUnits: number;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;
const venue = 'binance' as VenueId;
/** Until every lane had its turn, and sandboxes are warm. */
const warmMinutes = 12;
/** A day is sealed within these minutes after its end: ten of grace, and up to an hour for the lanes to take turns. */
const sealMinutes = 75;
/** As far as the simulated venue lets its clock be moved at once. */
const stepMsMax = 3_600_000;
/** What is under way without a queue, such as the deletion of messages. */
const settleMs = 60;

const input = (await json(process.stdin)) as CollectLaneInput;
const desk = await startTrackingDesk(input.directory, { change: collectsLane });
const client = createLocalClient(desk.awsUrl);
const records = createSeriesRepository(client, desk.tables.candles);
try {
  process.stdout.write(JSON.stringify(await measure()));
} finally {
  client.destroy();
  await desk.close();
}

function collectsLane(config: DeskConfig): DeskConfig {
  const collection = { venues: [venue], symbols: [...laneSymbols], kinds: ['candles' as const], timeframes: ['1m'] };
  return { ...config, collection: { ...config.collection, collections: [{ ...collection, every: input.every }] } };
}

async function measure(): Promise<CollectLaneOutput> {
  const series = laneSymbols.length;
  await pass(warmMinutes);
  const live = await counted(() => pass(input.minutes), series * input.minutes);
  const nowMs = Date.now();
  const endOfDayMs = Math.ceil(nowMs / dayMs) * dayMs;
  const day = periodOf('1m', nowMs);
  // What was missed until midnight is brought before anything is counted again.
  for (let leftMs = endOfDayMs - nowMs; leftMs > 0; leftMs -= stepMsMax)
    await desk.advance(Math.min(leftMs, stepMsMax));
  await pass(warmMinutes / 2);
  const both = await counted(() => pass(sealMinutes), series * 1_440);
  const sealed = (await records.list(venue)).filter((record) => record.sealed === day);
  if (sealed.length !== series) throw new Error(`${sealed.length} of ${series} series have ${day} sealed`);
  const part = sealMinutes / input.minutes;
  const rest = (name: Exclude<keyof Counted, 'candles'>) => both[name] - live[name] * part;
  return {
    ...{ series, live },
    sealed: {
      ...{ candles: both.candles, venueCalls: rest('venueCalls'), readUnits: rest('readUnits') },
      ...{ writeUnits: rest('writeUnits'), otherWriteUnits: rest('otherWriteUnits') },
    },
  };
}

/** Minute by minute, as the schedule has it. */
async function pass(minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1) {
    await desk.advance(minuteMs);
    await desk.run('plan-candles');
    await desk.quiet();
  }
}

async function counted(work: () => Promise<void>, candles: number): Promise<Counted> {
  const before = await totals();
  await work();
  const after = await totals();
  return {
    candles,
    venueCalls: after.venueCalls - before.venueCalls,
    readUnits: after.readUnits - before.readUnits,
    writeUnits: after.writeUnits - before.writeUnits,
    otherWriteUnits: after.otherWriteUnits - before.otherWriteUnits,
  };
}

async function totals() {
  await sleep(settleMs);
  const [{ calls }, { read, write }] = [await desk.simulator.requests(), desk.endpoint.total()];
  const writeUnits = desk.endpoint.ofTable(desk.tables.candles).write;
  return { venueCalls: calls, readUnits: read, writeUnits, otherWriteUnits: write - writeUnits };
}
