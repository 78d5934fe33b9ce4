/** The simulated desk: tables in memory, a queue with rules and a venue with rules, and what is remembered of them. */
import { type AccountId, type DeskConfig, secretNames } from '@nightdesk/core';
import { deskConfig } from '../support/desk-config.ts';
import { createFakeSecrets, type FakeSecrets } from '../support/fake-secrets.ts';
import { FakeVenue } from '../support/fake-venue.ts';
import { btcUsdt, ethUsdt } from '../support/markets.ts';
import { MemoryTables } from '../support/memory-stores.ts';
import { FifoQueue } from './fifo-queue.ts';
import type { Run } from './run-state.ts';

export const secretsPrefix = 'simulated';
export const accounts = ['main', 'second'] as const;
export const tokens = { source: 'a-source-token', risk: 'a-risk-token' } as const;
export const settlingMs = 8_000;

/** What a handler answered to one delivery of a signal, whether or not the sender heard it. */
export interface SignalAnswer {
  /** Which of the sender's signals it was. */
  signal: string;
  status: number;
  signalId: string;
}

export interface Desk {
  run: Run;
  config: DeskConfig;
  tables: MemoryTables;
  queue: FifoQueue;
  venue: FakeVenue;
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
  const tables = new MemoryTables();
  for (const market of [btcUsdt, ethUsdt]) tables.markets.set(`${market.venue} ${market.symbol}`, market);
  // A window as long as senders resend: a resend after it is a new signal by definition, not by defect.
  const source = { authentication: ['token'], accounts, defaultAccount: 'main', duplicateWindowSeconds: 300 };
  const config = deskConfig({
    exchanges: { fake: { risingNonces: dice.chance(0.3) } },
    sources: { cautious: source, eager: { ...source, onUnknown: 'place_again' } },
    risk: { default: { orderNotionalMax: '1000', openNotionalMax: dice.pick(['700', '5000', '100000']) } },
  });
  const secrets = createFakeSecrets({
    ...Object.fromEntries(accounts.map((account) => [`accounts/${account}`, 'a-trading-key'])),
    [secretNames.source(secretsPrefix, 'cautious', 'token')]: tokens.source,
    [secretNames.source(secretsPrefix, 'eager', 'token')]: tokens.source,
    ...Object.fromEntries(
      (['viewer', 'trader', 'risk', 'admin'] as const).map((role) => [
        secretNames.token(secretsPrefix, role),
        role === 'risk' ? tokens.risk : `a-${role}-token`,
      ]),
    ),
  });
  return {
    ...{ run, config, tables, secrets, queue: new FifoQueue(run), answers: [] },
    venue: new FakeVenue({ clock: time, markets: [btcUsdt, ethUsdt], settlingMs }),
    halted: new Set(),
    venueActsUntilMs: new Map(),
  };
}
