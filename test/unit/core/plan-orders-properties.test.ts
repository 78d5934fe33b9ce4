/** What holds for every plan, whatever the signal, the market and the figures. */
import {
  type Amount,
  amount,
  compare,
  figuresNeeded,
  type Market,
  notionalOf,
  type OrdersPlan,
  type PlanFigures,
  type PlannedOrder,
  type Price,
  planOrders,
  price,
  roundToStep,
  type Signal,
  type SignalSize,
  type SignedPosition,
  scaleBy,
  sideWanted,
  subtract,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { btcUsdt, btcUsdtPerpetual, inverseByHundred, linearByHundredths } from '../../support/markets.ts';
import { allAbilities, signalOf } from '../../support/plans.ts';
import fc from '../../support/property.ts';

/** A decimal above zero of at most `digits` places. */
const decimal = (max: number, digits: number): fc.Arbitrary<string> =>
  fc.integer({ min: 1, max: max * 10 ** digits }).map((units) => {
    const text = String(units).padStart(digits + 1, '0');
    return String(amount(digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`));
  });

const markets: fc.Arbitrary<Market> = fc.constantFrom(btcUsdt, btcUsdtPerpetual, linearByHundredths, inverseByHundred);
const percentages = decimal(100, 2);
const sizes: fc.Arbitrary<SignalSize> = fc.oneof(
  decimal(50, 4).map((text) => ({ base: amount(text) })),
  decimal(50_000, 2).map((text) => ({ quote: text as Extract<SignalSize, { quote: unknown }>['quote'] })),
  decimal(500, 2).map((text) => ({ contracts: amount(text) })),
  percentages.map((percentEquity) => ({ percentEquity })),
  percentages.map((percentPosition) => ({ percentPosition })),
  percentages.map((riskPercent) => ({ riskPercent })),
);
const prices: fc.Arbitrary<Price> = decimal(2_000, 3).map(price);
const terms: fc.Arbitrary<Partial<Signal>> = fc.oneof(
  fc.constant({ type: 'market' as const }),
  prices.map((at) => ({ type: 'limit' as const, price: at })),
  prices.map((at) => ({ type: 'stop' as const, triggerPrice: at })),
  fc.tuple(prices, prices).map(([at, from]) => ({ type: 'stop_limit' as const, price: at, triggerPrice: from })),
  prices.map((at) => ({ type: 'take_profit' as const, triggerPrice: at })),
  percentages.map((percent) => ({ type: 'trailing_stop' as const, trail: { percent } })),
);
const intentions: fc.Arbitrary<Partial<Signal>> = fc.constantFrom<Partial<Signal>>(
  ...[{ action: 'buy' as const }, { action: 'sell' as const }, { action: 'close' as const }],
  ...[{ target: 'long' as const }, { target: 'short' as const }, { target: 'flat' as const }],
  ...[
    { action: 'buy' as const, reduceOnly: true },
    { action: 'sell' as const, reduceOnly: true },
  ],
);
const exitPlans: fc.Arbitrary<Signal['exitPlan']> = fc.option(
  fc.tuple(percentages, prices, fc.boolean()).map(([percent, at, relative]) => ({
    takeProfits: [],
    stopLoss: { level: relative ? { percent } : { price: at } },
    onFailure: 'keep' as const,
  })),
  { nil: undefined },
);

interface Situation {
  market: Market;
  signal: Signal;
  figures: Required<PlanFigures> & { position: SignedPosition };
}

const situations: fc.Arbitrary<Situation> = fc
  .record({
    market: markets,
    intention: intentions,
    size: fc.option(sizes, { nil: undefined }),
    terms,
    exitPlan: exitPlans,
    side: fc.constantFrom('long' as const, 'short' as const, 'flat' as const),
    steps: fc.integer({ min: 1, max: 5_000 }),
    at: prices,
    equity: decimal(100_000, 2),
  })
  .map(({ market, intention, size, terms: rest, exitPlan, side, steps, at, equity }) => {
    const held = side === 'flat' || (side === 'short' && market.kind === 'spot') ? undefined : side;
    const position: SignedPosition = held
      ? { side: held, amount: scaleBy(market.amountStep, String(steps)) }
      : { side: 'flat', amount: amount('0') };
    const isExit = intention.action === 'close' || intention.target === 'flat' || intention.reduceOnly === true;
    const signal = signalOf({
      ...{ symbol: market.symbol, ...rest, ...intention },
      ...(size !== undefined && intention.target !== 'flat' && { size }),
      ...(exitPlan && !isExit && { exitPlan }),
    });
    return { market, signal, figures: { price: at, position, equity: equity as PlanFigures['equity'] & string } };
  });

const planOf = ({ signal, market }: Situation, figures: PlanFigures): OrdersPlan =>
  planOrders(signal, figures, { market, abilities: allAbilities });
const ordersOf = (plan: OrdersPlan): PlannedOrder[] => (plan.kind === 'orders' ? plan.orders : []);
const isMultiple = (value: string, step: string): boolean => roundToStep(value as Amount, step, 'down') === value;

/** Where the order is to fill, as the policy has it. */
function referenceOf({ terms: { price: limit, triggerPrice, type }, side }: PlannedOrder, at: Price): Price {
  if (limit !== undefined) return limit;
  if (triggerPrice === undefined) return at;
  return type === 'stop' && side === 'buy' && compare(at, triggerPrice) > 0 ? at : triggerPrice;
}

const fields =
  /^(action|target|symbol|type|price|triggerPrice|trailAmount|timeInForce|displaySize|reduceOnly|leverage|marginMode|size(\.(base|quote|contracts|percentEquity|percentPosition|riskPercent))?|stopLoss(\.(price|percent|trailPercent|trailAmount))?|takeProfit(\.\d\.(price|percent))?)$/;

const check = (property: (situation: Situation) => void) =>
  fc.assert(fc.property(situations, property), { numRuns: 2_000 });

describe('every plan', () => {
  it('orders multiples of the step, within the bounds of the market', () => {
    let seen = 0;
    check((situation) => {
      const { market, figures } = situation;
      for (const { amount: size, terms: wanted } of ordersOf(planOf(situation, figures))) {
        seen += 1;
        expect(isMultiple(size, market.amountStep)).toBe(true);
        expect(compare(size, market.amountMin ?? market.amountStep)).toBeGreaterThanOrEqual(0);
        for (const at of [wanted.price, wanted.triggerPrice]) {
          expect(at === undefined || (compare(at, '0') > 0 && isMultiple(at, market.priceStep))).toBe(true);
        }
      }
    });
    expect(seen).toBeGreaterThan(100);
  });

  it('reduces by no more than the position, for nothing reserved', () => {
    check((situation) => {
      const { figures } = situation;
      for (const { amount: size, side, terms: wanted, notional } of ordersOf(planOf(situation, figures))) {
        if (wanted.reduceOnly !== true) continue;
        expect(notional).toBe('0');
        expect(compare(size, figures.position.amount)).toBeLessThanOrEqual(0);
        expect(side).toBe(figures.position.side === 'long' ? 'sell' : 'buy');
      }
    });
  });

  it('opens no more than was asked for', () => {
    check((situation) => {
      const { market, signal, figures } = situation;
      const { size } = signal;
      const entry = ordersOf(planOf(situation, figures)).find(({ terms: wanted }) => wanted.reduceOnly !== true);
      if (entry === undefined || size === undefined) return;
      const worth =
        market.contractType === 'inverse'
          ? scaleBy(entry.amount, market.contractSize ?? '')
          : notionalOf(entry.amount, referenceOf(entry, figures.price));
      expect(compare(entry.notional, worth)).toBeGreaterThanOrEqual(0);
      if ('base' in size && market.contractType !== 'inverse') {
        expect(compare(entry.amount, size.base)).toBeLessThanOrEqual(0);
      }
      if ('quote' in size) expect(compare(worth, size.quote)).toBeLessThanOrEqual(0);
      if ('percentEquity' in size && market.contractType !== 'inverse') {
        expect(
          compare(scaleBy(worth as Amount, '100'), scaleBy(figures.equity, size.percentEquity)),
        ).toBeLessThanOrEqual(0);
      }
    });
  });

  it('risks no more than its share of the equity at the stop', () => {
    let seen = 0;
    check((situation) => {
      const { market, signal, figures } = situation;
      const [entry] = ordersOf(planOf(situation, figures)).filter(({ terms: wanted }) => wanted.reduceOnly !== true);
      const { size, exitPlan } = signal;
      const level = exitPlan?.stopLoss?.level;
      if (entry === undefined || size === undefined || !('riskPercent' in size) || level === undefined) return;
      seen += 1;
      const from = referenceOf(entry, figures.price);
      const away = 'percent' in level ? scaleBy(scaleBy(from, level.percent), '0.01') : undefined;
      const toStop = 'price' in level ? (subtract(from, level.price).replace('-', '') as Price) : away;
      const at = entry.side === 'buy' ? subtract(from, toStop ?? from) : subtract(from, `-${toStop}` as Price);
      const allowed = scaleBy(figures.equity, size.riskPercent);
      const lost = scaleBy(scaleBy(entry.amount, toStop ?? ''), '100');
      if (market.contractType !== 'inverse') {
        expect(compare(lost, allowed)).toBeLessThanOrEqual(0);
        return;
      }
      // size × contract × |1/entry − 1/stop|, multiplied out so that it stays exact
      const inBase = scaleBy(lost, market.contractSize ?? '');
      expect(compare(inBase, scaleBy(scaleBy(allowed, from), at))).toBeLessThanOrEqual(0);
    });
    expect(seen).toBeGreaterThan(3);
  });

  it('that is denied names a field of the signal first', () => {
    check((situation) => {
      for (const figures of [situation.figures, {}, { price: situation.figures.price }]) {
        const plan = planOf(situation, figures);
        if (plan.kind !== 'denied') continue;
        expect(plan.field).toMatch(fields);
        expect(plan.cause.message.startsWith(`${plan.field} `)).toBe(true);
      }
    });
  });

  it('is the same with the figures it asks for as with all of them', () => {
    check((situation) => {
      const { figures, signal, market } = situation;
      const needed = figuresNeeded(signal, market);
      const position = needed.position ? figures.position : undefined;
      const asked: PlanFigures = {
        ...(needed.price && sideWanted(signal, position) && { price: figures.price }),
        ...(position && { position }),
        ...(needed.equity && { equity: figures.equity }),
      };
      expect(planOf(situation, asked)).toEqual(planOf(situation, figures));
    });
  });
});

describe('a target', () => {
  it('that was reached needs nothing more', () => {
    let seen = 0;
    check((situation) => {
      const { signal, figures, market } = situation;
      if (signal.target === undefined || signal.target === 'flat') return;
      const orders = ordersOf(planOf(situation, figures));
      if (orders.length === 0) return;
      seen += 1;
      const signed = (side: string, size: Amount): string => (side === 'buy' || side === 'long' ? size : `-${size}`);
      const held = figures.position.side === 'flat' ? '0' : signed(figures.position.side, figures.position.amount);
      let reached = amount(held);
      for (const { side, amount: size } of orders) {
        reached = subtract(reached, amount(signed(side === 'buy' ? 'sell' : 'buy', size)));
      }
      // What the market would not take an order for stays where it is, in front of what opens.
      const isClean = orders.length > 1 || figures.position.side === signal.target || held === '0';
      if (!isClean) return;
      const position: SignedPosition = { side: signal.target, amount: amount(reached.replace('-', '')) };
      const again = planOf(situation, { ...figures, position });
      expect([again.kind, market.symbol]).toEqual(['nothing', market.symbol]);
    });
    expect(seen).toBeGreaterThan(20);
  });
});
