/** OctoBot, Alertatron, PineConnector, Cornix: alerts that are text. */
import { parseSignal, RequestError } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { read, refusal } from './reading.ts';

type Row = [name: string, text: string, terms: object];
type Refusal = [name: string, text: string, code: string, path: string];
const market = { type: 'market' };

describe('OctoBot', () => {
  const head = 'EXCHANGE=BINANCE;SYMBOL=BTCUSDT.P;TOKEN=x';
  const where = { symbol: 'BTCUSDT', venue: 'binance' };

  it.each<Row>([
    ['base', 'SIGNAL=BUY;VOLUME=0.1', { action: 'buy', size: { base: '0.1' } }],
    ['quote', 'SIGNAL=sell\nVOLUME=100q', { action: 'sell', size: { quote: '100' } }],
    ['the portfolio', 'SIGNAL=BUY;VOLUME=2%', { action: 'buy', size: { percentEquity: '2' } }],
    ['the position', 'SIGNAL=SELL;VOLUME=50p%', { action: 'sell', size: { percentPosition: '50' } }],
    ['the position, the other way', 'SIGNAL=SELL;VOLUME=50%p', { action: 'sell', size: { percentPosition: '50' } }],
    [
      'a limit',
      'SIGNAL=BUY;VOLUME=1;ORDER_TYPE=LIMIT;PRICE=5',
      { action: 'buy', size: { base: '1' }, type: 'limit', price: '5' },
    ],
    [
      'a market order at a price',
      'SIGNAL=BUY;VOLUME=1;ORDER_TYPE=MARKET;PRICE=5',
      { action: 'buy', size: { base: '1' } },
    ],
    [
      'a stop',
      'SIGNAL=SELL;VOLUME=1;ORDER_TYPE=STOP;STOP_PRICE=5;REDUCE_ONLY=true',
      { action: 'sell', size: { base: '1' }, type: 'stop', triggerPrice: '5', reduceOnly: true },
    ],
    [
      'exits',
      'SIGNAL=BUY;VOLUME=1;STOP_PRICE=5;TAKE_PROFIT_PRICE=9;LEVERAGE=5;TAG=a',
      {
        action: 'buy',
        size: { base: '1' },
        stopLoss: { price: '5' },
        takeProfit: [{ price: '9' }],
        leverage: '5',
        comment: 'a',
      },
    ],
    [
      'targets by ratio',
      'SIGNAL=BUY;VOLUME=1;TAKE_PROFIT_PRICE_1=9;TAKE_PROFIT_VOLUME_RATIO_1=1;TAKE_PROFIT_PRICE_2=10;TAKE_PROFIT_VOLUME_RATIO_2=3',
      {
        action: 'buy',
        size: { base: '1' },
        takeProfit: [
          { price: '9', portion: '0.25' },
          { price: '10', portion: '0.75' },
        ],
      },
    ],
    ['a cancel', 'SIGNAL=CANCEL', { action: 'cancel' }],
    [
      'empty values',
      'SIGNAL=BUY;VOLUME=1;PRICE=;STOP_PRICE=;TAKE_PROFIT_PRICE_1=;TRADING_TYPE=',
      { action: 'buy', size: { base: '1' } },
    ],
  ])('means by %s', (_name, text, terms) => {
    const reading = read(`${head};${text}`);
    expect(reading).toMatchObject({ dialect: 'octobot', kind: 'perpetual', unknownKeys: [] });
    expect(reading.terms).toEqual({ ...market, ...where, ...terms });
  });

  it('cuts portions, so that all of them are never more than the whole', () => {
    const thirds = [1, 2, 3].map((n) => `TAKE_PROFIT_PRICE_${n}=9;TAKE_PROFIT_VOLUME_RATIO_${n}=1`).join(';');
    const portions = read(`${head};SIGNAL=BUY;VOLUME=1;${thirds}`).terms.takeProfit?.map(({ portion }) => portion);
    expect(portions).toEqual(Array(3).fill('0.3333333333333333333333333333'));
  });

  it('leaves the kind of a market open where nothing says it', () => {
    expect(read('EXCHANGE=BYBIT;SYMBOL=BTCUSDT;SIGNAL=BUY;VOLUME=1').kind).toBeUndefined();
    expect(read('SYMBOL=BTCUSDT;SIGNAL=BUY;VOLUME=1;TRADING_TYPE=spot').kind).toBe('spot');
    expect(read('SYMBOL=BTC/USDT;SIGNAL=BUY;VOLUME=1;TRADING_TYPE=future').terms.symbol).toBe('BTCUSDT');
  });

  it.each<Refusal>([
    ['what is free', 'SIGNAL=BUY;VOLUME=12a%', 'unsupported', 'VOLUME'],
    ['what is held of some coins', 'SIGNAL=BUY;VOLUME=12t%', 'unsupported', 'VOLUME'],
    ['a volume that is none', 'SIGNAL=BUY;VOLUME=-1', 'unsupported', 'VOLUME'],
    ['no volume', 'SIGNAL=BUY', 'invalid_signal', 'VOLUME'],
    ['a relative price', 'SIGNAL=BUY;VOLUME=1;ORDER_TYPE=LIMIT;PRICE=-5%', 'unsupported', 'PRICE'],
    ['a relative stop', 'SIGNAL=BUY;VOLUME=1;STOP_PRICE=-400d', 'unsupported', 'STOP_PRICE'],
    ['a price without a type', 'SIGNAL=BUY;VOLUME=1;PRICE=5', 'invalid_signal', 'ORDER_TYPE'],
    ['a stop without a price', 'SIGNAL=BUY;VOLUME=1;ORDER_TYPE=STOP', 'invalid_signal', 'STOP_PRICE'],
    [
      'a target without a ratio',
      'SIGNAL=BUY;VOLUME=1;TAKE_PROFIT_PRICE_1=9;TAKE_PROFIT_VOLUME_RATIO_1=1;TAKE_PROFIT_PRICE_2=9',
      'invalid_signal',
      'TAKE_PROFIT_VOLUME_RATIO_2',
    ],
    [
      'a ratio below zero',
      'SIGNAL=BUY;VOLUME=1;TAKE_PROFIT_PRICE_1=9;TAKE_PROFIT_VOLUME_RATIO_1=-1',
      'invalid_signal',
      'TAKE_PROFIT_VOLUME_RATIO_1',
    ],
    [
      'nine targets',
      `SIGNAL=BUY;VOLUME=1;${[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `TAKE_PROFIT_PRICE_${n}=9`).join(';')}`,
      'unsupported',
      'TAKE_PROFIT_PRICE',
    ],
    ['a cancel by tag', 'SIGNAL=CANCEL;TAG=a', 'unsupported', 'TAG'],
    ['a trailing profile', 'SIGNAL=BUY;VOLUME=1;TRAILING_PROFILE=filled', 'unsupported', 'TRAILING_PROFILE'],
    ['a parameter of the exchange', 'SIGNAL=BUY;VOLUME=1;PARAM_x=1', 'unsupported', 'PARAM_x'],
    ['another kind of market', 'SIGNAL=BUY;VOLUME=1;TRADING_TYPE=options', 'unsupported', 'TRADING_TYPE'],
    ['a signal that is none', 'SIGNAL=HOLD', 'invalid_signal', 'SIGNAL'],
  ])('refuses %s by its own name', (_name, text, code, path) => {
    expect(refusal(`${head};${text}`)).toMatchObject({ code, paths: [path] });
  });
});

describe('Alertatron', () => {
  const bot = (command: string, symbol = 'BTCUSDT.P') => `MyKeys(${symbol}) {\n  ${command}\n}\n#bot`;

  it.each<Row>([
    ['contracts', 'market(side=buy, amount=100);', { action: 'buy', size: { contracts: '100' } }],
    ['a buy by default', 'market(amount=100)', { action: 'buy', size: { contracts: '100' } }],
    ['the balance', 'market(side=sell, amount=50%);', { action: 'sell', size: { percentEquity: '50' } }],
    ['the balance, said so', 'market(side=sell, amount=50%b);', { action: 'sell', size: { percentEquity: '50' } }],
    [
      'the position',
      'market(side=sell, amount=50%p, reduceOnly=true);',
      { action: 'sell', size: { percentPosition: '50' }, reduceOnly: true },
    ],
    ['no position', 'market(position=0);', { target: 'flat' }],
    ['a short position', 'market(position=-3);', { target: 'short', size: { contracts: '3' } }],
    ['a long position', 'market(position=10%);', { target: 'long', size: { percentEquity: '10' } }],
    [
      'a limit',
      'limit(side=buy, amount=1, offset=@5, postOnly=true, tag=a);',
      { action: 'buy', size: { contracts: '1' }, type: 'limit', price: '5', timeInForce: 'PO' },
    ],
    [
      'a limit that may take',
      'limit(side=buy, amount=1, offset=@5);',
      { action: 'buy', size: { contracts: '1' }, type: 'limit', price: '5' },
    ],
    [
      'a stop',
      'stopMarket(side=sell, amount=1, offset=@5);',
      { action: 'sell', size: { contracts: '1' }, type: 'stop', triggerPrice: '5', reduceOnly: true },
    ],
    ['a cancel', '# tidy up\n cancel(which=all);', { action: 'cancel' }],
    ['a cancel of all', 'cancel();', { action: 'cancel' }],
  ])('means by %s', (_name, command, terms) => {
    const reading = read(bot(command));
    expect(reading).toMatchObject({ dialect: 'alertatron', kind: 'perpetual', unknownKeys: [] });
    expect(reading.terms).toEqual({ ...market, symbol: 'BTCUSDT', ...terms });
  });

  it.each<Refusal>([
    ['two commands', 'market(side=buy, amount=1); cancel();', 'unsupported', 'commands'],
    ['no command', '', 'invalid_signal', 'commands'],
    ['what is no command', 'buy some', 'invalid_signal', 'commands'],
    ['a command that waits', 'wait(10s);', 'invalid_signal', 'commands'],
    ['another command', 'scaledOrder(from=1);', 'unsupported', 'commands'],
    ['an argument that it does not have', 'market(side=buy, amount=1, foo=1);', 'invalid_signal', 'market.foo'],
    ['an argument twice', 'market(side=buy, side=sell, amount=1);', 'invalid_signal', 'side'],
    ['what is free', 'market(side=buy, amount=50%a);', 'unsupported', 'market.amount'],
    ['what is free, the other way', 'market(side=buy, amount=50%%);', 'unsupported', 'market.amount'],
    ['less than nothing', 'market(side=buy, amount=-5);', 'invalid_signal', 'market.amount'],
    ['no amount', 'market(side=buy);', 'invalid_signal', 'market.amount'],
    ['a side that is none', 'market(side=up, amount=1);', 'invalid_signal', 'market.side'],
    ['a relative price', 'limit(side=buy, amount=1, offset=1%);', 'unsupported', 'limit.offset'],
    [
      'a trigger of its own',
      'stopMarket(side=sell, amount=1, offset=@5, trigger=mark);',
      'unsupported',
      'stopmarket.trigger',
    ],
    ['a cancel by tag', 'cancel(which=tagged, tag=a);', 'unsupported', 'cancel.which'],
  ])('refuses %s by its own name', (_name, command, code, path) => {
    expect(refusal(bot(command))).toMatchObject({ code, paths: [path.replace('stopmarket', 'stopMarket')] });
  });
});

describe('PineConnector', () => {
  const head = '60123456789';

  it.each<Row>([
    [
      'a buy',
      'buy,BTCUSDT.P,risk=1,sl_pct=2',
      { action: 'buy', size: { riskPercent: '1' }, stopLoss: { percent: '2' } },
    ],
    [
      'a bearish one',
      ' Bearish , BTCUSDT.P , risk=1 , sl_price=5,secret=x',
      { action: 'sell', size: { riskPercent: '1' }, stopLoss: { price: '5' } },
    ],
    [
      'targets',
      'long,BTCUSDT.P,risk=1,sl_pct=2,tp_pct=4,comment="a b"',
      {
        action: 'buy',
        size: { riskPercent: '1' },
        stopLoss: { percent: '2' },
        takeProfit: [{ percent: '4' }],
        comment: 'a b',
      },
    ],
    [
      'a target at a price',
      'buy,BTCUSDT.P,risk=1,sl_pct=2,tp_price=9',
      { action: 'buy', size: { riskPercent: '1' }, stopLoss: { percent: '2' }, takeProfit: [{ price: '9' }] },
    ],
    ['a close', 'closelong,BTCUSDT.P', { action: 'close' }],
    [
      'a turn',
      'closeshortbuy,BTCUSDT.P,risk=1,sl_pct=2',
      { target: 'long', size: { riskPercent: '1' }, stopLoss: { percent: '2' } },
    ],
  ])('means by %s', (_name, text, terms) => {
    const reading = read(`${head},${text}`);
    expect(reading).toMatchObject({ dialect: 'pine-connector', kind: 'perpetual', unknownKeys: [] });
    expect(reading.terms).toEqual({ ...market, symbol: 'BTCUSDT', ...terms });
  });

  it.each<Refusal>([
    ['pips', 'buy,BTCUSDT,risk=1,sl_pips=20', 'unsupported', 'sl_pips'],
    ['a stop of no unit', 'buy,BTCUSDT,risk=1,sl=20', 'unsupported', 'sl'],
    ['a target of no unit', 'buy,BTCUSDT,risk=1,sl_pct=2,tp=40', 'unsupported', 'tp'],
    ['lots', 'buy,BTCUSDT,vol_lots=1', 'unsupported', 'vol_lots'],
    ['dollars', 'buy,BTCUSDT,vol_dollar=50,sl_pct=2', 'unsupported', 'vol_dollar'],
    ['a pending order', 'buylimit,BTCUSDT,risk=1,price=5', 'unsupported', 'command'],
    ['a price', 'buy,BTCUSDT,risk=1,sl_pct=2,price=5', 'unsupported', 'price'],
    ['two targets', 'buy,BTCUSDT,risk=1,sl_pct=2,tp_pct=1,tp_price=9', 'invalid_signal', 'tp_price'],
    ['trailing', 'buy,BTCUSDT,risk=1,sl_pct=2,trailtrig=5', 'invalid_signal', 'trailtrig'],
    ['risk without a stop', 'buy,BTCUSDT,risk=1', 'invalid_signal', 'sl_pct'],
    ['no risk', 'buy,BTCUSDT', 'invalid_signal', 'risk'],
    ['a turn of no risk', 'closelongsell,BTCUSDT', 'invalid_signal', 'risk'],
    ['no symbol', 'buy,risk=1', 'invalid_signal', 'symbol'],
    ['no symbol at all', 'buy', 'invalid_signal', 'symbol'],
    ['a parameter twice', 'buy,BTCUSDT,risk=1,RISK=2', 'invalid_signal', 'risk'],
    ['prose', 'buy,BTCUSDT,a lot', 'invalid_signal', 'body'],
  ])('refuses %s by its own name', (_name, text, code, path) => {
    const refused = refusal(`${head},${text}`);
    expect(refused).toMatchObject({ code, paths: [path] });
    expect(refused.text).not.toContain(head);
  });
});

describe('Cornix', () => {
  const signal = (...lines: string[]) => lines.join('\n');

  it.each<[string, string, string, object]>([
    [
      'a spot limit told by its prices',
      signal('#BTC/USDT', 'Buy: 100', 'TP: 110 120', 'Stop: 90', 'Amount: 5%'),
      'spot',
      {
        symbol: 'BTC/USDT',
        action: 'buy',
        type: 'limit',
        price: '100',
        size: { percentEquity: '5' },
        takeProfit: [{ price: '110' }, { price: '120' }],
        stopLoss: { price: '90' },
      },
    ],
    [
      'a leveraged short with a list of targets',
      signal(
        '📉 ETH/USDT SHORT',
        'Lev: Cross 10x',
        'Entry: 2000',
        'Targets:',
        '1) 1900',
        '2) 1800.5',
        '',
        'Stop Loss: 2100',
        'Risk management: 1%',
      ),
      'perpetual',
      {
        symbol: 'ETHUSDT',
        action: 'sell',
        type: 'limit',
        price: '2000',
        leverage: '10',
        size: { riskPercent: '1' },
        takeProfit: [{ price: '1900' }, { price: '1800.5' }],
        stopLoss: { price: '2100' },
      },
    ],
    [
      'a market entry told by stop and target',
      signal('BTC/USDT', 'Enter now', 'Target 120', 'Stop 90', 'Invest up to 5% of your portfolio'),
      'spot',
      {
        symbol: 'BTC/USDT',
        action: 'buy',
        type: 'market',
        size: { percentEquity: '5' },
        takeProfit: [{ price: '120' }],
        stopLoss: { price: '90' },
      },
    ],
    [
      'a breakout',
      signal('BTC/USDT LONG', 'Entry above 105', 'TP1: 110', 'TP2: 120', 'Stop: 90', 'Amount 5%'),
      'spot',
      {
        symbol: 'BTC/USDT',
        action: 'buy',
        type: 'stop',
        triggerPrice: '105',
        size: { percentEquity: '5' },
        takeProfit: [{ price: '110' }, { price: '120' }],
        stopLoss: { price: '90' },
      },
    ],
    [
      'a short told by its prices, with a stop above its target',
      signal('BTC/USDT', 'Leverage: 5x', 'Entry: 100', 'TP: 90', 'Stop: 110', 'Amount: 5%'),
      'perpetual',
      {
        symbol: 'BTCUSDT',
        action: 'sell',
        type: 'limit',
        price: '100',
        leverage: '5',
        size: { percentEquity: '5' },
        takeProfit: [{ price: '90' }],
        stopLoss: { price: '110' },
      },
    ],
    [
      'a buy without a stop, told by entry and target',
      signal('BTC/USDT', 'Buy: 100', 'TP: 110', 'Amount: 5%'),
      'spot',
      {
        symbol: 'BTC/USDT',
        action: 'buy',
        type: 'limit',
        price: '100',
        size: { percentEquity: '5' },
        takeProfit: [{ price: '110' }],
      },
    ],
    [
      'lines that are pairs as well',
      signal('Pair: BTC/USDT', 'Direction: LONG', 'Entry: 100', 'Stop: 90', 'Amount: 5%'),
      'spot',
      {
        symbol: 'BTC/USDT',
        action: 'buy',
        type: 'limit',
        price: '100',
        size: { percentEquity: '5' },
        stopLoss: { price: '90' },
      },
    ],
  ])('means by %s', (_name, text, kind, terms) => {
    const reading = read(text);
    expect(reading).toMatchObject({ dialect: 'cornix', kind, unknownKeys: [] });
    expect(reading.terms).toEqual(terms);
  });

  const pair = 'BTC/USDT LONG';
  const rest = ['TP: 110', 'Stop: 90', 'Amount: 5%'];

  it.each<Refusal>([
    ['two entries', signal(pair, 'Entry: 100 - 101', ...rest), 'unsupported', 'entry'],
    ['a zone', signal(pair, 'Buy zone: 100', ...rest), 'unsupported', 'entry'],
    ['an entry of nothing', signal(pair, 'Entry: soon', ...rest), 'invalid_signal', 'entry'],
    [
      'targets that are announced last and not given',
      signal(pair, 'Entry: 100', 'Stop: 90', 'Amount: 5%', 'Targets:'),
      'invalid_signal',
      'target',
    ],
    ['an abbreviated price', signal(pair, 'Entry: 30k', ...rest), 'unsupported', 'price'],
    ['a price with separators', signal(pair, 'Entry: 30,000', ...rest), 'unsupported', 'price'],
    ['two stops', signal(pair, 'Entry: 100', 'TP: 110', 'Stop: 90 80', 'Amount: 5%'), 'unsupported', 'stop'],
    ['trailing', signal(pair, 'Entry: 100', ...rest, 'Trailing: on'), 'unsupported', 'trailing'],
    ['no amount', signal(pair, 'Entry: 100', 'Stop: 90'), 'invalid_signal', 'amount'],
    ['no direction', signal('BTC/USDT', 'Entry: market', 'Stop: 90', 'Amount: 5%'), 'invalid_signal', 'direction'],
    ['satoshis', signal('ETH/BTC LONG', 'Entry: 30000', 'Stop: 0.02', 'Amount: 5%'), 'unsupported', 'price'],
    ['a number that is none', signal(pair, 'Entry: 1.2.3', ...rest), 'invalid_signal', 'price'],
    ['risk without a stop', signal(pair, 'Entry: 100', 'TP: 110', 'Risk: 1%'), 'invalid_signal', 'stop'],
  ])('refuses %s by its own name', (_name, text, code, path) => {
    expect(refusal(text)).toMatchObject({ code, paths: [path] });
  });

  it('refuses a text without an entry where its source says that it is one', () => {
    expect(refusal(signal(pair, 'Stop: 90', 'Amount: 5%'), 'cornix').paths).toEqual(['entry']);
  });

  it('reads decimals of a market in bitcoin', () => {
    const text = signal('ETH/BTC LONG', 'Entry: 0.03', 'TP: 0.04', 'Stop: 0.02', 'Amount: 5%');
    expect(read(text).terms).toMatchObject({ symbol: 'ETH/BTC', price: '0.03', stopLoss: { price: '0.02' } });
  });
});

describe('a list of targets in a signal for people', () => {
  const withTarget = (line: string) => `BTC/USDT\nEntry: 100\nTargets:\n${line}\nStop: 90\nAmount: 1%`;

  it.each([
    '1) 110k',
    '1) 110 USDT',
    '1) +110',
    '1) 1e2',
    '1) 0x6e',
    '1) １１０',
    '1) .7',
    '110 (10%)',
    '✅ 110x',
    'soon',
    '',
  ])('is refused and not left out where it reads "%s"', (line) => {
    expect(() => parseSignal(withTarget(line), { dialect: 'cornix' })).toThrow(RequestError);
  });

  it.each(['Target 1: 1e2', 'TP1: 1_000', 'Target: .7'])('is refused where "%s" could be two numbers', (line) => {
    const text = `BTC/USDT\nEntry: 100\n${line}\nStop: 90\nAmount: 1%`;
    expect(() => parseSignal(text, { dialect: 'cornix' })).toThrow(RequestError);
  });

  it.each(['1) 110', '- 110', '110\n120', '$110', '2: 110.5'])('is read where it reads "%s"', (line) => {
    expect(parseSignal(withTarget(line), { dialect: 'cornix' }).signal.takeProfit).not.toHaveLength(0);
  });
});
