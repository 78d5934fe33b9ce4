/** The simulated desk: tables in memory, a queue with rules and venues with rules, and what is remembered of them. */
import { type AccountId, type DeskConfig, secretNames, type VenueId } from '@nightdesk/core';
import { createFakeSecrets, type FakeSecrets } from '../support/fake-secrets.ts';
import { type FakeOrder, FakeVenue } from '../support/fake-venue.ts';
import { btcUsdt, ethUsdt } from '../support/markets.ts';
import { createMemoryCoordination, type MemoryCoordination } from '../support/memory-coordination.ts';
import { MemoryTables } from '../support/memory-stores.ts';
import { FifoQueue } from './fifo-queue.ts';
import { drawOutages, type Outage } from './outages.ts';
import type { Run } from './run-state.ts';
import { accountIds, configOf, drawSettings, type Settings } from './settings.ts';

export const secretsPrefix = 'simulated';
export const tokens = { source: 'a-source-token', risk: 'a-risk-token' } as const;
export const settlingMs = 8_000;
export const startMs = Date.UTC(2026, 10, 21);
/** How long senders, the operator, the owner and the market are at work, and things go wrong. */
export const activeMs = 120_000;

/** What a handler answered to one delivery of a signal, whether or not the sender heard it. */
export interface SignalAnswer {
  /** Which of the sender's signals it was. */
  signal: string;
  status: number;
  signalId: string;
}

export interface Desk {
  run: Run;
  settings: Settings;
  config: DeskConfig;
  /** What it was before the owner changed it; some functions still have it until then. */
  before: { config: DeskConfig; untilMs: number } | undefined;
  tables: MemoryTables;
  coordination: MemoryCoordination;
  queue: FifoQueue;
  venues: ReadonlyMap<VenueId, FakeVenue>;
  outages: readonly Outage[];
  secrets: FakeSecrets;
  answers: SignalAnswer[];
  /** Accounts, and `*`, whose switch was set to halted by a call that has returned. */
  halted: Set<AccountId | '*'>;
  /** Until when the venue may still act on calls that placed an order, by client order id; UTC epoch milliseconds. */
  venueActsUntilMs: Map<string, number>;
}

/** A desk with seeded settings: cautious and eager sources, tight and wide limits, lanes by account or by symbol. */
export function createDesk(run: Run): Desk {
  const { dice, time } = run;
  const settings = drawSettings(dice);
  const { venues } = settings;
  const tables = new MemoryTables();
  for (const venue of venues) {
    for (const market of [btcUsdt, ethUsdt]) tables.markets.set(`${venue} ${market.symbol}`, { ...market, venue });
  }
  const outages = drawOutages(dice, venues, { fromMs: startMs, untilMs: startMs + activeMs });
  for (const { venue, kind, fromMs, untilMs } of outages) {
    const what = `${kind} for ${(untilMs - fromMs) / 1000} s`;
    time.after(fromMs - startMs, () => run.trace.add(venue, what));
  }
  const fakeVenue = (venue: VenueId) =>
    [venue, new FakeVenue({ clock: time, markets: [btcUsdt, ethUsdt], settlingMs })] as const;
  return {
    ...{ run, settings, config: configOf(settings), before: undefined, tables, outages },
    ...{ coordination: createMemoryCoordination(), secrets: createSecrets(settings), queue: new FifoQueue(run) },
    venues: new Map(venues.map(fakeVenue)),
    answers: [],
    halted: new Set(),
    venueActsUntilMs: new Map(),
  };
}

/** @throws TypeError for a venue that the desk does not have */
export function venueOf({ venues }: Pick<Desk, 'venues'>, venue: VenueId): FakeVenue {
  const found = venues.get(venue);
  if (found === undefined) throw new TypeError(`the desk has no venue ${venue}`);
  return found;
}

/** What the venues hold under a client order id, wherever that is. */
export const ordersWith = ({ venues }: Desk, clientOrderId: string): FakeOrder[] =>
  [...venues.values()]
    .flatMap((venue) => venue.orders)
    .filter(({ request }) => request.clientOrderId === clientOrderId);

function createSecrets({ accounts }: Settings): FakeSecrets {
  return createFakeSecrets({
    ...Object.fromEntries(accountIds(accounts).map((account) => [`accounts/${account}`, 'a-trading-key'])),
    [secretNames.source(secretsPrefix, 'cautious', 'token')]: tokens.source,
    [secretNames.source(secretsPrefix, 'eager', 'token')]: tokens.source,
    ...Object.fromEntries(
      (['viewer', 'trader', 'risk', 'admin'] as const).map((role) => [
        secretNames.token(secretsPrefix, role),
        role === 'risk' ? tokens.risk : `a-${role}-token`,
      ]),
    ),
  });
}
