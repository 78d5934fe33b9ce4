/** News of orders, as accounts' streams bring them: recorded at once, and what protects their positions brought up to date. */
import type { LoadDeskConfig, Telemetry } from '@nightdesk/aws';
import {
  callStartMsMax,
  compare,
  finalStates,
  listBrackets,
  metricNames,
  needsCare,
  type Order,
  readSwitchesOnce,
} from '@nightdesk/core';
import type { SQSBatchItemFailure, SQSRecord } from 'aws-lambda';
import { keepMarket } from '../shared/keep-market.ts';
import { type LaneBatchOptions, messageBudgetMs, retryPauseSeconds } from '../shared/lane-batch.ts';
import type { FollowRound } from '../shared/order-context.ts';
import { applyNews, type RecordedNews } from './apply-news.ts';
import { createOrderFinder, type FinderDependencies, type FindOrder } from './find-order.ts';
import { parseNews } from './schema.ts';

export interface ApplyOrderNewsDependencies extends Pick<FollowRound, 'ports' | 'liveTrading'> {
  loadConfig: LoadDeskConfig;
  clientOrderIdOf: FinderDependencies['clientOrderIdOf'];
  release: LaneBatchOptions['release'];
  telemetry: Telemetry;
}

/** @param endsAtMs when the invocation is ended from outside; UTC epoch milliseconds */
export type ApplyOrderNews = (records: readonly SQSRecord[], endsAtMs: number) => Promise<SQSBatchItemFailure[]>;

/** News of an order that is not known are handed back so often: for 1, 2 and 4 s. */
export const handedBackMax = 3;
/** Kept free at the end to hand back what was not done. */
const closingMs = 1_000;
/** How long the exits of a market are stayed with before the next news of it have their turn. */
const protectingMsMax = 5_000;

interface Run extends ApplyOrderNewsDependencies {
  find: FindOrder;
  deadlineMs: number;
}

/**
 * Applies a batch: markets of accounts side by side, the news of each one after the other, and its exits once after all of them.
 * Safe to run any number of times on the same news, in any order, and beside tracking.
 *
 * @returns the messages to be delivered again, in SQS's partial batch response
 */
export function createHandler(dependencies: ApplyOrderNewsDependencies): ApplyOrderNews {
  const { clientOrderIdOf, ports } = dependencies;
  const find = createOrderFinder({ orders: ports.orders, clock: ports.clock, clientOrderIdOf });
  return async (records, endsAtMs) => {
    const run: Run = { ...dependencies, find, deadlineMs: endsAtMs - closingMs };
    const lanes = Map.groupBy(records, laneOf);
    const left = (await Promise.all([...lanes.values()].map((lane) => applyLane(lane, run)))).flat();
    await handBack(left, run);
    return left.map(({ messageId }) => ({ itemIdentifier: messageId }));
  };
}

/** The market of an account, whose exits share a position. What is no news is a lane of its own, and told of when its turn comes. */
function laneOf({ body, messageId }: SQSRecord): string {
  try {
    const { account, symbol } = parseNews(body);
    return `${account} ${symbol}`;
  } catch {
    return messageId;
  }
}

/**
 * News that have to wait or fail leave those behind them alone, other than in other queues: each order tells by itself what of
 * it is newer, and somebody else's order must not hold up the desk's. The queue does the same, where each order is a group.
 */
async function applyLane(lane: readonly SQSRecord[], run: Run): Promise<SQSRecord[]> {
  const { telemetry, ports } = run;
  const left: SQSRecord[] = [];
  const changed: RecordedNews[] = [];
  for (const [index, record] of lane.entries()) {
    if (index > 0 && run.deadlineMs - ports.clock.nowMs() < messageBudgetMs) {
      left.push(...lane.slice(index));
      break;
    }
    try {
      const recorded = await applyRecord(record, run);
      if (recorded === 'waits') left.push(record);
      else if (recorded !== 'done') changed.push(recorded);
    } catch (error) {
      telemetry.failure('news of an order could not be applied', error);
      telemetry.count(metricNames.deliveriesFailed);
      left.push(record);
    }
  }
  const markets = Map.groupBy(changed, ({ after }) => `${after.account} ${after.symbol}`);
  for (const [first, ...rest] of markets.values()) await protect(first, rest, run);
  return left;
}

const receivesOf = ({ attributes }: SQSRecord): number => Number(attributes.ApproximateReceiveCount);

/** @returns what has become of the order where its exits are to be looked at */
async function applyRecord(record: SQSRecord, run: Run): Promise<RecordedNews | 'done' | 'waits'> {
  const { telemetry, ports } = run;
  const news = parseNews(record.body);
  const applied = await applyNews(news, receivesOf(record) > handedBackMax, run);
  if (applied.kind === 'waits') return 'waits';
  if (applied.kind === 'dropped') {
    const { account, venue, symbol, order } = news;
    const { reason } = applied;
    telemetry.info('news of an order dropped', { account, venue, symbol, venueOrderId: order.venueOrderId, reason });
    telemetry.count(metricNames.orderNewsDropped);
    return 'done';
  }
  const { before, after } = applied;
  if (after.version !== before.version) telemetry.count(metricNames.orderNewsApplied);
  // Whoever had them before may have ended between recording them and looking at the exits.
  const isRepeated = receivesOf(record) > 1;
  return isRepeated || concernsExits(before, after, ports.clock.nowMs()) ? applied : 'done';
}

/** What was filled, and what is not there any more, changes what is to protect a position. */
function concernsExits(before: Order, after: Order, nowMs: number): boolean {
  const hasEnded = finalStates.has(after.state) && !finalStates.has(before.state);
  if (!hasEnded && compare(after.filled, before.filled) <= 0) return false;
  // Whoever places an entry looks after its exits in the same breath; a second one would only ask the venue the same.
  const isBeingPlaced = before.state === 'intended' && nowMs - before.attemptedAtMs < callStartMsMax;
  return !isBeingPlaced || (after.role ?? 'entry') !== 'entry';
}

/** The exits of a market of which something has changed. What fails is left to tracking, which looks every few seconds. */
async function protect(first: RecordedNews | undefined, rest: readonly RecordedNews[], run: Run): Promise<void> {
  if (first === undefined) return;
  const { ports, telemetry } = run;
  const { account, symbol } = first.after;
  try {
    const listed = await listBrackets(account, symbol, ports);
    // The index may not show yet what was recorded a moment ago.
    const known = new Set(listed.map(({ orderId }) => orderId));
    const concerned = [first, ...rest].map(({ after }) => after.parentId ?? after.orderId);
    const missing = [...new Set(concerned)].filter((orderId) => !known.has(orderId));
    const found = await Promise.all(missing.map((orderId) => ports.orders.get(orderId)));
    const late = found.filter((order) => order !== undefined).filter(({ exits }) => needsCare(exits));
    const deadlineMs = Math.min(run.deadlineMs, ports.clock.nowMs() + protectingMsMax);
    const switches = { ...ports, risk: readSwitchesOnce(ports.risk) };
    await keepMarket([...listed, ...late], { ...first.round, ports: switches, deadlineMs, telemetry });
  } catch (error) {
    telemetry.failure('exits could not be kept', error);
  }
}

async function handBack(left: readonly SQSRecord[], { release, telemetry }: Run): Promise<void> {
  const pauses = Map.groupBy(left, (record) => retryPauseSeconds(receivesOf(record)));
  for (const [seconds, records] of pauses) {
    await release(records, seconds).catch((error: unknown) =>
      telemetry.failure('messages could not be released', error),
    );
  }
}
