import type { AccountId, AccountUnit, LiveTrade, StreamIncident } from '@nightdesk/core';
import { accountOf } from '@nightdesk/core';
import { StreamMeter } from '@nightdesk/stream/src/status/stream-meter.ts';
import { openAccountRunner } from '@nightdesk/stream/src/units/account-runner.ts';
import { accountSymbols } from '@nightdesk/stream/src/units/account-symbols.ts';
import { openMarketRunner } from '@nightdesk/stream/src/units/market-runner.ts';
import type { RunnerEnd } from '@nightdesk/stream/src/units/unit-runner.ts';
import { expect, it } from 'vitest';
import { deskConfig } from '../../support/desk-config.ts';
import { createRecordingPublisher, FakeVenue, fakeVenueId, marketUnit } from '../../support/fake-streams.ts';
import { createSteppingClock } from '../../support/stepping-clock.ts';
import { createRecordingTelemetry } from '../../support/telemetry.ts';

const config = deskConfig();
const unit = marketUnit(0, ['BTC/USDT', 'ETH/USDT']);

function parts() {
  const clock = createSteppingClock();
  const telemetry = createRecordingTelemetry();
  const meter = new StreamMeter({ telemetry, clock, monotonicMs: clock.monotonicMs });
  const publisher = createRecordingPublisher(clock);
  const venue = new FakeVenue(clock);
  const ends: RunnerEnd[] = [];
  const shared = { publisher, meter, monotonicMs: clock.monotonicMs };
  return { clock, telemetry, meter, publisher, venue, ends, shared, onEnd: (end: RunnerEnd) => void ends.push(end) };
}

async function markets({ learn = async () => {} }: { learn?(symbols: readonly string[]): Promise<void> } = {}) {
  const { shared, venue, onEnd, ...rest } = parts();
  const runner = await openMarketRunner(
    unit,
    { config, onEnd },
    {
      ...{ ...shared, connection: 'c1' },
      openPort: async (wanted) => ({ ...(await venue.openMarkets(wanted)), learn }),
    },
  );
  const [connection] = venue.connections;
  if (connection === undefined) throw new Error('nothing was opened');
  return { ...rest, venue, runner, connection };
}

it('counts and publishes everything that comes, and tells how much of it there is', async () => {
  const { clock, meter, publisher, connection, runner } = await markets();
  await clock.pass(300);
  const receivedMs = clock.nowMs();
  const of = { symbol: 'BTC/USDT', receivedMs };
  const { listener } = connection;
  const trade = { ...of, atMs: receivedMs - 30, price: '1', amount: '1' } as LiveTrade;
  listener.trades([trade, trade]);
  listener.trades([]);
  listener.ticker({ ...of, bid: 1 });
  listener.tickerLost('BTC/USDT');
  listener.candle({ ...of, timeframe: '1m', openTimeMs: 0, open: 1, high: 1, low: 1, close: 1, volume: 1 });
  listener.funding({ ...of, rate: '0.0001' });
  listener.liquidation({ ...of, price: '1', atMs: receivedMs - 50 });
  expect(publisher.lines).toEqual([
    'c1 opened for fake#markets#0, heard false',
    'c1 wants BTC/USDT ETH/USDT',
    'c1 book BTC/USDT',
    'c1 book ETH/USDT',
    ...['c1 2 trades', 'c1 ticker BTC/USDT', 'c1 lost the ticker BTC/USDT'],
    ...['c1 candle BTC/USDT', 'c1 funding BTC/USDT', 'c1 liquidation BTC/USDT'],
  ]);
  runner.confirm();
  expect(publisher.lines.at(-1)).toBe('c1 confirms');
  const kinds = meter.figures().map(({ kind, subscriptions, lagMs }) => [kind, subscriptions, lagMs !== undefined]);
  expect(kinds).toEqual([
    ['books', 2, true],
    ['trades', 0, true],
    ['tickers', 0, false],
    ['candles', 0, false],
    ['funding', 0, false],
    ['liquidations', 0, true],
  ]);
  expect(runner.status).toEqual({ unit: unit.id, venue: 'fake', subscriptions: 2, isOpen: true, heardMs: receivedMs });
  await runner.close();
  expect(publisher.lines.at(-1)).toBe('c1 closed');
  expect(meter.figures().map(({ subscriptions }) => subscriptions)).toEqual([0, 0, 0, 0, 0, 0]);
});

it('runs once every book is there, and goes on running while one is fetched anew', async () => {
  const { clock, connection, runner, publisher } = await markets();
  expect([runner.isRunning, runner.booksLost]).toEqual([false, 2]);
  await clock.pass(300);
  expect([runner.isRunning, runner.booksLost]).toEqual([true, 0]);
  connection.listener.bookLost('ETH/USDT');
  connection.listener.bookLost('NOT/WANTED');
  expect([runner.isRunning, runner.booksLost]).toEqual([true, 1]);
  expect(publisher.lines).toContain('c1 lost ETH/USDT');
  connection.isOpen = false;
  expect(runner.isRunning).toBe(false);
});

it('tells the connection of new markets once their definitions are known, however often that takes', async () => {
  const asked: string[] = [];
  let failures = 1;
  const { clock, runner, connection, telemetry } = await markets({
    async learn(symbols) {
      asked.push(symbols.join(' '));
      failures -= 1;
      if (failures >= 0) throw new Error('no answer');
    },
  });
  await clock.pass(300);
  const wanted = () => connection.wanted.map(({ symbol }) => symbol);
  runner.adapt(marketUnit(0, ['BTC/USDT', 'SOL/USDT']));
  await clock.pass(100);
  runner.tend();
  await clock.pass(0);
  // Asked once, and not again at the next beat.
  expect(asked).toEqual(['BTC/USDT SOL/USDT']);
  expect(wanted()).toEqual(['BTC/USDT', 'ETH/USDT']);
  expect(telemetry.lines.join()).toContain('markets of fake#markets#0 cannot be read');
  await clock.pass(5_000);
  runner.tend();
  await clock.pass(0);
  expect(wanted()).toEqual(['BTC/USDT', 'SOL/USDT']);
});

it('wants what was planned last, where plans change while markets are read', async () => {
  const answers: (() => void)[] = [];
  const { clock, runner, connection } = await markets({ learn: () => new Promise((done) => answers.push(done)) });
  runner.adapt(marketUnit(0, ['BTC/USDT', 'SOL/USDT']));
  runner.adapt(marketUnit(0, ['BTC/USDT', 'XRP/USDT']));
  answers[0]?.();
  await clock.pass(0);
  runner.tend();
  answers[1]?.();
  await clock.pass(0);
  expect(connection.wanted.map(({ symbol }) => symbol)).toEqual(['BTC/USDT', 'XRP/USDT']);
});

it('asks to be opened anew after two minutes without a connection', async () => {
  const { clock, runner, connection, ends } = await markets();
  await clock.pass(60_000);
  runner.tend();
  connection.isOpen = false;
  await clock.pass(119_000);
  runner.tend();
  expect(ends).toEqual([]);
  await clock.pass(1_000);
  runner.tend();
  expect(ends).toEqual([{ reason: 'it has not been open for 120 s', isRenewal: false }]);
});

const accountUnit: AccountUnit = {
  ...{ kind: 'account', id: 'fake#account#main', venue: fakeVenueId, account: 'main' as AccountId },
};
const refusal: StreamIncident = { incident: 'refused', atMs: 0, reason: 'invalid key' };

async function account() {
  const { shared, venue, onEnd, ...rest } = parts();
  const looks: boolean[] = [];
  const runner = await openAccountRunner(
    accountUnit,
    { config, onEnd },
    {
      ...shared,
      async openPort() {
        const opening = await venue.openAccount();
        const hasSameKey = (how: { fresh: boolean }) => {
          looks.push(how.fresh);
          return opening.hasSameKey(how);
        };
        return { ...opening, hasSameKey };
      },
    },
  );
  const [opened] = venue.accounts;
  if (opened === undefined) throw new Error('nothing was opened');
  return { ...rest, venue, runner, looks, listener: opened.listener };
}

it('looks every minute whether the key is still that of the secret, and is opened anew where it is not', async () => {
  const { clock, runner, looks, venue, ends } = await account();
  for (const [passedMs, expected] of [
    [59_000, []],
    [1_000, [false]],
    [30_000, [false]],
  ] as const) {
    await clock.pass(passedMs);
    runner.tend();
    expect(looks).toEqual(expected);
  }
  venue.key = 'second';
  await clock.pass(30_000);
  runner.tend();
  await clock.pass(0);
  expect(ends).toEqual([{ reason: 'its key has been replaced', isRenewal: true }]);
});

it('reads a refused key anew, but not again and again', async () => {
  const { clock, runner, looks, listener, ends } = await account();
  for (let passedMs = 0; passedMs < 30_000; passedMs += 1_000) {
    listener.incident(refusal);
    runner.tend();
    await clock.pass(1_000);
  }
  expect(looks).toEqual([true, true]);
  expect(ends).toEqual([]);
});

it("publishes an account's orders, balances and positions", async () => {
  const { clock, meter, publisher, listener, runner } = await account();
  const receivedMs = clock.nowMs();
  listener.balance({ asset: 'USDT', receivedMs });
  listener.position({ symbol: 'BTC/USDT:USDT', receivedMs });
  expect(publisher.lines).toEqual(['fake#account#main balance USDT', 'fake#account#main position BTC/USDT:USDT']);
  expect(meter.figures().map(({ kind, subscriptions }) => [kind, subscriptions])).toEqual([
    ['orders', 1],
    ['balances', 1],
    ['positions', 1],
  ]);
  expect(runner.isRunning).toBe(true);
  await runner.close();
  expect(publisher.lines.at(-1)).toBe('fake#account#main closed');
});

it('refuses an account that is not configured any more', async () => {
  const { shared, venue, onEnd } = parts();
  const gone = { ...accountUnit, account: 'gone' as AccountId };
  const opening = openAccountRunner(gone, { config, onEnd }, { ...shared, openPort: () => venue.openAccount() });
  await expect(opening).rejects.toThrow('account gone is not configured');
});

it('names the markets of an account by its sources and by what is streamed at its venue', () => {
  const named = deskConfig({
    sources: {
      demo: { authentication: ['token'], accounts: ['main'], symbols: ['SOL/USDT', 'BTC/USDT'] },
      other: { authentication: ['token'], accounts: ['second'], symbols: ['XRP/USDT'] },
    },
    collection: { streams: [{ venues: ['fake'], symbols: ['BTC/USDT', 'ETH/USDT'] }] },
  });
  const main = accountOf(named, 'main');
  expect(main && accountSymbols(main, named)).toEqual(['BTC/USDT', 'ETH/USDT', 'SOL/USDT']);
});
