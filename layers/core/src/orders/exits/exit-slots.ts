/** What a bracket should consist of now: one slot per order that is to be at work. */
import {
  type Amount,
  compare,
  isPositive,
  minimum,
  type Price,
  roundToStep,
  scaleBy,
  subtract,
  zeroAmount,
} from '../../money.ts';
import type { Market } from '../../ports/market-data.ts';
import type { OrderAbilities, OrderTerms } from '../../ports/venue.ts';
import type { ExitPlan, Exits, StopLoss } from '../exits.ts';
import { finalStates } from '../order.ts';
import { type ExitSlotKey, type ExitSteps, filledOf, stepsOf } from './exit-steps.ts';
import type { ExitView } from './exit-view.ts';
import { better, type ExitSide, limitBeyond, stopPriceOf, targetPriceOf, trailedStop } from './levels.ts';
import { averageEntryPrice, type EntryPosition, entryPositionOf, isPlaceable, lessOf, sum } from './position.ts';

/** A view with what follows from it. */
export interface Bracket extends EntryPosition, ExitSide {
  view: ExitView;
  plan: ExitPlan;
  exits: Exits;
  steps: ExitSteps;
  average: Price | undefined;
  /** The entry fills no further. */
  isEnded: boolean;
  /**
   * Orders that only reduce may rest together. Without them each order holds what it would sell, so a stop leaves nothing for
   * targets: those are watched.
   */
  isTogether: boolean;
}

export interface ExitSlot extends ExitSlotKey {
  /** What its order is to have left to fill. */
  amount: Amount;
  /** Limit of a target, trigger of a stop. */
  price?: Price;
  terms: OrderTerms;
  handling?: 'emulated';
  isPlaceable: boolean;
}

/** @returns undefined for an order that asks for no protection. */
export function bracketOf(view: ExitView): Bracket | undefined {
  const { entry, market, abilities } = view;
  const { exitPlan: plan, exits } = entry;
  if (plan === undefined || exits === undefined) return undefined;
  return {
    ...entryPositionOf(view),
    view,
    plan,
    exits,
    market,
    side: entry.side === 'sell' ? 'buy' : 'sell',
    steps: stepsOf(exits, view.orders),
    average: isPositive(entry.filled) ? averageEntryPrice(entry, market) : undefined,
    isEnded: finalStates.has(entry.state),
    isTogether: abilities.reduceOnly,
  };
}

/** Where the stop is to be, by the plan and by how far it was moved since; the closer one. */
export function stopTriggerOf(bracket: Bracket, stop: StopLoss): Price | undefined {
  const { stopPrice } = bracket.exits;
  const planned = plannedStop(bracket, stop);
  if (planned === undefined || stopPrice === undefined) return stopPrice ?? planned;
  return better(planned, stopPrice, bracket.side);
}

function plannedStop(bracket: Bracket, { level, trail }: StopLoss): Price | undefined {
  if (level !== undefined) return stopPriceOf(level, bracket.average, bracket);
  if (trail === undefined || bracket.average === undefined) return undefined;
  return trailedStop(trail, bracket.average, bracket);
}

/**
 * True where the venue trails the stop. Only one that nothing else moves, and that needs no other size later unless the venue can
 * change that in place: one that is placed anew would start from the price of then. Once Nightdesk has trailed it, it goes on.
 */
export function isTrailedByVenue({ plan, view, steps, isEnded }: Bracket, stop: StopLoss): boolean {
  const { abilities } = view;
  if (stop.trail === undefined || stop.level !== undefined || stop.breakEven === true) return false;
  if (!abilities.types.has('trailing_stop')) return false;
  const keepsSize = abilities.amends || (isEnded && plan.takeProfits.length === 0);
  const wasTrailedHere = steps.recorded.some(({ step }) => step.role === 'stop_loss' && step.price !== undefined);
  return keepsSize && !wasTrailedHere;
}

/** Exits only reduce. Venues of contracts that keep no such orders refuse to be asked for one. */
export const isReducing = (market: Pick<Market, 'kind'>, abilities: Pick<OrderAbilities, 'reduceOnly'>): boolean =>
  market.kind === 'spot' || abilities.reduceOnly;

const reducingTerms = ({ market, abilities }: ExitView): Pick<OrderTerms, 'reduceOnly'> =>
  isReducing(market, abilities) ? { reduceOnly: true } : {};

/** The stop for all that is left; `undefined` where its level gives no price. */
export function stopSlot(bracket: Bracket, stop: StopLoss): ExitSlot | undefined {
  const { view, size } = bracket;
  const reducing = reducingTerms(view);
  if (stop.trail !== undefined && isTrailedByVenue(bracket, stop)) {
    const terms: OrderTerms = { type: 'trailing_stop', trail: stop.trail, ...reducing };
    const fits = isPlaceable(size, bracket.average, view);
    return { role: 'stop_loss', amount: size, terms, isPlaceable: fits };
  }
  const trigger = stopTriggerOf(bracket, stop);
  if (trigger === undefined) return undefined;
  const { types } = view.abilities;
  const atMarket = types.has('stop') || (!types.has('stop_limit') && types.has('market'));
  const limit = limitBeyond(trigger, bracket);
  const common = { triggerPrice: trigger, ...reducing };
  const terms: OrderTerms = atMarket ? { type: 'stop', ...common } : { type: 'stop_limit', price: limit, ...common };
  return {
    ...{ role: 'stop_loss', amount: size, price: trigger, terms },
    ...(!types.has(terms.type) && { handling: 'emulated' }),
    isPlaceable: isPlaceable(size, atMarket ? trigger : limit, view),
  };
}

/** What gives the rest up. Where the venue takes no market orders, a limit beyond the price does the same. */
export function closeSlot(bracket: Bracket, reference: Price | undefined): ExitSlot {
  const { view, size } = bracket;
  const { types, timesInForce } = view.abilities;
  const isLimit = !types.has('market') && reference !== undefined;
  const immediate = timesInForce.has('IOC') ? ({ timeInForce: 'IOC' } as const) : {};
  const terms: OrderTerms = isLimit
    ? { type: 'limit', price: limitBeyond(reference, bracket), ...reducingTerms(view), ...immediate }
    : { type: 'market', ...reducingTerms(view) };
  return { role: 'close', amount: size, terms, isPlaceable: isPlaceable(size, reference, view) };
}

export interface TargetSlots {
  /** Nearest first; those that are done with are not among them. */
  slots: ExitSlot[];
  /** From 0, the targets whose level gives no price. */
  unusable: number[];
}

/** Portions that leave no more than this are all of it: thirds are cut to fit. */
const wholePortion = '0.999999';

/**
 * The targets with what each has left: portions of what the entry opened, rounded down, the last of a whole plan with all the
 * rest. One below the venue's least size is added to the next one. All together they are never more than the position: where
 * less is left, the farthest are cut first.
 */
export function targetSlots(bracket: Bracket): TargetSlots {
  const { plan, view, steps, size, isTogether } = bracket;
  const prices = plan.takeProfits.map(({ level }) => targetPriceOf(level, bracket.average, bracket));
  const isWatched = !isTogether && plan.stopLoss !== undefined;
  const immediate = isWatched && view.abilities.timesInForce.has('IOC') ? ({ timeInForce: 'IOC' } as const) : {};
  const slots: ExitSlot[] = [];
  let room = size;
  for (const [target, total] of portionsOf(bracket, prices).entries()) {
    const key = { role: 'take_profit', target } as const;
    const amount = minimum(lessOf(total, filledOf(steps, key)), room);
    const price = prices[target];
    if (price === undefined || !isPositive(amount)) continue;
    room = subtract(room, amount);
    const terms: OrderTerms = { type: 'limit', price, ...reducingTerms(view), ...immediate };
    slots.push({ ...key, amount, price, terms, isPlaceable: isPlaceable(amount, price, view) });
  }
  return { slots, unusable: prices.flatMap((price, target) => (price === undefined ? [target] : [])) };
}

/** What each target is for in all. */
function portionsOf({ plan, view, opened }: Bracket, prices: readonly (Price | undefined)[]): Amount[] {
  const { amountStep } = view.market;
  const portions = plan.takeProfits.map(({ portion }) => portion as Amount);
  const isWhole = compare(sum(portions), wholePortion) >= 0;
  const totals: Amount[] = [];
  let planned = zeroAmount;
  let given = zeroAmount;
  for (const [target, portion] of portions.entries()) {
    const isRest = isWhole && target === portions.length - 1;
    const exact = isRest ? opened : scaleBy(opened, portion);
    const own = roundToStep(exact, amountStep, 'down');
    planned = isRest ? own : sum([planned, own]);
    const due = subtract(planned, given);
    const fits = prices[target] !== undefined && isPlaceable(due, prices[target], view);
    totals.push(fits ? due : zeroAmount);
    if (fits) given = planned;
  }
  const last = totals.findLastIndex(isPositive);
  return totals.map((total, target) => (target === last ? sum([total, subtract(planned, given)]) : total));
}
