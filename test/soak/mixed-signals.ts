/** Signals of every kind that senders may send, decided by the dice. */
import type { Dice } from './dice.ts';
import { type Prices, priceKey, type SoakMarket, type SoakVenue, soakVenues } from './markets.ts';

export interface MixedSignal {
  kind: SignalKind;
  accounts: string[];
  /** As it is posted: an object is JSON. */
  body: object | string;
}

interface Situation {
  dice: Dice;
  venue: SoakVenue;
  market: SoakMarket;
  price: number;
  /** Orders that a cancel may name, of these accounts. */
  openOrders: ReadonlyMap<string, readonly string[]>;
}

type Fields = Readonly<Record<string, unknown>>;

/** How often each kind comes, in proportion. */
const kinds = {
  ...{ marketBuy: 6, marketSell: 4, quoteBuy: 3, limitIoc: 4, limitRests: 5, limitNear: 4, postOnly: 2 },
  ...{ stop: 3, stopLimit: 2, takeProfit: 2, trailingStop: 2, closeAll: 3, closePart: 4 },
  ...{ targetLong: 3, targetShort: 3, targetFlat: 2, bracket: 6, bracketOfTwo: 4, bracketStop: 2, bracketLimit: 3 },
  ...{ bracketTrailing: 2, bracketBreakEven: 2, bracketShort: 3, cancelMarket: 1, cancelOne: 4, dialect: 3 },
} as const;
export type SignalKind = keyof typeof kinds;

export interface Mixing {
  dice: Dice;
  prices: Prices;
  openOrders: Situation['openOrders'];
  /** What tells this signal apart from all others. */
  id: string;
}

/** One signal for one account, now and then for all accounts at the venue. */
export function mixSignal({ dice, prices, openOrders, id }: Mixing): MixedSignal {
  const venue = dice.pick(soakVenues);
  const market = dice.pick(venue.markets);
  const price = prices.get(priceKey(venue.venue, market.symbol));
  if (price === undefined) throw new Error(`there is no price of ${market.symbol}`);
  const situation = { dice, venue, market, price, openOrders };
  const kind = dice.weighted(kinds);
  if (kind === 'dialect') return { kind, ...inDialect(situation, id) };
  const fansOut = kind !== 'cancelOne' && dice.chance(0.12);
  const accounts = fansOut ? [...venue.accounts] : [dice.pick(venue.accounts)];
  const named = fansOut ? { accounts } : { account: accounts[0] };
  const fields = makers[kind]({ ...situation, openOrders }, accounts);
  const sentAt = new Date().toISOString();
  return { kind, accounts, body: { id, sentAt, symbol: market.symbol, ...named, ...fields } };
}

const sizeOf = ({ dice, market }: Situation): { base: string } => ({
  base: (market.size * dice.between(0.5, 2)).toFixed(market.sizeDecimals),
});
/** A price this share away from the market's. */
const away = ({ market, price }: Situation, share: number): string =>
  (price * (1 + share)).toFixed(market.priceDecimals);
const sideOf = ({ dice }: Situation): 'buy' | 'sell' => dice.pick(['buy', 'sell']);
/** Where a buy is cheaper, and a sale dearer, than the market by this share; beyond it with a negative one. */
const better = (situation: Situation, side: 'buy' | 'sell', share: number): string =>
  away(situation, side === 'buy' ? -share : share);

const limit = (situation: Situation, share: number, timeInForce: string): Fields => {
  const side = sideOf(situation);
  return { action: side, size: sizeOf(situation), type: 'limit', price: better(situation, side, share), timeInForce };
};

const buyWith = (situation: Situation, exits: Fields): Fields => ({ action: 'buy', size: sizeOf(situation), ...exits });
const percent = ({ dice }: Situation, low: number, high: number) => ({ percent: dice.between(low, high).toFixed(2) });

const makers: Readonly<Record<Exclude<SignalKind, 'dialect'>, (situation: Situation, accounts: string[]) => Fields>> = {
  marketBuy: (situation) => buyWith(situation, {}),
  marketSell: (situation) => ({ action: 'sell', size: sizeOf(situation) }),
  quoteBuy: ({ dice }) => ({ action: 'buy', size: { quote: String(Math.floor(dice.between(200, 1_500))) } }),
  limitIoc: (situation) => limit(situation, situation.dice.pick([-0.01, 0.01]), 'IOC'),
  limitRests: (situation) => limit(situation, situation.dice.between(0.1, 0.3), 'GTC'),
  limitNear: (situation) => limit(situation, situation.dice.between(0.001, 0.02), 'GTC'),
  postOnly: (situation) => limit(situation, situation.dice.pick([-0.01, 0.01, 0.02]), 'PO'),
  stop: (situation) => {
    const side = sideOf(situation);
    const triggerPrice = better(situation, side, -situation.dice.between(0.005, 0.03));
    return { action: side, size: sizeOf(situation), type: 'stop', triggerPrice };
  },
  stopLimit: (situation) => {
    const side = sideOf(situation);
    const share = situation.dice.between(0.005, 0.03);
    const [triggerPrice, price] = [better(situation, side, -share), better(situation, side, -share - 0.01)];
    return { action: side, size: sizeOf(situation), type: 'stop_limit', triggerPrice, price, timeInForce: 'GTC' };
  },
  takeProfit: (situation) => {
    const side = sideOf(situation);
    const triggerPrice = better(situation, side, situation.dice.between(0.005, 0.03));
    return { action: side, size: sizeOf(situation), type: 'take_profit', triggerPrice };
  },
  trailingStop: (situation) => ({
    ...{ action: sideOf(situation), size: sizeOf(situation), type: 'trailing_stop' },
    trailPercent: situation.dice.between(0.5, 3).toFixed(1),
  }),
  closeAll: () => ({ action: 'close' }),
  closePart: ({ dice }) => ({ action: 'close', size: { percentPosition: dice.pick(['25', '50', '80']) } }),
  targetLong: (situation) => ({ target: 'long', size: sizeOf(situation) }),
  targetShort: (situation) => ({
    target: situation.market.kind === 'spot' ? 'long' : 'short',
    size: sizeOf(situation),
  }),
  targetFlat: () => ({ target: 'flat' }),
  bracket: (situation) =>
    buyWith(situation, { takeProfit: [percent(situation, 1, 6)], stopLoss: percent(situation, 1, 5) }),
  bracketOfTwo: (situation) =>
    buyWith(situation, {
      takeProfit: [
        { ...percent(situation, 0.5, 3), portion: '0.5' },
        { ...percent(situation, 3, 8), portion: '0.5' },
      ],
      stopLoss: percent(situation, 1, 5),
    }),
  bracketStop: (situation) => buyWith(situation, { stopLoss: percent(situation, 1, 5) }),
  bracketLimit: (situation) => ({
    ...buyWith(situation, { takeProfit: [percent(situation, 1, 6)], stopLoss: percent(situation, 2, 6) }),
    ...{ type: 'limit', price: better(situation, 'buy', situation.dice.between(-0.002, 0.01)), timeInForce: 'GTC' },
  }),
  bracketTrailing: ({ dice, ...rest }) =>
    buyWith({ dice, ...rest }, { stopLoss: { trailPercent: dice.between(1, 4).toFixed(1) } }),
  bracketBreakEven: (situation) =>
    buyWith(situation, {
      takeProfit: [
        { ...percent(situation, 0.5, 2), portion: '0.5' },
        { ...percent(situation, 4, 8), portion: '0.5' },
      ],
      stopLoss: { ...percent(situation, 1, 5), breakEven: true },
    }),
  bracketShort: (situation) => {
    const exits = { takeProfit: [percent(situation, 1, 6)], stopLoss: percent(situation, 1, 5) };
    return situation.market.kind === 'spot'
      ? buyWith(situation, exits)
      : { action: 'sell', size: sizeOf(situation), ...exits };
  },
  cancelMarket: () => ({ action: 'cancel' }),
  cancelOne: ({ dice, openOrders }, [account = '']) => {
    const known = openOrders.get(account) ?? [];
    // Without one to name, everything in the market is meant.
    if (known.length === 0) return { action: 'cancel' };
    return { symbol: undefined, action: 'cancel', orderId: dice.pick(known) };
  },
};

let latestMs = 0;

/** Of alerts that have no id, one of the same millisecond would be a resend of the other. */
function timeApart(): string {
  latestMs = Math.max(latestMs + 1, Date.now());
  return new Date(latestMs).toISOString();
}

/** Formats of other services, at Bybit's perpetuals, where all of them can trade. */
function inDialect(situation: Situation, id: string): Pick<MixedSignal, 'accounts' | 'body'> {
  const { dice } = situation;
  const account = 'byb1';
  const coin = dice.pick(['BTC', 'ETH', 'SOL']);
  const size = { BTC: '0.01', ETH: '0.1', SOL: '2' }[coin] ?? '1';
  const now = timeApart();
  const action = dice.pick(['buy', 'sell']);
  const ticker = `${coin}USDT.P`;
  const bodies = {
    tradingview: { ticker, exchange: 'BYBIT', action, contracts: size, orderId: id, timenow: now },
    okx: {
      ...{ id, action: dice.pick(['ENTER_LONG', 'ENTER_SHORT', 'EXIT_LONG']), instrument: `${coin}-USDT-SWAP` },
      ...{ signalToken: 'any', timestamp: now, maxLag: '900', orderType: 'market', investmentType: 'base' },
      amount: size,
    },
    threecommas: {
      ...{
        secret: 'any',
        max_lag: '900',
        timestamp: now,
        tv_exchange: 'BYBIT',
        tv_instrument: ticker,
        bot_uuid: 'any',
      },
      ...{ action: dice.pick(['enter_long', 'enter_short']), order: { amount: size, currency_type: 'base' } },
    },
    text: `id=${id}; symbol=${ticker}; action=${action}; size.base=${size}; account=${account}; sentAt=${now}`,
  };
  return { accounts: [account], body: dice.pick(Object.values(bodies)) };
}
