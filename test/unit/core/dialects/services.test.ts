/** TV-Hub, HOOX, Trade Relay, junta, freqtrade, Hummingbot: services that place orders. */
import { describe, expect, it } from 'vitest';
import { read, refusal } from './reading.ts';

type Row = [name: string, changes: object, terms: object];
type Refusal = [name: string, changes: object, code: string, path: string];
const market = { type: 'market' };
const one = { size: { base: '1' } };

describe('TV-Hub', () => {
  const head = { exchange: 'bybit', pair: 'BTCUSDT', token: 'x', apiKey: 'x', units: '1' };
  const buy = { isBuy: true, isMarket: true };
  const limit = { isBuy: true, isLimit: true, price: '5' };

  it.each<Row>([
    ['a buy', buy, { action: 'buy', ...one }],
    ['a sell in text', { isSell: 'true', isBuy: 'false', isMarket: 'true' }, { action: 'sell', ...one }],
    ['the order of a strategy', { orderType: 'sell', isMarket: true }, { action: 'sell', ...one }],
    ['a turn', { ...buy, closeCurrentPosition: true }, { target: 'long', ...one }],
    ['a turn to short', { isSell: true, isMarket: true, closeCurrentPosition: true }, { target: 'short', ...one }],
    [
      'a close',
      { isClose: true, isMarket: true, unitsType: 'percentPosition' },
      { action: 'close', size: { percentPosition: '1' } },
    ],
    ['a cancel', { cancelAllOrders: true, unitsType: 'absolute', leverage: 5 }, { action: 'cancel' }],
    ['quote', { ...buy, units: 0, useFixedSize: true, fixedQuoteSize: 100 }, { action: 'buy', size: { quote: '100' } }],
    ['the balance', { ...buy, unitsType: 'percentBalance' }, { action: 'buy', size: { percentEquity: '1' } }],
    [
      'risk',
      { ...buy, unitsType: 'risk', stopLoss: '2', stopLossType: 'percent' },
      { action: 'buy', size: { riskPercent: '1' }, stopLoss: { percent: '2' } },
    ],
    ['a limit, post-only', limit, { action: 'buy', ...one, type: 'limit', price: '5', timeInForce: 'PO' }],
    ['a limit that may take', { ...limit, postOnly: false }, { action: 'buy', ...one, type: 'limit', price: '5' }],
    [
      'margin',
      { ...buy, leverage: 5, marginType: 'CROSSED', reduceOnly: true },
      { action: 'buy', ...one, leverage: '5', marginMode: 'cross', reduceOnly: true },
    ],
    [
      'a stop at a price',
      { ...buy, stopLoss: '2', stopLossType: 'absolute' },
      { action: 'buy', ...one, stopLoss: { price: '2' } },
    ],
  ])('means by %s', (_name, changes, terms) => {
    const reading = read({ ...head, ...changes });
    expect(reading).toMatchObject({ dialect: 'tv-hub', kind: 'perpetual', unknownKeys: [] });
    expect(reading.terms).toEqual({ ...market, symbol: 'BTCUSDT', venue: 'bybit', ...terms });
  });

  it.each([
    ['binance', 'spot', 'binance'],
    ['binance-futures', 'perpetual', 'binance'],
    ['okx', undefined, 'okx'],
    ['kraken', undefined, 'kraken'],
  ])('knows the market of %s', (exchange, kind, venue) => {
    const reading = read({ ...head, ...buy, exchange });
    expect([reading.kind, reading.terms.venue]).toEqual([kind, venue]);
  });

  it('takes the time at the end of its stamp, and the stamp for part of the identity', () => {
    const stamped = (alertTimestamp: string) => read({ ...head, ...buy, alertTimestamp });
    expect(stamped('BTC-2026-11-21T00:00:00Z').sentAt).toBe('2026-11-21T00:00:00Z');
    expect(stamped('1795219200000').sentAt).toBe('1795219200000');
    expect(stamped('a-1795219200').identity).not.toEqual(stamped('b-1795219200').identity);
  });

  it.each<Refusal>([
    ['a key that it does not have', { ...buy, foo: '1' }, 'invalid_signal', 'foo'],
    ['a delay', { ...buy, delay: 3 }, 'unsupported', 'delay'],
    ['retries', { ...buy, retries: 3 }, 'unsupported', 'retries'],
    ['DCA', { ...buy, useDca: true }, 'unsupported', 'useDca'],
    ['hedging', { ...buy, hedgeMode: true }, 'unsupported', 'hedgeMode'],
    ['a test network', { ...buy, exchange: 'bybit-testnet' }, 'unsupported', 'exchange'],
    ['two directions', { ...buy, isSell: true }, 'unsupported', 'isSell'],
    ['no direction', { isMarket: true }, 'invalid_signal', 'isBuy'],
    ['an order that is none', { orderType: 'hold', isMarket: true }, 'invalid_signal', 'orderType'],
    ['both types', { ...buy, isLimit: true }, 'invalid_signal', 'isMarket'],
    ['no type', { isBuy: true }, 'invalid_signal', 'isMarket'],
    ['what is free', { ...buy, unitsPercent: 5, units: '' }, 'unsupported', 'unitsType'],
    ['the whole account', { ...buy, useEntireAccountBalance: true }, 'unsupported', 'useEntireAccountBalance'],
    ['no size', { ...buy, units: '' }, 'invalid_signal', 'units'],
    ['a turn of no size', { ...buy, units: '', closeCurrentPosition: true }, 'invalid_signal', 'units'],
    ['a stamp without time', { ...buy, alertTimestamp: 'one' }, 'invalid_signal', 'alertTimestamp'],
    ['a stop of no unit', { ...buy, stopLoss: '1' }, 'invalid_signal', 'stopLossType'],
    ['no pair', { ...buy, pair: '' }, 'invalid_signal', 'pair'],
  ])('refuses %s by its own name', (_name, changes, code, path) => {
    expect(refusal({ ...head, ...changes })).toMatchObject({ code, paths: [path] });
  });

  it('is told by the names of its keys alone', () => {
    const { exchange, pair, token, apiKey } = head;
    expect(refusal({ exchange, pair, token, apiKey }).paths).toEqual(['isBuy']);
  });
});

describe('HOOX', () => {
  const head = { apiKey: 'x', exchange: 'bybit', symbol: 'BTCUSDT', quantity: '1' };
  const where = { symbol: 'BTCUSDT', venue: 'bybit' };

  it.each<Row>([
    ['LONG', { action: 'LONG' }, { action: 'buy', ...one }],
    ['SHORT', { action: 'SHORT', leverage: 2 }, { action: 'sell', ...one, leverage: '2' }],
    ['CLOSE', { action: 'CLOSE', quantity: '' }, { action: 'close' }],
    ['a price', { action: 'LONG', price: '5' }, { action: 'buy', ...one, type: 'limit', price: '5' }],
    ['a price the chart saw', { action: 'LONG', price: '5', orderType: 'market' }, { action: 'buy', ...one }],
    [
      'exits',
      { action: 'LONG', takeProfit: 9, stopLoss: 1 },
      { action: 'buy', ...one, takeProfit: [{ price: '9' }], stopLoss: { price: '1' } },
    ],
  ])('means by %s', (_name, changes, terms) => {
    const reading = read({ ...head, ...changes });
    expect(reading).toMatchObject({ dialect: 'hoox', identity: { rule: 'window' }, unknownKeys: [] });
    expect(reading.terms).toEqual({ ...market, ...where, ...terms });
  });

  it('is known again by its key', () => {
    expect(read({ ...head, action: 'LONG', idempotencyKey: 'k' }).identity).toEqual({ rule: 'id', parts: ['id', 'k'] });
  });

  it.each<Refusal>([
    ['an action that is none', { action: 'HOLD' }, 'invalid_signal', 'action'],
    ['no quantity', { action: 'LONG', quantity: 0 }, 'invalid_signal', 'quantity'],
    ['a stop that is no price', { action: 'LONG', stopLoss: 'x' }, 'invalid_signal', 'stopLoss'],
  ])('refuses %s by its own name', (_name, changes, code, path) => {
    expect(refusal({ ...head, ...changes })).toMatchObject({ code, paths: [path] });
  });
});

describe('Trade Relay', () => {
  const head = { Action: 'Buy', SYMBOL: 'BTCUSDT.P' };

  it.each<Row>([
    ['a quantity', { Quantity: '1' }, { action: 'buy', ...one }],
    ['an alias', { qty: '1', Action: undefined, side: 'SHORT' }, { action: 'sell', ...one }],
    ['notional', { notional: '5' }, { action: 'buy', size: { quote: '5' } }],
    ['equity', { percentEquity: '5' }, { action: 'buy', size: { percentEquity: '5' } }],
    ['risk', { riskPercent: '1', sl: '5' }, { action: 'buy', size: { riskPercent: '1' }, stopLoss: { price: '5' } }],
    ['an exit', { Action: 'exit', signalId: 'a' }, { action: 'close', id: 'a' }],
    [
      'a limit',
      { quantity: '1', orderType: 'limit', limitPrice: '5', price: '6', tif: 'fok' },
      { action: 'buy', ...one, type: 'limit', price: '5', timeInForce: 'FOK' },
    ],
    [
      'a limit at the price seen',
      { quantity: '1', orderType: 'LIMIT', price: '6' },
      { action: 'buy', ...one, type: 'limit', price: '6' },
    ],
    ['a market order at a price seen', { quantity: '1', price: '6' }, { action: 'buy', ...one }],
    [
      'a stop',
      { quantity: '1', orderType: 'stop-market', stopPrice: '6', reduceOnly: true },
      { action: 'buy', ...one, type: 'stop', triggerPrice: '6', reduceOnly: true },
    ],
    [
      'a trailing stop',
      { quantity: '1', orderType: 'trailing_stop', trailAmount: '6' },
      { action: 'buy', ...one, type: 'trailing_stop', trailAmount: '6' },
    ],
    [
      'an account',
      { quantity: '1', account: 'main', comment: 'c' },
      { action: 'buy', ...one, account: 'main', comment: 'c' },
    ],
    [
      'exits',
      { quantity: '1', takeProfit: { percent: 4 }, stopLoss: { price: 2 } },
      { action: 'buy', ...one, takeProfit: [{ percent: '4' }], stopLoss: { price: '2' } },
    ],
    ['a target at a price', { quantity: '1', tp: '9' }, { action: 'buy', ...one, takeProfit: [{ price: '9' }] }],
  ])('means by %s', (_name, changes, terms) => {
    const reading = read({ ...head, ...changes });
    expect(reading).toMatchObject({ dialect: 'trade-relay', kind: 'perpetual', unknownKeys: [] });
    expect(reading.terms).toEqual({ ...market, symbol: 'BTCUSDT', ...terms });
  });

  it.each<Refusal>([
    ['two sizes', { quantity: '1', notional: '1' }, 'invalid_signal', 'notional'],
    ['a key twice', { quantity: '1', Qty: '1' }, 'invalid_signal', 'Qty'],
    ['no size', { orderType: 'market' }, 'invalid_signal', 'quantity'],
    ['a stop with a limit', { quantity: '1', stopLossLimit: '1' }, 'unsupported', 'stopLossLimit'],
    ['an exit of nothing', { quantity: '1', stopLoss: {} }, 'invalid_signal', 'stopLoss'],
    ['an exit of two', { quantity: '1', takeProfit: { price: 1, percent: 1 } }, 'invalid_signal', 'takeProfit'],
    ['an action that is none', { quantity: '1', Action: 'hold' }, 'invalid_signal', 'Action'],
    ['a number that is none', { Quantity: 'x' }, 'invalid_signal', 'Quantity'],
  ])('refuses %s by its own name', (_name, changes, code, path) => {
    expect(refusal({ ...head, ...changes })).toMatchObject({ code, paths: [path] });
  });
});

describe('junta', () => {
  const head = { exchange: 'dydxv4', strategy: 's', market: 'BTC-USD', order: 'buy', price: 5, passphrase: 'x' };

  it.each<Row>([
    ['an order', { size: 1, reverse: false }, { action: 'buy', ...one }],
    ['a turn', { size: 1, reverse: true, order: 'sell' }, { target: 'short', ...one }],
    ['a turn to long', { size: 1, reverse: true }, { target: 'long', ...one }],
    ['leaving', { size: 1, position: 'flat' }, { target: 'flat' }],
    ['dollars', { sizeUsd: 100 }, { action: 'buy', size: { quote: '100' } }],
    ['leverage', { sizeByLeverage: 1.5 }, { action: 'buy', size: { percentEquity: '150' } }],
  ])('means by %s', (_name, changes, terms) => {
    const reading = read({ ...head, ...changes });
    expect(reading).toMatchObject({ dialect: 'junta', kind: 'perpetual', unknownKeys: [] });
    expect(reading.terms).toEqual({ ...market, symbol: 'BTC-USD', venue: 'dydx', ...terms });
  });

  it.each<Refusal>([
    ['two sizes', { size: 1, sizeUsd: 1 }, 'invalid_signal', 'sizeUsd'],
    ['no size', {}, 'invalid_signal', 'size'],
    ['dollars in a market of none', { sizeUsd: 1, market: 'ETH-BTC' }, 'unsupported', 'sizeUsd'],
    ['slippage', { size: 1, slippagePercentage: '5' }, 'unsupported', 'slippagePercentage'],
    ['an order that is none', { size: 1, order: 'hold', reverse: true }, 'invalid_signal', 'order'],
  ])('refuses %s by its own name', (_name, changes, code, path) => {
    expect(refusal({ ...head, ...changes })).toMatchObject({ code, paths: [path] });
  });
});

describe('freqtrade', () => {
  const enter = { pair: 'BTC/USDT:USDT', side: 'short', stakeamount: 100 };

  it.each<Row>([
    ['an entry', enter, { target: 'short', size: { quote: '100' } }],
    [
      'an entry by default long',
      { ...enter, side: undefined, ordertype: 'market' },
      { target: 'long', size: { quote: '100' } },
    ],
    [
      'a leveraged stake',
      { ...enter, leverage: 2.5, entry_tag: 't' },
      { target: 'short', size: { quote: '250' }, leverage: '2.5', comment: 't' },
    ],
    ['a price', { ...enter, price: 5 }, { target: 'short', size: { quote: '100' }, type: 'limit', price: '5' }],
    ['an exit', { tradeid: '1', pair: 'BTC/USDT:USDT' }, { action: 'close' }],
    ['a partial exit', { tradeid: 1, pair: 'BTC/USDT:USDT', amount: 1 }, { action: 'close', ...one }],
  ])('means by %s', (_name, body, terms) => {
    const reading = read(body);
    expect(reading).toMatchObject({ dialect: 'freqtrade', unknownKeys: [] });
    expect(reading.terms).toEqual({ ...market, symbol: 'BTC/USDT:USDT', ...terms });
  });

  it.each<Refusal>([
    ['an exit of a trade it cannot know', { tradeid: 'all' }, 'invalid_signal', 'pair'],
    ['no stake', { pair: 'BTC/USDT', side: 'long' }, 'invalid_signal', 'stakeamount'],
    ['a stake that is none', { ...enter, stakeamount: 'x', leverage: 2 }, 'invalid_signal', 'stakeamount'],
    ['a side that is none', { ...enter, side: 'up' }, 'invalid_signal', 'side'],
    ['a limit without price', { ...enter, ordertype: 'limit' }, 'invalid_signal', 'price'],
  ])('refuses %s by its own name', (_name, body, code, path) => {
    expect(refusal(body)).toMatchObject({ code, paths: [path] });
  });
});

describe('Hummingbot', () => {
  const head = {
    account_name: 'master_account',
    connector_name: 'gate_io_perpetual',
    trading_pair: 'BTC-USDT',
    trade_type: 'BUY',
    amount: 1,
  };

  it.each<Row>([
    ['a market order', { order_type: 'MARKET', position_action: 'OPEN' }, { action: 'buy', ...one }],
    ['a limit by default', { price: 5 }, { action: 'buy', ...one, type: 'limit', price: '5' }],
    [
      'a maker',
      { price: 5, order_type: 'LIMIT_MAKER' },
      { action: 'buy', ...one, type: 'limit', price: '5', timeInForce: 'PO' },
    ],
    [
      'a close',
      { trade_type: 'SELL', order_type: 'MARKET', position_action: 'CLOSE' },
      { action: 'sell', ...one, reduceOnly: true },
    ],
    ['an account', { account_name: 'second', order_type: 'MARKET' }, { action: 'buy', ...one, account: 'second' }],
  ])('means by %s', (_name, changes, terms) => {
    const reading = read({ ...head, ...changes });
    expect(reading).toMatchObject({ dialect: 'hummingbot', kind: 'perpetual', unknownKeys: [] });
    expect(reading.terms).toEqual({ ...market, symbol: 'BTC-USDT', venue: 'gate', ...terms });
  });

  it('tells spot from its connector too', () => {
    const reading = read({ ...head, connector_name: 'coinbase_advanced_trade', order_type: 'MARKET' });
    expect([reading.kind, reading.terms.venue]).toEqual(['spot', 'coinbase']);
  });

  it.each<Refusal>([
    ['a test network', { connector_name: 'bybit_perpetual_testnet' }, 'unsupported', 'connector_name'],
    ['a limit without price', {}, 'invalid_signal', 'price'],
    [
      'a position action that is none',
      { order_type: 'MARKET', position_action: 'x' },
      'invalid_signal',
      'position_action',
    ],
    ['no amount', { order_type: 'MARKET', amount: 0 }, 'invalid_signal', 'amount'],
  ])('refuses %s by its own name', (_name, changes, code, path) => {
    expect(refusal({ ...head, ...changes })).toMatchObject({ code, paths: [path] });
  });
});
