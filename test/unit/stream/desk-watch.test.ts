import type { DeskConfig, SymbolRanking } from '@nightdesk/core';
import { DeskWatch, type DeskWatchDependencies } from '@nightdesk/stream/src/plan/desk-watch.ts';
import { expect, it } from 'vitest';
import { deskConfig } from '../../support/desk-config.ts';
import { marketsOf } from '../../support/fake-streams.ts';
import { createSteppingClock } from '../../support/stepping-clock.ts';
import { createRecordingTelemetry } from '../../support/telemetry.ts';

const top = (streams: Record<string, unknown>, rest: Parameters<typeof deskConfig>[0] = {}): DeskConfig =>
  deskConfig({ ...rest, collection: { streams: [{ venues: ['fake'], ...streams }], streamAccounts: false } });

const ranking = (...symbols: string[]): SymbolRanking => ({
  atMs: 0,
  symbols: symbols.map((symbol, index) => ({ symbol, quoteVolume: 1_000 - index })),
});

function watching(config: DeskConfig) {
  const clock = createSteppingClock();
  const telemetry = createRecordingTelemetry();
  const state = { config, markets: marketsOf('A/USDT', 'B/USDT', 'C/USDT'), ranked: ranking('A/USDT'), offers: 0 };
  const failing: { listMarkets?: Error; ranking?: Error; offersOf?: Error } = {};
  const dependencies: DeskWatchDependencies = {
    ...{ clock, telemetry, loadConfig: async () => state.config },
    async listMarkets() {
      if (failing.listMarkets) throw failing.listMarkets;
      return state.markets;
    },
    async ranking() {
      if (failing.ranking) throw failing.ranking;
      return state.ranked;
    },
    async offersOf() {
      if (failing.offersOf) throw failing.offersOf;
      state.offers += 1;
      return { offers: () => 'streamed', subscriptionsMax: 100 };
    },
  };
  const watch = new DeskWatch(dependencies);
  const symbols = () =>
    watch.plan?.units.flatMap((unit) =>
      unit.kind === 'markets' ? unit.subscriptions.map(({ symbol }) => symbol) : [],
    );
  return { clock, telemetry, state, failing, watch, symbols };
}

const select = { select: { quotes: ['USDT'], top: 1 } };

it('streams the most traded markets, and others once an hour has shown that they are', async () => {
  const { clock, state, watch, symbols } = watching(top(select));
  expect(await watch.look()).toBe(true);
  expect(symbols()).toEqual(['A/USDT']);
  state.ranked = ranking('B/USDT', 'C/USDT', 'A/USDT');
  expect(await watch.look()).toBe(false);
  await clock.pass(60 * 60_000);
  expect(await watch.look()).toBe(true);
  expect(symbols()).toEqual(['B/USDT']);
});

it.each(['listMarkets', 'ranking', 'offersOf'] as const)('goes on with what it knew while %s fails', async (what) => {
  const { clock, failing, telemetry, watch, symbols } = watching(top(select));
  await watch.look();
  failing[what] = new Error('no answer');
  await clock.pass(60 * 60_000);
  await watch.look();
  await clock.pass(10_000);
  await watch.look();
  expect(symbols()).toEqual(['A/USDT']);
  // Once, however often it fails.
  expect(telemetry.lines.filter((line) => line.includes('what fake streams cannot be told'))).toHaveLength(1);
  failing[what] = undefined as never;
  await clock.pass(10_000);
  expect(await watch.look()).toBe(true);
  expect(symbols()).toEqual(['A/USDT']);
});

it('says of a venue that streams nothing that it has no streams, and leaves accounts their own', async () => {
  const { failing, telemetry, watch } = watching(
    deskConfig({ collection: { streams: [{ venues: ['fake'], symbols: ['A/USDT'] }] } }),
  );
  failing.offersOf = new Error('"fake" streams nothing');
  await watch.look();
  expect(watch.plan?.units.map(({ id }) => id)).toEqual(['fake#account#main', 'fake#account#second']);
  expect(telemetry.lines.join()).toContain('no_streams');
});

it('asks anew what a venue streams when it is configured otherwise', async () => {
  const { state, watch } = watching(top({ symbols: ['A/USDT'] }));
  await watch.look();
  await watch.look();
  expect(state.offers).toBe(1);
  state.config = top({ symbols: ['A/USDT'] }, { exchanges: { fake: { timeoutMs: 4_000 } } });
  await watch.look();
  expect(state.offers).toBe(2);
});

it('ends what streams at a venue that is switched off, accounts included', async () => {
  const on = deskConfig({ collection: { streams: [{ venues: ['fake'], symbols: ['A/USDT'] }] } });
  const { state, watch } = watching(on);
  await watch.look();
  expect(watch.plan?.units).toHaveLength(3);
  const off = { exchanges: { fake: { enabled: false } }, collection: on.collection };
  state.config = deskConfig(off);
  await watch.look();
  expect(watch.plan?.units).toEqual([]);
});
