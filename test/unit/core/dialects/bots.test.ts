/** 3Commas, WunderTrading, OKX, TradersPost: bots that know positions. */
import { describe, expect, it } from 'vitest';
import { read, refusal } from './reading.ts';

type Row = [name: string, changes: object, terms: object];
type Refusal = [name: string, changes: object, code: string, path: string];
const market = { type: 'market' };

describe('3Commas', () => {
  const info = (position: string, previous: string, size = '2') => ({
    strategy_info: { market_position: position, prev_market_position: previous, market_position_size: size },
  });
  const head = {
    secret: 'x',
    bot_uuid: 'x',
    tv_exchange: 'HUOBI',
    tv_instrument: 'BTCUSDT.P',
    timestamp: '1795219200',
  };
  const order = { order: { amount: '1', currency_type: 'base' } };
  const where = { symbol: 'BTCUSDT', venue: 'htx' };
  const quote = { order: { amount: '100', currency_type: 'quote' } };
  const limit = { order: { amount: '1', currency_type: 'base', order_type: 'limit', price: '5' } };

  it.each<Row>([
    ['an opening', { action: 'buy', ...info('long', 'flat'), ...order }, { action: 'buy', size: { base: '1' } }],
    ['an order that says nothing of positions', { action: 'Sell', ...order }, { action: 'sell', size: { base: '1' } }],
    ['an addition', { action: 'sell', ...info('short', 'short'), ...order }, { action: 'sell', size: { base: '1' } }],
    ['a partial exit', { action: 'sell', ...info('long', 'long'), ...order }, { action: 'close', size: { base: '1' } }],
    ['leaving', { action: 'sell', ...info('flat', 'long'), ...order }, { target: 'flat' }],
    ['a reversal', { action: 'sell', ...info('short', 'long'), ...order }, { target: 'short', size: { base: '2' } }],
    [
      'a reversal in quote',
      { action: 'buy', ...info('long', 'short'), ...quote },
      { target: 'long', size: { quote: '100' } },
    ],
    [
      'a reversal of no size',
      { action: 'buy', ...info('long', 'short', ''), ...order },
      { action: 'buy', size: { base: '1' } },
    ],
    ['enter_long', { action: 'enter_long', ...quote }, { target: 'long', size: { quote: '100' } }],
    ['enter_short', { action: 'ENTER-SHORT', ...quote }, { target: 'short', size: { quote: '100' } }],
    ['exit_long', { action: 'exit_long' }, { action: 'close' }],
    [
      'a part of exit_short',
      { action: 'exit_short', order: { amount: '50', currency_type: 'position_percent' } },
      { action: 'close', size: { percentPosition: '50' } },
    ],
    ['a limit', { action: 'buy', ...limit }, { action: 'buy', size: { base: '1' }, type: 'limit', price: '5' }],
  ])('means by %s', (_name, changes, terms) => {
    const reading = read({ ...head, max_lag: '30', ...changes });
    expect(reading).toMatchObject({ dialect: 'threecommas', kind: 'perpetual', sentAt: '1795219200', unknownKeys: [] });
    expect(reading.terms).toEqual({ ...market, ...where, maxLagSeconds: 30, ...terms });
  });

  it('tells of keys that it does not have, by name alone', () => {
    const keys = { note: 'a', order: { amount: '1', currency_type: 'base', nested: 'b' } };
    expect(read({ ...head, action: 'buy', ...keys }).unknownKeys).toEqual(['note', 'order.nested']);
  });

  it.each<Refusal>([
    ['an entry without a size', { action: 'enter_long' }, 'invalid_signal', 'order.amount'],
    ['an order without a size', { action: 'buy' }, 'invalid_signal', 'order.amount'],
    ['a reversal without a size', { action: 'buy', ...info('long', 'short', '') }, 'invalid_signal', 'order.amount'],
    ['a size without a unit', { action: 'buy', order: { amount: '1' } }, 'invalid_signal', 'order.currency_type'],
    [
      'a share of the margin',
      { action: 'buy', order: { amount: '1', currency_type: 'margin_percent' } },
      'unsupported',
      'order.currency_type',
    ],
    ['a verb that is none', { action: 'start_bot', ...order }, 'invalid_signal', 'action'],
    [
      'a position that is none',
      { action: 'buy', ...info('up', 'flat'), ...order },
      'invalid_signal',
      'strategy_info.market_position',
    ],
    [
      'an order that leads elsewhere',
      { action: 'sell', ...info('long', 'short'), ...order },
      'invalid_signal',
      'strategy_info.market_position',
    ],
    ['a stop-loss', { action: 'buy', ...order, stop_loss: { value: '1' } }, 'unsupported', 'stop_loss'],
    ['no market', { action: 'buy', ...order, tv_instrument: '' }, 'invalid_signal', 'tv_instrument'],
    ['a list for an order', { action: 'buy', order: [] }, 'invalid_signal', 'order'],
    [
      'an amount that is none',
      { action: 'buy', order: { amount: 'x', currency_type: 'base' } },
      'invalid_signal',
      'order.amount',
    ],
    ['a lag that is none', { action: 'buy', ...order, max_lag: 'x' }, 'invalid_signal', 'max_lag'],
    ['a time that is none', { action: 'buy', ...order, timestamp: 'x' }, 'invalid_signal', 'timestamp'],
    ['a confidence that is none', { action: 'buy', ...order, confidence: '7' }, 'invalid_signal', 'confidence'],
  ])('refuses %s by its own name', (_name, changes, code, path) => {
    expect(refusal({ ...head, ...changes })).toMatchObject({ code, paths: [path] });
  });
});

describe('WunderTrading', () => {
  const enter = { code: 'ENTER-LONG_BYBIT_BTCUSDT_bot_5M_0123', amountPerTradeType: 'quote', amountPerTrade: '100' };
  const long = { target: 'long', size: { quote: '100' }, symbol: 'BTCUSDT', venue: 'bybit' };
  const none = { code: 'ENTER-SHORT_BYBIT_NONE_bot_5M_0123' };

  it.each<Row>([
    ['an entry', {}, long],
    ['base', { amountPerTradeType: 'base' }, { ...long, size: { base: '100' } }],
    ['contracts', { amountPerTradeType: 'contracts' }, { ...long, size: { contracts: '100' } }],
    ['dollars', { amountPerTradeType: '$' }, long],
    ['a share', { amountPerTradeType: 'percents', amountPerTrade: 0.07 }, { ...long, size: { percentEquity: '7' } }],
    ['a code for several pairs', { ...none, pair: 'ETHUSDT' }, { ...long, target: 'short', symbol: 'ETHUSDT' }],
    [
      'a bare verb',
      { code: 'enter-long', symbol: 'ETHUSDT' },
      { target: 'long', size: { quote: '100' }, symbol: 'ETHUSDT' },
    ],
    [
      'an exit',
      { code: 'EXIT-ALL_BYBIT_BTCUSDT_bot_5M_0123', reduceOnly: true },
      { ...long, target: undefined, action: 'close' },
    ],
    ['a limit', { orderType: 'limit', price: '9' }, { ...long, type: 'limit', price: '9' }],
    ['leverage and reduceOnly', { leverage: 5, reduceOnly: true }, { ...long, leverage: '5', reduceOnly: true }],
    [
      'exits',
      {
        takeProfits: [
          { priceDeviation: 0.01, portfolio: 0.5 },
          { price: 9, portfolio: 0.5 },
        ],
        stopLoss: { priceDeviation: 0.025 },
      },
      {
        ...long,
        takeProfit: [
          { percent: '1', portion: '0.5' },
          { price: '9', portion: '0.5' },
        ],
        stopLoss: { percent: '2.5' },
      },
    ],
    ['a stop at a price', { stopLoss: { price: '8' } }, { ...long, stopLoss: { price: '8' } }],
  ])('means by %s', (_name, changes, { target, ...terms }: { target?: string }) => {
    const reading = read({ ...enter, ...changes });
    expect(reading.dialect).toBe('wundertrading');
    expect(reading.terms).toEqual({ ...market, ...terms, ...(target && { target }) });
  });

  it.each([
    ['ENTER-LONG_BINANCE_FUTURES_BTCUSDT_bot_5M_0', 'perpetual', 'BTCUSDT'],
    ['ENTER-LONG_BYBIT_SPOT_BTCUSDT_bot_5M_0', 'spot', 'BTCUSDT'],
    ['ENTER-LONG_BYBIT_BTCUSDT_bot_5M_0', undefined, 'BTCUSDT'],
  ])('tells the market from the code: %s', (code, kind, symbol) => {
    const reading = read({ ...enter, code });
    expect([reading.kind, reading.terms.symbol]).toEqual([kind, symbol]);
  });

  it.each<Refusal>([
    ['a verb that is none', { code: 'HOLD-LONG_BYBIT_BTCUSDT' }, 'invalid_signal', 'code'],
    ['to enter both sides', { code: 'ENTER-ALL_BYBIT_BTCUSDT' }, 'invalid_signal', 'code'],
    ['no code', { code: '' }, 'invalid_signal', 'code'],
    ['an entry without a size', { amountPerTrade: '' }, 'invalid_signal', 'amountPerTrade'],
    ['no pair', none, 'invalid_signal', 'code'],
    ['a share above one', { amountPerTradeType: 'percents', amountPerTrade: 7 }, 'invalid_signal', 'amountPerTrade'],
    [
      'a share that is no number',
      { amountPerTradeType: 'percents', amountPerTrade: 'x' },
      'invalid_signal',
      'amountPerTrade',
    ],
    [
      'dollars in a market of bitcoin',
      { amountPerTradeType: '$', pair: 'ETHBTC' },
      'unsupported',
      'amountPerTradeType',
    ],
    ['a unit that is none', { amountPerTradeType: 'lots' }, 'invalid_signal', 'amountPerTradeType'],
    ['no size that would have to open', { amountPerTrade: 'x' }, 'invalid_signal', 'amountPerTrade'],
    ['dollars without a market', { code: 'enter-long', amountPerTradeType: '$' }, 'unsupported', 'amountPerTradeType'],
    ['a stop of two', { stopLoss: { priceDeviation: 0.1, price: 1 } }, 'invalid_signal', 'stopLoss.priceDeviation'],
    ['a lifetime', { timeToLive: 5 }, 'unsupported', 'timeToLive'],
    ['more orders', { extraOrderCount: 3 }, 'unsupported', 'extraOrderCount'],
    [
      'break-even by activation',
      { moveToBreakeven: { activationPriceDeviation: 0.1 } },
      'unsupported',
      'moveToBreakeven',
    ],
    ['a target of nothing', { takeProfits: [{ portfolio: 1 }] }, 'invalid_signal', 'takeProfits.0.price'],
    [
      'a target of two',
      { takeProfits: [{ price: 1, priceDeviation: 1 }] },
      'invalid_signal',
      'takeProfits.0.priceDeviation',
    ],
    ['targets that are no list', { takeProfits: {} }, 'invalid_signal', 'takeProfits'],
    ['a target that is no object', { takeProfits: ['1'] }, 'invalid_signal', 'takeProfits.0'],
    ['a stop of nothing', { stopLoss: {} }, 'unsupported', 'stopLoss'],
    ['exits of an exit', { code: 'EXIT-LONG_BYBIT_BTCUSDT', stopLoss: { price: 1 } }, 'unsupported', 'stopLoss'],
    ['a target at a price of nothing', { takeProfits: [{ price: 'x' }] }, 'invalid_signal', 'takeProfits.0.price'],
    ['a flag that is none', { reduceOnly: 'perhaps' }, 'invalid_signal', 'reduceOnly'],
  ])('refuses %s by its own name', (_name, changes, code, path) => {
    expect(refusal({ ...enter, ...changes })).toMatchObject({ code, paths: [path] });
  });
});

describe('OKX', () => {
  const head = { instrument: 'BTC-USDT-SWAP', signalToken: 'x', timestamp: '2026-11-21T00:00:00Z', maxLag: '60' };
  const base = { investmentType: 'base', amount: '1' };
  const was = (marketPosition: string, prevMarketPosition: string) => ({ marketPosition, prevMarketPosition });
  const one = { size: { base: '1' } };

  it.each<Row>([
    ['an opening', { action: 'buy', ...was('long', 'flat'), ...base }, { action: 'buy', ...one }],
    ['a partial exit', { action: 'buy', ...was('short', 'short'), ...base }, { action: 'close', ...one }],
    ['leaving', { action: 'sell', ...was('flat', 'long'), ...base }, { target: 'flat' }],
    ['a reversal', { action: 'sell', ...was('short', 'long'), ...base }, { action: 'sell', ...one }],
    [
      'ENTER_LONG',
      { action: 'ENTER_LONG', investmentType: 'contract', amount: '3' },
      { target: 'long', size: { contracts: '3' } },
    ],
    ['ENTER_SHORT', { action: 'ENTER_SHORT', ...base, orderType: 'market' }, { target: 'short', ...one }],
    ['EXIT_LONG', { action: 'EXIT_LONG' }, { action: 'close' }],
    [
      'a part of EXIT_SHORT',
      { action: 'EXIT_SHORT', investmentType: 'percentage_position', amount: '50' },
      { action: 'close', size: { percentPosition: '50' } },
    ],
  ])('means by %s', (_name, changes, terms) => {
    const reading = read({ ...head, ...changes });
    expect(reading).toMatchObject({ dialect: 'okx', kind: 'perpetual', identity: { rule: 'time' } });
    expect(reading.terms).toEqual({ ...market, symbol: 'BTC-USDT', maxLagSeconds: 60, ...terms });
  });

  it('takes the id of its order for part of the identity, since it is the same every time', () => {
    const [one, other] = ['a', 'b'].map((id) => read({ ...head, id, action: 'ENTER_LONG', ...base }).identity);
    expect(one).not.toEqual(other);
    expect(one?.rule).toBe('time');
  });

  it.each<Refusal>([
    ['a limit', { action: 'buy', ...base, orderType: 'limit' }, 'unsupported', 'orderType'],
    ['an offset', { action: 'buy', ...base, orderPriceOffset: '0.1' }, 'unsupported', 'orderPriceOffset'],
    [
      'a share of the balance',
      { action: 'buy', investmentType: 'percentage_balance', amount: '1' },
      'unsupported',
      'investmentType',
    ],
    ['an amount of nothing', { action: 'buy', amount: '1' }, 'unsupported', 'investmentType'],
    ['an entry without amount', { action: 'ENTER_LONG' }, 'invalid_signal', 'amount'],
    ['an order without amount', { action: 'buy' }, 'invalid_signal', 'amount'],
    ['no action', { ...base }, 'invalid_signal', 'action'],
    ['no instrument', { action: 'buy', ...base, instrument: null }, 'invalid_signal', 'instrument'],
    ['an instrument that is no text', { action: 'buy', ...base, instrument: true }, 'invalid_signal', 'instrument'],
  ])('refuses %s by its own name', (_name, changes, code, path) => {
    expect(refusal({ ...head, ...changes })).toMatchObject({ code, paths: [path] });
  });
});

describe('TradersPost', () => {
  const head = { ticker: 'BTCUSDT.P', quantity: '1', time: '2026-11-21T00:00:00Z' };
  const one = { size: { base: '1' } };
  const stopped = { action: 'buy', sentiment: 'long' };

  it.each<Row>([
    ['a buy', { action: 'buy' }, { target: 'long', ...one }],
    ['a sell of a perpetual', { action: 'sell' }, { target: 'short', ...one }],
    [
      'a ticker with its exchange',
      { action: 'buy', ticker: 'BINANCE:BTCUSDT.P' },
      { target: 'long', ...one, venue: 'binance' },
    ],
    ['a key that holds null', { action: 'buy', delay: null }, { target: 'long', ...one }],
    ['a bearish sell', { action: 'sell', sentiment: 'bearish' }, { target: 'short', ...one }],
    ['leaving', { action: 'sell', sentiment: 'flat' }, { target: 'flat' }],
    ['a partial exit', { action: 'sell', sentiment: 'long' }, { action: 'close', ...one }],
    ['an exit', { action: 'exit', quantity: undefined, quantityType: 'fixed_quantity' }, { action: 'close' }],
    [
      'an exit of everything, whatever it counts in',
      { action: 'exit', quantity: undefined, quantityType: 'risk_dollar_amount' },
      { action: 'close' },
    ],
    [
      'an exit of a part',
      { action: 'exit', quantityType: 'percent_of_position', quantity: '50' },
      { action: 'close', size: { percentPosition: '50' } },
    ],
    ['a cancel', { action: 'cancel' }, { action: 'cancel' }],
    ['an addition', { action: 'add', sentiment: 'long' }, { action: 'buy', ...one }],
    ['an addition to a short', { action: 'add', sentiment: 'short' }, { action: 'sell', ...one }],
    ['dollars', { action: 'buy', quantityType: 'dollar_amount' }, { target: 'long', size: { quote: '1' } }],
    ['equity', { action: 'buy', quantityType: 'percent_of_equity' }, { target: 'long', size: { percentEquity: '1' } }],
    [
      'a limit',
      { ...stopped, orderType: 'limit', limitPrice: '5', timeInForce: 'ioc' },
      { target: 'long', ...one, type: 'limit', price: '5', timeInForce: 'IOC' },
    ],
    [
      'a market order till cancelled',
      { ...stopped, orderType: 'market', timeInForce: 'gtc' },
      { target: 'long', ...one },
    ],
    [
      'a stop limit',
      { ...stopped, orderType: 'stop_limit', limitPrice: '5', stopPrice: '4' },
      { target: 'long', ...one, type: 'stop_limit', price: '5', triggerPrice: '4' },
    ],
    [
      'a trailing stop',
      { ...stopped, orderType: 'trailing_stop', trailPercent: '1' },
      { target: 'long', ...one, type: 'trailing_stop', trailPercent: '1' },
    ],
    [
      'exits',
      { ...stopped, takeProfit: { percent: 10 }, stopLoss: { type: 'stop', percent: 5 } },
      { target: 'long', ...one, takeProfit: [{ percent: '10' }], stopLoss: { percent: '5' } },
    ],
    [
      'exits at prices',
      { ...stopped, takeProfit: { limitPrice: 9 }, stopLoss: { stopPrice: 5 } },
      { target: 'long', ...one, takeProfit: [{ price: '9' }], stopLoss: { price: '5' } },
    ],
    [
      'a trailing exit',
      { ...stopped, stopLoss: { type: 'trailing_stop', trailAmount: 5 } },
      { target: 'long', ...one, stopLoss: { trailAmount: '5' } },
    ],
  ])('means by %s', (_name, changes, terms) => {
    const reading = read({ ...head, signalPrice: '7', ...changes });
    expect(reading).toMatchObject({ dialect: 'traderspost', kind: 'perpetual', sentAt: head.time, unknownKeys: [] });
    expect(reading.terms).toEqual({ ...market, symbol: 'BTCUSDT', ...terms });
  });

  it.each<Refusal>([
    ['a sell that may be an exit or a short', { ticker: 'BTCUSDT', action: 'sell' }, 'invalid_signal', 'sentiment'],
    ['an addition to nothing', { action: 'add' }, 'invalid_signal', 'sentiment'],
    ['a sentiment that is none', { action: 'buy', sentiment: 'happy' }, 'invalid_signal', 'sentiment'],
    ['break-even', { action: 'breakeven' }, 'invalid_signal', 'action'],
    ['a buy without quantity', { action: 'buy', quantity: 0 }, 'invalid_signal', 'quantity'],
    ['a quantity of risk', { action: 'buy', quantityType: 'risk_dollar_amount' }, 'unsupported', 'quantityType'],
    [
      'dollars of a market in bitcoin',
      { action: 'buy', ticker: 'ETHBTC', quantityType: 'dollar_amount' },
      'unsupported',
      'quantityType',
    ],
    ['a delay', { action: 'buy', delay: 5 }, 'unsupported', 'delay'],
    ['a test', { action: 'buy', test: true }, 'unsupported', 'test'],
    ['to cancel first', { action: 'buy', cancel: true }, 'unsupported', 'cancel'],
    ['an option', { action: 'buy', optionType: 'call' }, 'unsupported', 'optionType'],
    ['a distance in dollars', { action: 'buy', stopLoss: { amount: 5 } }, 'unsupported', 'stopLoss.amount'],
    ['a target in dollars', { action: 'buy', takeProfit: { amount: 5 } }, 'unsupported', 'takeProfit.amount'],
    ['a target of nothing', { action: 'buy', takeProfit: {} }, 'invalid_signal', 'takeProfit'],
    [
      'a target of two',
      { action: 'buy', takeProfit: { percent: 1, limitPrice: 1 } },
      'invalid_signal',
      'takeProfit.percent',
    ],
    [
      'a stop-limit to stop',
      { action: 'buy', stopLoss: { type: 'stop_limit', stopPrice: 1 } },
      'unsupported',
      'stopLoss.type',
    ],
    [
      'a limit to stop',
      { action: 'buy', stopLoss: { stopPrice: 1, limitPrice: 1 } },
      'unsupported',
      'stopLoss.limitPrice',
    ],
    ['a limit without price', { action: 'buy', orderType: 'limit' }, 'invalid_signal', 'limitPrice'],
    [
      'a day',
      { action: 'buy', orderType: 'limit', limitPrice: 1, timeInForce: 'day' },
      'invalid_signal',
      'timeInForce',
    ],
  ])('refuses %s by its own name', (_name, changes, code, path) => {
    expect(refusal({ ...head, signalPrice: '7', ...changes })).toMatchObject({ code, paths: [path] });
  });
});
