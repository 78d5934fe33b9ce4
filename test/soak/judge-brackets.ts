/** Whether every position that came with exits is protected as far as it should be. Shares no code with what keeps them. */
import {
  type Amount,
  add,
  amount,
  compare,
  finalStates,
  isPositive,
  type Market,
  minimum,
  type Order,
  roundToStep,
  subtract,
  type VenueId,
  zeroAmount,
} from '@nightdesk/core';
import { type Paired, positionKey, type Violation } from './judge-orders.ts';
import { priceKey, type VenueName } from './markets.ts';

interface Bracket {
  entry: Paired;
  exits: Paired[];
  market: Market;
  /** What the entry filled less what its exits did, by the venue's fills. */
  left: Amount;
}

export interface BracketCounts {
  [outcome: string]: number;
}

export interface BracketFacts {
  pairs: readonly Paired[];
  markets: ReadonlyMap<string, Market>;
  /** What the account holds in the market, by the venue's fills. */
  positions: ReadonlyMap<string, string>;
}

export function judgeBrackets({ pairs, markets, positions }: BracketFacts): {
  violations: Violation[];
  counts: BracketCounts;
} {
  const byParent = Map.groupBy(pairs, ({ order }) => order.parentId ?? '');
  const entries = pairs.filter(({ order }) => order.exits !== undefined);
  const brackets = entries.flatMap((entry): Bracket[] => {
    const { venue, symbol, orderId } = entry.order;
    const market = markets.get(priceKey(venue as VenueId as string as VenueName, symbol));
    const exits = byParent.get(orderId) ?? [];
    return market === undefined ? [] : [{ entry, exits, market, left: leftOf(entry, exits, market) }];
  });
  const counts: BracketCounts = {};
  const violations: Violation[] = [];
  const groups = Map.groupBy(brackets, ({ entry: { order } }) => positionKey(order.account, order.symbol));
  for (const [key, group] of groups) {
    const held = amount(positions.get(key) ?? '0');
    for (const side of ['buy', 'sell'] as const) {
      const own = group.filter(({ entry }) => entry.order.side === side);
      const inDirection = side === 'buy' ? held : subtract(zeroAmount, held);
      const result = judgeSide(own, isPositive(inDirection) ? inDirection : zeroAmount);
      violations.push(...result);
    }
    for (const { entry } of group) {
      const { state, cause } = entry.order.exits ?? { state: 'none', cause: undefined };
      const outcome = cause === undefined ? state : `${state} ${cause.code}`;
      counts[outcome] = (counts[outcome] ?? 0) + 1;
    }
  }
  return { violations, counts };
}

/** Of the account's position, the newest entries have theirs first. */
function judgeSide(brackets: readonly Bracket[], held: Amount): Violation[] {
  const newestFirst = brackets.toSorted((one, other) => other.entry.order.createdAtMs - one.entry.order.createdAtMs);
  let rest = held;
  const violations: Violation[] = [];
  let atWork = zeroAmount;
  for (const bracket of newestFirst) {
    const { entry } = bracket;
    const isEnded = entry.order.exits?.state === 'done';
    const share = isEnded ? zeroAmount : minimum(sizeOf(bracket), rest);
    rest = subtract(rest, share);
    atWork = add(atWork, stopsOf(bracket));
    violations.push(...judgeOne(bracket, share).map((what) => ({ what, orderId: entry.order.orderId })));
  }
  const [first] = newestFirst;
  if (first !== undefined && compare(atWork, held) > 0) {
    const { account, symbol, orderId } = first.entry.order;
    violations.push({ what: `stops of ${account} in ${symbol} are for ${atWork}, and it holds ${held}`, orderId });
  }
  return violations;
}

const sizeOf = ({ left, market }: Bracket): Amount => roundToStep(left, market.amountStep, 'down');

function judgeOne(bracket: Bracket, share: Amount): string[] {
  const { entry, exits, market } = bracket;
  const { exits: shown, exitPlan } = entry.order;
  if (shown === undefined) return [];
  const live = exits.filter(({ order }) => !finalStates.has(order.state));
  const size = roundToStep(share, market.amountStep, 'down');
  const where = `${shown.state}${shown.cause ? ` ${shown.cause.code}` : ''}`;
  if (shown.state === 'done') {
    const isExplained = shown.cause !== undefined || !isPositive(roundToStep(bracket.left, market.amountStep, 'down'));
    if (!isExplained) return [`ended its exits without a cause, and ${bracket.left} of it are left`];
    return live.map(({ order }) => `has ended its exits, and ${order.orderId} is still ${order.state}`);
  }
  if (!finalStates.has(entry.order.state) && !isPositive(size)) return [];
  if (shown.state === 'failed') return shown.cause === undefined ? ['has failed exits without a cause'] : [];
  if (compare(size, market.amountMin ?? market.amountStep) < 0) return [];
  if (shown.state !== 'protected') return [`is ${where}, and ${size} of it are to be protected`];
  if (exitPlan?.stopLoss === undefined) return [];
  const stops = stopsOf(bracket);
  return compare(stops, size) === 0 ? [] : [`is protected by a stop of ${stops}, and ${size} of it are left`];
}

/** What the stops would still end, at the venue or waiting at Nightdesk. */
function stopsOf({ exits }: Bracket): Amount {
  return exits
    .filter(({ order }) => order.role === 'stop_loss' && isAtWork(order))
    .reduce((sum, { order, atVenue }) => {
      const [wanted, done] = atVenue ? [atVenue.quantity, atVenue.executed] : [order.amount ?? '0', order.filled];
      return add(sum, subtract(amount(wanted), amount(done)));
    }, zeroAmount);
}

const isAtWork = ({ state }: Order): boolean => state === 'open' || state === 'waiting';

function leftOf(entry: Paired, exits: readonly Paired[], market: Market): Amount {
  const traded = (pair: Paired): { quantity: Amount; fees: Amount } => {
    const fills = pair.atVenue?.fills ?? [];
    const fees = fills.filter(({ commissionAsset }) => market.kind === 'spot' && commissionAsset === market.base);
    return {
      quantity: fills.reduce((sum, { qty }) => add(sum, amount(qty)), zeroAmount),
      fees: fees.reduce((sum, { commission }) => add(sum, amount(commission)), zeroAmount),
    };
  };
  const opened = traded(entry);
  const ended = exits.map(traded).reduce((sum, { quantity, fees }) => add(sum, add(quantity, fees)), zeroAmount);
  const left = subtract(subtract(opened.quantity, opened.fees), ended);
  return isPositive(left) ? left : zeroAmount;
}
