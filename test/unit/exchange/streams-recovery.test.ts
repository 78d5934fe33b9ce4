import type { MarketStreamListener, StreamIncident } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { findSilence } from '../../../layers/exchange/src/streams/find-silence.ts';
import { Recovery } from '../../../layers/exchange/src/streams/recovery.ts';
import { Routes } from '../../../layers/exchange/src/streams/routes.ts';
import type { VenueSocket } from '../../../layers/exchange/src/streams/stream-client.ts';
import { Subscription } from '../../../layers/exchange/src/streams/subscription.ts';
import { traitsOf } from '../../../layers/exchange/src/traits/index.ts';
import {
  defaultStreamTraits,
  type StreamTraits,
  streamTraitsOf,
} from '../../../layers/exchange/src/traits/stream-traits.ts';
import { createManualClock } from '../../support/clocks.ts';
import { btcUsdt } from '../../support/markets.ts';

const traits = traitsOf(btcUsdt.venue);
const plan = { method: 'watch', takesMany: true, parameters: {}, fields: {} };
const socket = {} as VenueSocket;
const mending: StreamTraits = { ...defaultStreamTraits, books: { ...defaultStreamTraits.books, resync: 'again' } };

function lab(streamTraits = mending) {
  const clock = createManualClock(1_000_000);
  const incidents: StreamIncident[] = [];
  const lost: string[] = [];
  const ended: string[] = [];
  const listener = {
    incident: (incident: StreamIncident) => void incidents.push(incident),
    bookLost: (symbol: string) => void lost.push(symbol),
  } as unknown as MarketStreamListener;
  const endSocket = (_: VenueSocket, reason: string) => void ended.push(reason);
  const recovery = new Recovery({
    ...{ clock, monotonicMs: () => clock.nowMs(), random: () => 0.5, streamTraits, listener, endSocket },
  });
  const subscribe = (kind: 'books' | 'trades' = 'books') => {
    const wanted = { kind, symbol: btcUsdt.symbol } as const;
    const subscription = new Subscription({
      ...{ wanted, market: btcUsdt, plan, traits, streamTraits, nowMs: clock.nowMs() },
    });
    return Object.assign(subscription, { state: 'running' as const, line: { socket, toldMs: clock.nowMs() } });
  };
  return { clock, recovery, subscribe, lost, ended, told: () => incidents.map(({ incident }) => incident), incidents };
}

const named = (name: string, message = 'no') => Object.assign(new Error(message), { name });

describe('a book that is wrong', () => {
  it('is out of use at once, and asked for at once where it went well for a while', () => {
    const { clock, recovery, subscribe, lost, told } = lab();
    const subscription = subscribe();
    recovery.found(subscription, clock.nowMs());
    recovery.lose(subscription, 'gap', 'why');
    expect([lost, told()]).toEqual([['BTC/USDT'], ['gap']]);
    expect(subscription).toEqual(expect.objectContaining({ state: 'due', dueMs: clock.nowMs() }));
    // What befalls it before it is asked for changes nothing.
    recovery.lose(subscription, 'crossed', 'why');
    expect(told()).toEqual(['gap']);
    recovery.found(subscription, clock.nowMs());
    expect(told()).toEqual(['gap', 'resynced']);
  });

  it('is asked for later each time it is wrong again soon, and at once after a minute of health', () => {
    const { clock, recovery, subscribe } = lab();
    const subscription = subscribe();
    const waits = [0, 0, 0].map(() => {
      recovery.found(subscription, clock.nowMs());
      recovery.lose(subscription, 'crossed', 'why');
      return subscription.dueMs - clock.nowMs();
    });
    expect(waits).toEqual([0, 250, 500]);
    recovery.found(subscription, clock.nowMs());
    clock.advance(60_000);
    recovery.lose(subscription, 'crossed', 'why');
    expect(subscription.dueMs).toBe(clock.nowMs());
  });

  it('takes its socket with it where that is the only way, or asking again and again gains nothing', () => {
    const only = lab(defaultStreamTraits);
    only.recovery.lose(only.subscribe(), 'gap', 'why');
    expect(only.ended).toEqual(['why']);
    const { clock, recovery, subscribe, ended } = lab();
    const subscription = subscribe();
    for (let failures = 0; failures < 3; failures++) {
      expect(ended).toEqual([]);
      clock.advance(20_000);
      recovery.lose(Object.assign(subscription, { state: 'asked' }), 'silent', `number ${failures}`);
    }
    expect(ended).toEqual(['number 2']);
  });

  it('is asked for with more levels once it was thin', () => {
    const { recovery, subscribe } = lab(streamTraitsOf('binance' as typeof btcUsdt.venue));
    const subscription = subscribe();
    expect(subscription.levels).toBe(100);
    recovery.lose(subscription, 'thin', 'why');
    expect(subscription.levels).toBe(500);
  });
});

describe('an objection', () => {
  it.each([
    ['ChecksumError', 'gap', 'the update does not follow the one before it'],
    ['InvalidNonce', 'gap', 'the update does not follow the one before it'],
    ['NetworkError', 'refused', 'no'],
  ])('of ccxt’s class %s to a book is told as %s, and it is asked for again soon', (name, incident, reason) => {
    const { clock, recovery, subscribe, incidents } = lab();
    const subscription = subscribe();
    recovery.rejected(subscription, named(name), undefined);
    expect(incidents).toEqual([{ incident, kind: 'books', symbol: 'BTC/USDT', atMs: clock.nowMs(), reason }]);
    expect(subscription.dueMs).toBe(clock.nowMs());
  });

  it.each([['books'], ['trades']] as const)(
    'to a subscription of %s has it asked for alone, and then rarely',
    (kind) => {
      const { clock, recovery, subscribe, told } = lab();
      const subscription = subscribe(kind);
      recovery.rejected(subscription, named('BadSymbol'), undefined);
      expect(subscription).toEqual(expect.objectContaining({ state: 'due', isAlone: true, dueMs: clock.nowMs() }));
      recovery.rejected(subscription, named('BadSymbol'), undefined);
      expect(subscription.dueMs - clock.nowMs()).toBe(300_000);
      expect(told()).toEqual(['refused', 'refused']);
    },
  );

  it('that is no error is told as it is, without secrets', () => {
    const { recovery, subscribe, incidents } = lab();
    recovery.rejected(subscribe('trades'), { code: 2, apiKey: 'abcdefgh' }, undefined);
    recovery.rejected(subscribe('trades'), undefined, undefined);
    expect(incidents.map(({ reason }) => reason)).toEqual(['{"code":2,"apiKey":[hidden]}', 'unknown']);
  });
});

describe('silence', () => {
  const at = (nowMs: number, beginsByRequest = false) => ({ nowMs, beginsByRequest });

  it.each([
    [false, 10_000],
    [true, 90_000],
  ])('is a book that does not come (asked for over HTTP: %s)', (beginsByRequest, waitMsMax) => {
    const subscription = Object.assign(lab().subscribe(), { state: 'asked' as const, askedMs: 0 });
    expect(findSilence(subscription, at(waitMsMax, beginsByRequest))).toBeUndefined();
    expect(findSilence(subscription, at(waitMsMax + 1, beginsByRequest))).toMatch(`within ${waitMsMax} ms`);
  });

  it('is a book that stops, and not a market where nobody trades', () => {
    const { clock, subscribe } = lab();
    const [books, trades] = [subscribe(), subscribe('trades')];
    for (let count = 0; count < 10; count++) {
      clock.advance(100);
      for (const { silence } of [books, trades]) silence.heard(clock.nowMs());
    }
    expect(findSilence(books, at(clock.nowMs() + 29_000))).toBeUndefined();
    expect(findSilence(books, at(clock.nowMs() + 31_000))).toMatch(/not its pace/);
    expect(findSilence(trades, at(clock.nowMs() + 3_600_000))).toBeUndefined();
    expect(findSilence(Object.assign(books, { state: 'due' as const }), at(clock.nowMs() + 31_000))).toBeUndefined();
  });
});

it('messages of one name go to all who want them, until the last of them leaves', () => {
  const { subscribe } = lab();
  const [one, other] = [subscribe('trades'), subscribe('trades')];
  const routes = new Routes(false);
  routes.add(one, 'ticker:BTC/USDT');
  routes.add(one, 'ticker:BTC/USDT');
  routes.add(other, 'ticker:BTC/USDT');
  expect(routes.of('ticker:BTC/USDT')).toEqual([one, other]);
  expect(routes.remove(one)).toBe(true);
  expect(routes.remove(other)).toBe(false);
  expect(routes.of('ticker:BTC/USDT')).toEqual([]);
});

it('what the venue answers for goes on when it is taken, and at once where it comes for another over the same socket', () => {
  const { clock, subscribe } = lab();
  const asked = (line = { socket, toldMs: clock.nowMs() }): Subscription => {
    const subscription: Subscription = subscribe('trades');
    subscription.state = 'asked';
    subscription.line = line;
    return subscription;
  };
  const line = { socket, toldMs: clock.nowMs() };
  const [one, meanwhile, later, elsewhere] = [asked(line), asked(line), asked(line), asked()] as const;
  const routes = new Routes(true);
  routes.add(one, 'ticker:BTC/USDT');
  routes.add(meanwhile, 'ticker:BTC/USDT');
  one.taken();
  routes.add(later, 'ticker:BTC/USDT');
  routes.add(elsewhere, 'ticker:BTC/USDT');
  expect([one, meanwhile, later, elsewhere].map(({ state }) => state)).toEqual([
    'running',
    'asked',
    'running',
    'asked',
  ]);
});
