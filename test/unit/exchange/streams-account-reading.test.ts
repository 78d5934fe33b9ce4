import type { AccountStreamListener, LiveBalance, LivePosition, StreamIncident } from '@nightdesk/core';
import { UnparsableAnswerError } from '@nightdesk/exchange/fields.ts';
import { binanceAccount } from '@nightdesk/exchange/streams/account-binance.ts';
import { bybitAccount } from '@nightdesk/exchange/streams/account-bybit.ts';
import { krakenAccount } from '@nightdesk/exchange/streams/account-kraken.ts';
import { AccountNews, newIn } from '@nightdesk/exchange/streams/account-news.ts';
import type { StreamVenueClient } from '@nightdesk/exchange/streams/stream-client.ts';
import { pro } from 'ccxt';
import { describe, expect, it } from 'vitest';
import { btcUsdt } from '../../support/markets.ts';

const clientOf = (exchange: object) => exchange as unknown as StreamVenueClient;

describe("Binance's events", () => {
  const client = clientOf(new pro.binance({ number: String }));
  const read = binanceAccount.openReader();
  const report = (x: string, other: object = {}) => ({
    ...{ e: 'executionReport', s: 'BTCUSDT', c: 'nd1', C: '', S: 'BUY', o: 'LIMIT', q: '2', p: '100', x, X: 'NEW' },
    ...{ i: 7, l: '0', z: '0', L: '0', n: '0', N: null, T: 1_000, t: -1, O: 1_000, Z: '0', ...other },
  });

  it('are an order alone, or an order with the trade that changed it', () => {
    expect(read({ subscriptionId: 0, event: report('NEW') }, client)).toMatchObject({
      orders: [{ id: '7', clientOrderId: 'nd1', status: 'open', filled: '0' }],
      trades: [],
    });
    const traded = { X: 'PARTIALLY_FILLED', l: '0.5', z: '0.5', L: '99', n: '0.1', N: 'USDT', t: 12, Z: '49.5' };
    expect(read(report('TRADE', traded), client)).toMatchObject({
      orders: [{ id: '7', status: 'open', filled: '0.5', cost: '49.5' }],
      trades: [{ id: '12', order: '7', amount: '0.5', price: '99', fee: { cost: '0.1', currency: 'USDT' } }],
    });
  });

  it('show an order that was canceled by the id that it was placed with', () => {
    const canceled = report('CANCELED', { c: 'of-the-cancellation', C: 'nd1', X: 'CANCELED' });
    expect(read(canceled, client)?.orders).toMatchObject([{ clientOrderId: 'nd1', status: 'canceled' }]);
  });

  it('of contracts wrap the order', () => {
    const o = { ...report('TRADE', { X: 'FILLED', l: '2', z: '2', L: '99', t: 3, ap: '99' }), ps: 'BOTH' };
    const event = { e: 'ORDER_TRADE_UPDATE', T: 1_000, o };
    expect(read({ stream: 'key', data: event }, client)).toMatchObject({
      orders: [{ id: '7', status: 'closed', filled: '2' }],
      trades: [{ id: '3', order: '7', amount: '2', price: '99' }],
    });
  });

  it.each(['balanceUpdate', 'externalLockUpdate', 'ALGO_UPDATE'])('of the kind %s are nothing to anybody', (e) => {
    expect(read({ event: { e, a: 'BTC', d: '1' } }, client)).toEqual({});
  });

  it('of other kinds are left to ccxt', () => {
    expect(read({ event: { e: 'outboundAccountPosition', B: [] } }, client)).toBeUndefined();
    expect(read({ e: 'ORDER_TRADE_UPDATE', o: [] }, client)).toBeUndefined();
  });

  it('say that the stream ends', () => {
    expect(binanceAccount.endOf?.({ e: 'listenKeyExpired' })).toBe('listenKeyExpired');
    expect(binanceAccount.endOf?.({ event: { e: 'eventStreamTerminated' } })).toBe('eventStreamTerminated');
    expect(binanceAccount.endOf?.({ e: 'executionReport' })).toBeUndefined();
  });

  it('of orders on contracts show a rounded average', () => {
    expect([btcUsdt, { ...btcUsdt, kind: 'perpetual' as const }].map(binanceAccount.isCostExact)).toEqual([
      true,
      false,
    ]);
  });
});

describe("Bybit's messages", () => {
  const exchange = new pro.bybit({ number: String });
  const listed = { id: 'BTCUSDT', base: 'BTC', quote: 'USDT', active: true, limits: {}, precision: {} };
  exchange.setMarkets([
    {
      ...listed,
      symbol: 'BTC/USDT:USDT',
      type: 'swap',
      swap: true,
      spot: false,
      contract: true,
      linear: true,
      settle: 'USDT',
    },
    { ...listed, symbol: 'BTC/USDT', type: 'spot', spot: true, swap: false, contract: false },
  ]);
  const client = clientOf(exchange);
  const read = bybitAccount.openReader();

  it.each([
    ['spot', 'BTC/USDT'],
    ['linear', 'BTC/USDT:USDT'],
  ])('of the category %s are of %s, though both have one name', (category, symbol) => {
    const raw = { category, symbol: 'BTCUSDT', orderId: 'v1', orderLinkId: 'nd1', side: 'Buy' };
    const order = { ...raw, orderStatus: 'New', tpslMode: 'UNKNOWN', qty: '2', cumExecQty: '0', orderType: 'Limit' };
    expect(read({ topic: 'order', data: [order] }, client)?.orders).toMatchObject([{ id: 'v1', symbol }]);
    const execution = { ...raw, execType: 'Trade', execId: 't1', execQty: '1', execPrice: '9', execTime: '1000' };
    expect(read({ topic: 'execution', data: [execution] }, client)?.trades).toMatchObject([
      { id: 't1', order: 'v1', symbol, amount: '1', price: '9', clientOrderId: 'nd1' },
    ]);
  });

  it('of funding are no trades', () => {
    const data = [{ category: 'linear', symbol: 'BTCUSDT', execType: 'Funding', execId: 'f1', execQty: '1' }];
    expect(read({ topic: 'execution', data }, client)).toEqual({ trades: [] });
  });

  it('show what is in the wallet, without open profits', () => {
    const data = [{ accountType: 'UNIFIED', coin: [{ coin: 'USDT', walletBalance: '90', equity: '100' }] }];
    expect(read({ topic: 'wallet', data }, client)).toEqual({ balances: { USDT: { total: '90' } } });
  });

  it('of other topics are left to ccxt', () => {
    expect(read({ topic: 'position', data: [] }, client)).toBeUndefined();
  });
});

describe("Kraken's reports", () => {
  const client = clientOf({});
  const whole = {
    ...{ order_id: 'O1', cl_ord_id: 'ours', symbol: 'BTC/USD', side: 'buy', order_type: 'limit', order_qty: 2 },
    ...{ limit_price: 100, cum_qty: 0, cum_cost: 0, order_status: 'new', timestamp: '2026-11-21T00:00:01.234567Z' },
  };
  const traded = {
    ...{ order_id: 'O1', exec_type: 'trade', exec_id: 'T1', trade_id: 5, last_qty: 0.5, last_price: 99 },
    ...{ cum_qty: 0.5, cum_cost: 49.5, order_status: 'partially_filled', timestamp: '2026-11-21T00:00:02Z' },
    fees: [{ asset: 'USD', qty: 1e-8 }],
  };
  const message = (type: string, ...data: object[]) => ({ channel: 'executions', type, data });

  it('tell later what was told before only by the number of the order', () => {
    const read = krakenAccount.openReader();
    read(message('update', { ...whole, exec_type: 'pending_new' }), client);
    expect(
      read(message('update', traded, { order_id: 'O1', exec_type: 'status', order_status: 'filled' }), client),
    ).toEqual({
      orders: [
        expect.objectContaining({ id: 'O1', clientOrderId: 'ours', symbol: 'BTC/USD', status: 'open', filled: '0.5' }),
        expect.objectContaining({ id: 'O1', status: 'closed', amount: '2', cost: '49.5', price: '100' }),
      ],
      trades: [
        {
          ...{ id: 'T1', order: 'O1', clientOrderId: 'ours', symbol: 'BTC/USD', price: '99', amount: '0.5' },
          ...{ timestamp: Date.parse('2026-11-21T00:00:02Z'), fee: { currency: 'USD', cost: '1e-8' } },
        },
      ],
    });
  });

  it('of trades in a snapshot are the past, and say nothing of how their orders are now', () => {
    const read = krakenAccount.openReader();
    read(message('update', { ...whole, order_status: 'canceled', cum_qty: 0.5 }), client);
    const past = read(message('snapshot', { ...traded, symbol: 'BTC/USD' }), client);
    expect(past).toMatchObject({ orders: [], trades: [{ id: 'T1', symbol: 'BTC/USD' }] });
    const restated = read(message('update', { order_id: 'O1', exec_type: 'restated' }), client);
    expect(restated?.orders).toMatchObject([{ status: 'canceled' }]);
  });

  it('of an order that was never told whole are left out, but for its trades', () => {
    const read = krakenAccount.openReader();
    expect(
      read(message('update', { order_id: 'O9', exec_type: 'canceled', order_status: 'canceled' }), client),
    ).toEqual({
      ...{ orders: [], trades: [] },
    });
  });

  it('show a trigger that is a price, and none that trails', () => {
    const read = krakenAccount.openReader();
    const triggers = [{ price: 90, price_type: 'static' }, { price: 1, price_type: 'pct' }, undefined];
    const orders = triggers.map((trigger, at) => ({ ...whole, order_id: `O${at}`, triggers: trigger }));
    const shown = read(message('snapshot', ...orders), client)?.orders;
    expect(shown?.map((order) => (order as { triggerPrice: unknown }).triggerPrice)).toEqual([
      '90',
      undefined,
      undefined,
    ]);
  });

  it('are remembered for as many orders as there may be', () => {
    const read = krakenAccount.openReader();
    for (let at = 0; at <= 2_000; at += 1) read(message('update', { ...whole, order_id: `O${at}` }), client);
    const status = (id: string) => message('update', { order_id: id, order_status: 'canceled' });
    expect(read(status('O0'), client)?.orders).toEqual([]);
    expect(read(status('O2000'), client)?.orders).toHaveLength(1);
  });

  it('come over one channel of many', () => {
    expect(krakenAccount.openReader()({ channel: 'balances', data: [] }, client)).toBeUndefined();
  });
});

describe('news of an account', () => {
  function open() {
    const told = { balances: [] as LiveBalance[], positions: [] as LivePosition[], incidents: [] as StreamIncident[] };
    const listener: AccountStreamListener = {
      order: () => undefined,
      balance: (balance) => void told.balances.push(balance),
      position: (position) => void told.positions.push(position),
      incident: (incident) => void told.incidents.push(incident),
    };
    const news = new AccountNews({
      ...{ listener, isCostExact: () => true, nowMs: () => 9 },
      marketOf(symbol) {
        if (symbol === btcUsdt.symbol) return btcUsdt;
        throw new UnparsableAnswerError('market', 'symbol', 'nothing');
      },
    });
    return { told, news };
  }

  it('are each balance that changed, and none that is as it was', () => {
    const { told, news } = open();
    const balances = {
      info: {},
      total: { BTC: '1' },
      BTC: { total: '1', free: '0.5', used: '0.5' },
      USDT: { total: '5' },
    };
    news.takeBalances(balances, 1);
    news.takeBalances({ ...balances, USDT: { total: '6' } }, 2);
    expect(told.balances).toEqual([
      { asset: 'BTC', total: '1', free: '0.5', receivedMs: 1 },
      { asset: 'USDT', total: '5', receivedMs: 1 },
      { asset: 'USDT', total: '6', receivedMs: 2 },
    ]);
  });

  it('are positions, and that one is gone', () => {
    const { told, news } = open();
    const long = { symbol: 'BTC/USDT:USDT', side: 'long', contracts: '2', entryPrice: '100' };
    for (const position of [long, long, { ...long, side: 'both', contracts: '0', entryPrice: '0' }, long]) {
      news.takePositions([position], 1);
    }
    expect(told.positions).toEqual([
      { ...long, receivedMs: 1 },
      { symbol: 'BTC/USDT:USDT', contracts: '0', receivedMs: 1 },
      { ...long, receivedMs: 1 },
    ]);
  });

  it('leave out what makes no sense, say so, and go on', () => {
    const { told, news } = open();
    news.take({ orders: [{ symbol: 'BTC/USDT', id: 'v1' }], trades: [{ symbol: 'NEW/USDT' }] }, 1);
    news.takeBalances({ BTC: { total: 'much' }, USDT: { total: '5' }, datetime: 'now' }, 1);
    expect(told.incidents).toMatchObject([
      { incident: 'unreadable', kind: 'orders', atMs: 9 },
      { incident: 'unreadable', kind: 'fills' },
      { incident: 'unreadable', kind: 'balances' },
    ]);
    expect(told.balances).toHaveLength(1);
  });
});

describe('what is new in a list of ccxt', () => {
  it('is what came since it was taken', async () => {
    const exchange = new pro.binance();
    const trade = { e: 'executionReport', x: 'TRADE', s: 'BTCUSDT', i: 1, l: '1', L: '2', T: 1, N: 'USDT', n: '1' };
    const client = { resolve: () => undefined };
    const handle = (t: number) => exchange.handleMyTrade(client as never, { ...trade, t } as never);
    handle(1);
    handle(2);
    const ids = () => newIn(exchange.myTrades).map((entry) => (entry as { id: string }).id);
    expect(ids()).toEqual(['1', '2']);
    expect(ids()).toEqual([]);
    handle(3);
    expect(ids()).toEqual(['3']);
  });

  it('is all of a list that counts nothing, and nothing of what is none', () => {
    expect(newIn([1, 2])).toEqual([1, 2]);
    expect(newIn({ id: 1 })).toEqual([]);
  });
});
