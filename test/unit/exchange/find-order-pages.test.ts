import { amount, type FindOutcome, LocalBudget, type OrderReference, type VenueId } from '@nightdesk/core';
import { OrderSearch } from '@nightdesk/exchange/find-order.ts';
import { traitsOf, type VenueTraits } from '@nightdesk/exchange/traits/index.ts';
import type { CallParameters, VenueClient } from '@nightdesk/exchange/venue-client.ts';
import { VenueSession } from '@nightdesk/exchange/venue-session.ts';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../support/clocks.ts';
import { btcUsdt } from '../../support/markets.ts';

const placedAtMs = 1_795_000_000_000;
const pageSize = 10;

/** Orders of others, one a second after ours would be, and ours at one of their places. */
const history = (length: number, ours?: number) =>
  Array.from({ length }, (_, index) => ({
    ...{ id: `v${index}`, clientOrderId: index === ours ? 'nd1' : `web_${index}`, side: 'buy', amount: '1' },
    ...{ status: 'closed', filled: '1', trades: [], timestamp: placedAtMs + index * 1_000 },
  }));
type Listed = ReturnType<typeof history>[number];

interface Venue {
  /** Cuts a page out of the orders, oldest first, that fit the question. */
  page(fitting: Listed[]): Listed[];
  orders: Listed[];
  traits?: Partial<VenueTraits>;
}

const asked: { since: number; parameters: CallParameters }[] = [];
let tradesAsked = 0;

function find({ page, orders, traits }: Venue): Promise<FindOutcome> {
  asked.length = 0;
  tradesAsked = 0;
  const list = async (_symbol: string, since: number, _limit: number, parameters: CallParameters) => {
    asked.push({ since, parameters });
    const until = Number(parameters.until ?? Number.POSITIVE_INFINITY);
    return page(orders.filter(({ timestamp }) => timestamp >= since && timestamp <= until));
  };
  const client = {
    has: { fetchOpenOrders: true, fetchClosedOrders: true, fetchMyTrades: true },
    options: {},
    setMarkets: () => {},
    fetchOpenOrders: async () => [],
    fetchClosedOrders: list,
    fetchMyTrades: async () => {
      tradesAsked += 1;
      return [];
    },
  } as unknown as VenueClient;
  const clock = createManualClock();
  const budget = new LocalBudget({ limits: [], clock });
  const context = { clock, budget, refusals: [], wordings: [], risingNonces: false, aheadMs: 0 };
  const session = new VenueSession(client, { ...context, originalUrl: (url) => url }, []);
  const reference: OrderReference = {
    ...{ clientOrderId: 'nd1', symbol: 'BTC/USDT', side: 'buy', amount: amount('1'), sinceMs: placedAtMs },
  };
  const all = { ...traitsOf('some' as VenueId), pageSize, ...traits };
  return new OrderSearch({ session, traits: all, reference, market: btcUsdt }).run();
}

const first = (fitting: Listed[]) => fitting.slice(0, pageSize);
const last = (fitting: Listed[]) => fitting.slice(-pageSize);

describe('a list of past orders longer than a page', () => {
  it('is not read on where nobody knows which part the page is: the order stays unknown', async () => {
    for (const page of [first, last]) {
      const outcome = await find({ page, orders: history(25) });
      expect(outcome).toMatchObject({ kind: 'unknown', cause: { code: 'incomplete_answer' } });
    }
  });

  it('is read on from its latest entry where pages begin with the oldest', async () => {
    const traits = { pageOrder: 'oldest_first' } as const;
    expect(await find({ page: first, orders: history(25, 24), traits })).toMatchObject({ kind: 'found' });
    expect(asked.map(({ since }) => since)).toEqual([placedAtMs - 60_000, placedAtMs + 9_000, placedAtMs + 18_000]);
    expect(await find({ page: first, orders: history(25), traits })).toMatchObject({ kind: 'absent' });
  });

  it('is read back from its earliest entry where pages begin with the newest', async () => {
    const traits = { pageOrder: 'newest_first' } as const;
    expect(await find({ page: last, orders: history(25, 0), traits })).toMatchObject({ kind: 'found' });
    expect(asked.map(({ parameters }) => parameters.until)).toEqual([
      undefined,
      placedAtMs + 15_000,
      placedAtMs + 6_000,
    ]);
    expect(await find({ page: last, orders: history(25), traits })).toMatchObject({ kind: 'absent' });
  });

  it('is given up as unknown when it does not end', async () => {
    const traits = { pageOrder: 'oldest_first' } as const;
    const outcome = await find({ page: first, orders: history(500), traits });
    expect(outcome).toMatchObject({ kind: 'unknown', cause: { code: 'incomplete_answer' } });
    expect(asked.length).toBeLessThanOrEqual(5);
  });

  it('is given up as unknown when a page does not lead further', async () => {
    const orders = history(25).map((order) => ({ ...order, timestamp: placedAtMs }));
    const traits = { pageOrder: 'oldest_first' } as const;
    expect((await find({ page: first, orders, traits })).kind).toBe('unknown');
  });
});

describe('a venue that can be asked for our id alone', () => {
  const traits: Partial<VenueTraits> = {
    clientOrderIdFor: (orderId) => `at-${orderId}`,
    listedBy: (id) => ({ only: id }),
  };
  const ours = { ...history(1)[0], clientOrderId: 'at-nd1' } as Listed;

  it('is asked for it in the form it takes, and the order is told under our own', async () => {
    const outcome = await find({ page: first, orders: [ours], traits });
    expect(outcome).toMatchObject({ kind: 'found', order: { clientOrderId: 'nd1' } });
    expect(asked.map(({ parameters }) => parameters)).toEqual([{ only: 'at-nd1' }]);
  });

  it('has answered when it lists nothing under it: its trades add nothing', async () => {
    expect((await find({ page: first, orders: [], traits })).kind).toBe('absent');
    expect(tradesAsked).toBe(0);
    await find({ page: first, orders: [] });
    expect(tradesAsked).toBe(1);
  });
});

describe('a venue that takes no id of ours', () => {
  it('never shows an order as ours, and leaves one that could be unknown', async () => {
    const traits = { carriesClientOrderId: false };
    const named = history(1, 0);
    const nameless = named.map((order) => ({ ...order, clientOrderId: undefined as never }));
    for (const orders of [named, nameless]) {
      expect(await find({ page: first, orders, traits })).toMatchObject({
        ...{ kind: 'unknown', cause: { code: 'ambiguous_order' } },
      });
    }
    expect((await find({ page: first, orders: [], traits })).kind).toBe('absent');
  });
});
