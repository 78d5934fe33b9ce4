import {
  type AccountId,
  amount,
  type Market,
  type OrderRequest,
  type PaperStore,
  type PublicTrade,
  price,
  type TradeQuery,
  VenueError,
  type VenueId,
  VersionConflictError,
} from '@nightdesk/core';
import { createPaperVenue } from '@nightdesk/functions/shared/paper-venue.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../support/clocks.ts';
import { FakeVenue } from '../../support/fake-venue.ts';
import { btcUsdt, btcUsdtPerpetual } from '../../support/markets.ts';
import { createMemoryPaper, MemoryTables } from '../../support/memory-stores.ts';

const id = 'paper' as AccountId;
const name = 'fake' as VenueId;
const paper = {
  ...{ balances: { USDT: amount('100000'), BTC: amount('10') }, latencyMs: 100 },
  ...{ makerFee: '0.001', takerFee: '0.002' },
};

let clock: ManualClock;
let fake: FakeVenue;
let store: PaperStore;
let asked: TradeQuery[];
let public_: PublicTrade[];

beforeEach(() => {
  clock = createManualClock();
  fake = new FakeVenue({ clock });
  store = createMemoryPaper(new MemoryTables());
  asked = [];
  public_ = [{ tradeId: '0', price: price('100'), amount: amount('1'), atMs: clock.nowMs() - 5 }];
  fake.fetchTrades = async (_market, query) => {
    asked.push(query);
    const since = query.sinceMs;
    if (since === undefined) return public_.slice(-query.limit);
    return public_.filter(({ atMs }) => atMs >= since).slice(0, query.limit);
  };
});

const open = (settings: Partial<typeof paper> = {}, given: PaperStore = store) =>
  createPaperVenue({
    account: { id, venue: name, paper: { ...paper, ...settings } as typeof paper },
    ...{ data: fake, store: given, clock },
    findMarket: async (symbol) => (await fake.fetchMarkets()).find((market) => market.symbol === symbol),
  });

let count = 0;
function request(change: Partial<OrderRequest> = {}): OrderRequest {
  count += 1;
  const base = { clientOrderId: `nd${count}`, symbol: 'BTC/USDT', side: 'buy', type: 'market' } as const;
  return { ...base, amount: amount('1'), ...change };
}
const resting = (change: Partial<OrderRequest> = {}) =>
  request({ type: 'limit', price: price('90'), timeInForce: 'GTC', ...change });
const referenceOf = (order: OrderRequest) => ({ ...order, sinceMs: 0 });

/** Somebody else trades, a second later. */
function trade(at: string, size = '1', afterMs = 1_000): void {
  clock.advance(afterMs);
  public_.push({ tradeId: String(public_.length), price: price(at), amount: amount(size), atMs: clock.nowMs() });
}

describe('an order on paper', () => {
  it('meets the book of after its latency', async () => {
    const sleep = clock.sleep;
    clock.sleep = async (delayMs) => {
      fake.setPrice('BTC/USDT', price('120'));
      return sleep(delayMs);
    };
    const outcome = await open().placeOrder(request(), btcUsdt);
    expect(outcome).toMatchObject({ kind: 'accepted', order: { status: 'filled', cost: '120' } });
  });

  it('goes at once without latency', async () => {
    clock.sleep = () => Promise.reject(new Error('nobody waits here'));
    expect((await open({ latencyMs: 0 }).placeOrder(request(), btcUsdt)).kind).toBe('accepted');
  });

  it('that is placed again is the first, also when it has ended and the venue does not answer any more', async () => {
    const order = request();
    const first = await open().placeOrder(order, btcUsdt);
    fake.faults = { fetchPrice: () => true };
    expect(await open().placeOrder(order, btcUsdt)).toEqual(first);
    expect(await open().findOrder(referenceOf(order), btcUsdt)).toMatchObject({ kind: 'found' });
  });

  it('is one order of two sandboxes that place it at the same moment', async () => {
    const order = request({ amount: amount('2') });
    const outcomes = await Promise.all([open(), open(), open()].map((venue) => venue.placeOrder(order, btcUsdt)));
    expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
    expect((await store.load(id))?.balances.BTC).toBe('11.996');
    expect((await store.find(id, order.clientOrderId))?.fills).toHaveLength(1);
  });

  it('is certainly not placed where the venue does not show its book, or nobody has told the fees', async () => {
    const { makerFee: _, ...feeless } = paper;
    const unpaid = createPaperVenue({
      ...{ account: { id, venue: name, paper: feeless }, data: fake, store, clock },
      findMarket: async () => undefined,
    });
    expect(await unpaid.placeOrder(request(), btcUsdt)).toMatchObject({
      kind: 'rejected',
      evidence: { code: 'fees_unknown' },
    });
    const told: Market = { ...btcUsdt, fees: { maker: '0', taker: '0' } };
    expect((await unpaid.placeOrder(request(), told)).kind).toBe('accepted');
    fake.faults = { fetchPrice: () => true };
    expect(await open().placeOrder(request(), btcUsdt)).toMatchObject({
      kind: 'rejected',
      evidence: { code: 'not_sent' },
    });
  });

  it('is not known of where the store fails, and is rejected where others are always first', async () => {
    const failing = { ...store, save: () => Promise.reject(new Error('secret words')) };
    expect(await open({}, failing).placeOrder(request(), btcUsdt)).toEqual({
      ...{
        kind: 'unknown',
        cause: { code: 'store_failed', message: 'the paper account could not be read or written' },
      },
    });
    const contested = { ...store, save: () => Promise.reject(new VersionConflictError('the account')) };
    const order = request();
    expect(await open({}, contested).placeOrder(order, btcUsdt)).toMatchObject({
      kind: 'rejected',
      evidence: { code: 'not_sent' },
    });
    expect(await open().findOrder(referenceOf(order), btcUsdt)).toMatchObject({ kind: 'absent' });
  });

  it('is given up rather than stored later than anybody counts on', async () => {
    const venue = open();
    fake.fetchOrderBook = async (market, depth) => {
      clock.advance(11_000);
      return new FakeVenue({ clock }).fetchOrderBook(market, depth);
    };
    expect(await venue.placeOrder(request(), btcUsdt)).toMatchObject({
      kind: 'rejected',
      evidence: { code: 'not_sent' },
    });
    expect(await store.load(id)).toBeUndefined();
    expect(venue.settlingMs).toBeGreaterThan(11_000);
  });

  it('is filled by what was traded since it came, and by nothing before', async () => {
    const order = resting();
    trade('80');
    await open().placeOrder(order, btcUsdt);
    expect(await open().findOrder(referenceOf(order), btcUsdt)).toMatchObject({
      order: { status: 'open', filled: '0' },
    });
    trade('89', '0.4');
    expect(await open().findOrder(referenceOf(order), btcUsdt)).toMatchObject({
      order: { status: 'open', filled: '0.4' },
    });
    trade('89', '5');
    const found = await open().cancelOrder(referenceOf(order), btcUsdt);
    expect(found).toMatchObject({ kind: 'not_open', order: { status: 'filled', cost: '90', fills: [{}, {}] } });
  });

  it('is unknown, not absent, while the venue does not answer', async () => {
    const order = resting();
    await open().placeOrder(order, btcUsdt);
    fake.fetchTrades = () => Promise.reject(new VenueError('fake', 'no answer', { code: 'network' }));
    const unknown = { kind: 'unknown', cause: { code: 'network' } };
    expect(await open().findOrder(referenceOf(order), btcUsdt)).toMatchObject(unknown);
    expect(await open().cancelOrder(referenceOf(order), btcUsdt)).toMatchObject(unknown);
    expect(await open().amendOrder(referenceOf(order), { price: price('80') }, btcUsdt)).toMatchObject(unknown);
  });

  it('is not what another market has', async () => {
    const order = request();
    await open().placeOrder(order, btcUsdt);
    expect(
      await open().findOrder({ ...referenceOf(order), symbol: btcUsdtPerpetual.symbol }, btcUsdtPerpetual),
    ).toMatchObject({ kind: 'absent' });
  });
});

describe('catching up', () => {
  const placed = async () => {
    const order = resting({ amount: amount('100') });
    await open().placeOrder(order, btcUsdt);
    asked = [];
    return { filled: async () => open().findOrder(referenceOf(order), btcUsdt) };
  };

  it('reads page after page until there is nothing new', async () => {
    const { filled } = await placed();
    for (let each = 0; each < 2_500; each += 1) trade('89', '0.01', 1);
    expect(await filled()).toMatchObject({ order: { filled: '25' } });
    expect(asked.map(({ sinceMs }) => sinceMs !== undefined)).toEqual([true, true, true, true]);
  });

  it('asks for the latest after a silence that may be none', async () => {
    const { filled } = await placed();
    const reach = fake.fetchTrades.bind(fake);
    // As venues that show an hour from the time asked for.
    fake.fetchTrades = async (market, query) =>
      (await reach(market, query)).filter(
        ({ atMs }) => query.sinceMs === undefined || atMs <= query.sinceMs + 3_600_000,
      );
    trade('89', '1', 2 * 3_600_000);
    expect(await filled()).toMatchObject({ order: { filled: '1' } });
    expect(await filled()).toMatchObject({ order: { filled: '1' } });
  });

  it('asks for no trades where nothing waits', async () => {
    await open().placeOrder(request(), btcUsdt);
    asked = [];
    await open().fetchBalances();
    expect(asked).toEqual([]);
  });

  it('writes nothing where nothing happened', async () => {
    await placed();
    const version = (await store.load(id))?.version;
    await open().fetchBalances();
    expect((await store.load(id))?.version).toBe(version);
  });
});

describe('what a paper account has', () => {
  it('is told as a venue tells it: balances, positions and open orders of every market', async () => {
    const venue = open();
    const contract = { symbol: btcUsdtPerpetual.symbol, amount: amount('2') };
    await venue.prepareMarket({ leverage: '10' }, btcUsdtPerpetual);
    await venue.placeOrder(request({ ...contract, side: 'sell' }), btcUsdtPerpetual);
    await venue.placeOrder(resting(), btcUsdt);
    await venue.placeOrder(resting(contract), btcUsdtPerpetual);
    fake.setPrice(btcUsdtPerpetual.symbol, price('120'));
    const [position, ...others] = await venue.fetchPositions();
    expect(others).toEqual([]);
    expect(position).toMatchObject({
      ...{ symbol: contract.symbol, side: 'short', amount: '2', contracts: '2', leverage: '10', entryPrice: '99.99' },
      ...{ markPrice: '120', unrealizedPnl: '-40.02' },
    });
    expect(await venue.fetchPositions([btcUsdt])).toEqual([]);
    const balances = await venue.fetchBalances();
    expect(balances.find(({ asset }) => asset === 'USDT')).toEqual({
      ...{ asset: 'USDT', total: '99999.60004', free: '99889.60204', used: '109.998' },
    });
    expect((await venue.fetchOpenOrders()).map(({ symbol }) => symbol)).toEqual(['BTC/USDT']);
    expect((await venue.fetchOpenOrders('perpetual')).map(({ symbol }) => symbol)).toEqual([contract.symbol]);
  });

  it('is traded by nobody else: its trades are those of its open orders, and nothing else moves its money', async () => {
    const venue = open();
    const order = resting({ amount: amount('3') });
    await venue.placeOrder(order, btcUsdt);
    trade('89', '1');
    const tradedMs = clock.nowMs();
    expect(await venue.fetchOwnTrades('spot', 0)).toHaveLength(1);
    trade('89', '1');
    const of = { symbol: 'BTC/USDT', side: 'buy', clientOrderId: order.clientOrderId, amount: '1', price: '90' };
    expect(await venue.fetchOwnTrades('spot', 0)).toMatchObject([{ ...of, atMs: tradedMs }, of]);
    expect(await venue.fetchOwnTrades(btcUsdt, tradedMs + 1)).toHaveLength(1);
    expect(await venue.fetchOwnTrades(btcUsdtPerpetual, 0)).toEqual([]);
    trade('89', '1');
    expect(await venue.fetchOwnTrades('spot', 0)).toHaveLength(3);
    expect(await venue.fetchTransfers(0)).toEqual([]);
    expect(await venue.fetchFundingPayments(btcUsdtPerpetual, 0)).toBeUndefined();
    expect(await venue.setDeadManSwitch(60_000)).toMatchObject({ kind: 'refused', cause: { code: 'not_supported' } });
    expect(venue).toMatchObject({ tradesOfAllMarkets: true, hasDeadManSwitch: false, wallets: [{ name: 'paper' }] });
    expect((await venue.fetchTickers([btcUsdt])).map(({ symbol }) => symbol)).toEqual(['BTC/USDT']);
  });

  it('is told without what could be used where more is owed than there is', async () => {
    const venue = open({ balances: { USDT: amount('150'), BTC: amount('1') } });
    await venue.placeOrder(request({ symbol: btcUsdtPerpetual.symbol }), btcUsdtPerpetual);
    await venue.placeOrder(request({ side: 'sell' }), btcUsdt);
    fake.setPrice(btcUsdtPerpetual.symbol, price('10'));
    const before = await store.load(id);
    await store.save(id, { account: { ...before, balances: { USDT: amount('-5') } } as never, orders: [] });
    expect(await venue.fetchBalances()).toEqual([{ asset: 'USDT', total: '-5' }]);
  });

  it('has leverage on contracts alone', async () => {
    expect(await open().prepareMarket({ leverage: '2' }, btcUsdt)).toMatchObject({ kind: 'refused' });
    expect(await open().prepareMarket({ leverage: '0' }, btcUsdtPerpetual)).toMatchObject({ kind: 'refused' });
    const failing = { ...store, load: () => Promise.reject(new Error('gone')) };
    expect(await open({}, failing).prepareMarket({ leverage: '2' }, btcUsdtPerpetual)).toMatchObject({
      kind: 'unknown',
    });
  });
});
