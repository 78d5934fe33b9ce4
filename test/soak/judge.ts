/** Compares desk and venues until they agree, or says what they do not agree about. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Market, Order } from '@nightdesk/core';
import { type BracketCounts, judgeBrackets } from './judge-brackets.ts';
import {
  type DeskPosition,
  judgeOrders,
  judgePositions,
  type Paired,
  pairOrders,
  positionsAtVenues,
  type Violation,
} from './judge-orders.ts';
import type { SoakDesk } from './soak-desk.ts';
import { readVenueOrders } from './venue-truth.ts';

/** A signal that was answered 202, and the accounts it was for. */
export interface AcceptedSignal {
  signalId: string;
  accounts: readonly string[];
  kind: string;
  body: unknown;
}

export interface Verdict {
  violations: Violation[];
  pairs: Paired[];
  brackets: BracketCounts;
}

/** Judges of one kind of run, beside what always has to hold. */
export type ExtraJudge = (pairs: readonly Paired[]) => Violation[];

const pollEveryMs = 1_000;
const logEvery = 15;

export interface Judging {
  signals: readonly AcceptedSignal[];
  markets: ReadonlyMap<string, Market>;
  extra?: ExtraJudge;
}

/** Looks once. */
export async function judge(soak: SoakDesk, { signals, markets, extra }: Judging): Promise<Verdict> {
  const { desk } = soak;
  const orders = await desk.records.orders();
  const venueOrders = await readVenueOrders(soak);
  const counts = await desk.records.counts();
  const { body } = await desk.call<{ positions: DeskPosition[] }>('GET', '/positions');
  const { pairs, violations } = pairOrders(orders, venueOrders);
  const positions = positionsAtVenues(pairs);
  const brackets = judgeBrackets({ pairs, markets, positions });
  return {
    ...{ pairs, brackets: brackets.counts },
    violations: [
      ...violations,
      ...judgeSignals(signals, orders),
      ...judgeQueues(counts),
      ...judgeOrders(pairs),
      ...judgePositions(body.positions, positions),
      ...brackets.violations,
      ...(extra?.(pairs) ?? []),
    ],
  };
}

/** Every account of every signal has a row of its own: an order, or why there is none. */
function judgeSignals(signals: readonly AcceptedSignal[], orders: readonly Order[]): Violation[] {
  const bySignal = Map.groupBy(orders, ({ signalId }) => signalId as string);
  return signals.flatMap(({ signalId, accounts }) => {
    const rows = bySignal.get(signalId) ?? [];
    const isOwn = ({ role = 'entry', replaces }: Order) => role === 'entry' && replaces === undefined;
    return accounts.flatMap((account) => {
      const own = rows.filter((order) => order.account === account && isOwn(order));
      if (own.length === 1) return [];
      return [{ what: `the signal has ${own.length} rows of the account ${account} instead of one`, signalId }];
    });
  });
}

function judgeQueues(counts: Readonly<Record<string, number>>): Violation[] {
  return Object.entries(counts)
    .filter(([name, count]) => count > 0 && (name.endsWith('-signals.fifo') || name.endsWith('-signals-dead.fifo')))
    .map(([name, count]) => ({ what: `${count} messages are in ${name}` }));
}

/**
 * Looks again and again until nothing is wrong, as prices go on moving. Tracking comes once a minute; to save the wait it is
 * fired at every look, too.
 */
export async function judgeUntilAgreed(
  soak: SoakDesk,
  judging: Judging,
  { withinMs, log }: { withinMs: number; log: (message: string) => void },
): Promise<Verdict> {
  const endsAtMs = performance.now() + withinMs;
  for (let look = 1; ; look++) {
    const verdict = await judge(soak, judging);
    const { violations } = verdict;
    if (violations.length === 0 || performance.now() > endsAtMs) return verdict;
    trackNow(soak);
    if (look % logEvery === 1) log(`${violations.length} things do not agree yet, such as: ${describe(violations[0])}`);
    await sleep(pollEveryMs);
  }
}

/** Refused where a run is under way, which does as well; what fails in one is what is judged. */
function trackNow({ desk }: SoakDesk): void {
  desk.cloud.tick('track-orders').catch(() => undefined);
}

export const describe = (violation: Violation | undefined): string =>
  violation === undefined ? '' : [violation.orderId ?? violation.signalId, violation.what].filter(Boolean).join(' ');

/** Everything about a violation that somebody would look for first. */
export async function explain(
  violation: Violation,
  { desk }: SoakDesk,
  { verdict, signals }: { verdict: Verdict; signals: readonly AcceptedSignal[] },
): Promise<object> {
  const { orderId } = violation;
  const pair = verdict.pairs.find(({ order }) => order.orderId === orderId);
  const signalId = violation.signalId ?? pair?.order.signalId;
  const family = verdict.pairs.filter(({ order }) => order.signalId === signalId);
  const events = orderId === undefined ? undefined : (await desk.call('GET', `/orders/${orderId}/events`)).body;
  return {
    violation: describe(violation),
    signal: signals.find((signal) => signal.signalId === signalId),
    order: pair?.order,
    atVenue: pair?.atVenue?.report,
    ofTheSameSignal: family.map(({ order, atVenue }) => ({
      ...{ orderId: order.orderId, account: order.account, role: order.role, state: order.state },
      ...{ amount: order.amount, filled: order.filled, cause: order.cause, replaces: order.replaces },
      ...{ venueStatus: atVenue?.status, venueExecuted: atVenue?.executed },
    })),
    events,
    log: orderId === undefined ? [] : desk.log.filter((line) => line.includes(orderId)),
  };
}
