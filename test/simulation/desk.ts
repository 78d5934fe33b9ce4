/** The simulated desk: tables in memory, a queue with rules and venues with rules, and what is remembered of them. */
import { type AccountId, type DeskConfig, type OrderAbilities, orderTypes, secretNames } from '@nightdesk/core';
import { createFakeSecrets, type FakeSecrets } from '../support/fake-secrets.ts';
import { type FakeOrder, FakeVenue } from '../support/fake-venue.ts';
import { btcUsdt, btcUsdtPerpetual, ethUsdt } from '../support/markets.ts';
import { createMemoryCoordination, type MemoryCoordination } from '../support/memory-coordination.ts';
import { MemoryTables } from '../support/memory-stores.ts';
import type { Dice } from './dice.ts';
import { FifoQueue } from './fifo-queue.ts';
import { drawOutages, type Outage } from './outages.ts';
import type { Run } from './run-state.ts';
import { accountIds, configOf, drawSettings, type Settings } from './settings.ts';

export const secretsPrefix = 'simulated';
export const tokens = { source: 'a-source-token', risk: 'a-risk-token', trader: 'a-trader-token' } as const;
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
  /** What each account has at its venue: accounts see nothing of each other there. */
  venues: ReadonlyMap<AccountId, FakeVenue>;
  outages: readonly Outage[];
  secrets: FakeSecrets;
  answers: SignalAnswer[];
  /** Accounts, and `*`, whose switch was set to let less than everything pass by a call that has returned. */
  halted: Map<AccountId | '*', 'reducing' | 'halted'>;
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
    for (const market of tradedMarkets) tables.markets.set(`${venue} ${market.symbol}`, { ...market, venue });
  }
  const outages = drawOutages(dice, venues, { fromMs: startMs, untilMs: startMs + activeMs });
  for (const { venue, kind, fromMs, untilMs } of outages) {
    const what = `${kind} for ${(untilMs - fromMs) / 1000} s`;
    time.after(fromMs - startMs, () => run.trace.add(venue, what));
  }
  const abilities = drawAbilities(dice);
  const fakeVenue = (account: AccountId) =>
    [account, new FakeVenue({ clock: time, markets: tradedMarkets, settlingMs, abilities })] as const;
  return {
    ...{ run, settings, config: configOf(settings), before: undefined, tables, outages },
    ...{ coordination: createMemoryCoordination(), secrets: createSecrets(settings), queue: new FifoQueue(run) },
    venues: new Map(accountIds(settings.accounts).map(fakeVenue)),
    answers: [],
    halted: new Map(),
    venueActsUntilMs: new Map(),
  };
}

/** @throws TypeError for an account that the desk does not have */
export function venueOf({ venues }: Pick<Desk, 'venues'>, account: AccountId): FakeVenue {
  const found = venues.get(account);
  if (found === undefined) throw new TypeError(`the desk has no account ${account}`);
  return found;
}

/** Every market is there, and some venues keep less than others: what they lack is Nightdesk's to keep. */
export const tradedMarkets = [btcUsdt, ethUsdt, btcUsdtPerpetual] as const;

function drawAbilities(dice: Dice): Partial<OrderAbilities> {
  const types = new Set(orderTypes.filter((type) => type === 'market' || type === 'limit' || dice.chance(0.7)));
  return { types, amends: dice.chance(0.6) };
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
        role === 'risk' || role === 'trader' ? tokens[role] : `a-${role}-token`,
      ]),
    ),
  });
}
