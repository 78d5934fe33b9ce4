/** Take-profit, stop-loss and trailing stop of a position. */
import { type Decimal, isMultipleOf, zero } from '../engine/decimal.ts';
import type { PositionKey } from '../engine/positions.ts';
import type { ExitRole, ExitRule, Exits, Side } from '../engine/types.ts';
import type { SymbolSpec } from './catalog.ts';
import { type AccountCall, linearSpec, marketOf } from './context.ts';
import { BybitError, invalidParameter } from './errors.ts';
import { isPartial, readExits } from './exit-request.ts';
import { checkPrice } from './filters.ts';
import { readSlot } from './order-request.ts';
import type { Params } from './params.ts';

const names = [
  ['takeProfit', 'take-profit'],
  ['stopLoss', 'stop-loss'],
  ['trailingStop', 'trailing-stop'],
] as const;

/** For all of a position (`0` takes one away), or for a part of it in addition to others; trailing always for all. */
export function setTradingStop(call: AccountCall) {
  const spec = linearSpec(call);
  const { params, venue, account } = call;
  const { engine } = venue.market;
  const key = { accountId: account.id, instrumentId: spec.id, slot: readSlot(call, spec) };
  const position = engine.positions.find(key);
  if (position === undefined || position.size.eq(zero)) {
    throw new BybitError(10001, 'can not set tp/sl/ts for zero position');
  }
  const side = position.size.gt(zero) ? 'buy' : 'sell';
  const basePrice = marketOf(venue, spec).tape.lastPrice ?? zero;
  const exits = readExits(params, { spec, side, basePrice });
  const quantity = readSize(params, exits, position.size.abs());
  const trailingStop = readTrailing(params, { spec, side, basePrice });
  const dropped = names.filter(([name]) => params.decimal(name)?.eq(zero) === true);
  const wanted: Exits = { ...exits, ...(trailingStop && { trailingStop }), scope: 'position' };
  if (dropped.length === 0 && quantity === undefined && isThere(call, key, wanted)) {
    throw new BybitError(34040, 'not modified');
  }
  for (const [, kind] of dropped) engine.perpetuals.dropExit(key, kind);
  if (exits !== undefined) engine.perpetuals.setExits(key, { ...exits, ...(quantity && { quantity }) });
  if (trailingStop !== undefined) engine.perpetuals.setExits(key, { trailingStop, scope: 'position' });
  return {};
}

/** The part of a position that exits are for; absent for all of it. @throws BybitError 10001 or 110058 */
function readSize(params: Params, exits: Exits | undefined, held: Decimal): Decimal | undefined {
  if (!isPartial(params) || exits === undefined) return undefined;
  const size = params.decimal('tpSize') ?? params.decimal('slSize');
  if (size === undefined) throw invalidParameter('tpSize or slSize is required');
  if (size.gt(held)) throw new BybitError(110058, 'The size exceeds that of the position.');
  return size;
}

/** A distance from the best last price, followed once the last price reaches `activePrice`. */
function readTrailing(
  params: Params,
  { spec, side, basePrice }: { spec: SymbolSpec; side: Side; basePrice: Decimal },
): ExitRule | undefined {
  const distance = params.decimal('trailingStop');
  if (distance === undefined || distance.eq(zero)) return undefined;
  if (distance.lt(zero) || !isMultipleOf(distance, spec.tickSize)) throw invalidParameter('trailingStop invalid');
  const activePrice = params.decimal('activePrice');
  const when = side === 'buy' ? ('at-or-above' as const) : ('at-or-below' as const);
  const isActivated = activePrice !== undefined && !activePrice.eq(zero);
  if (isActivated) checkActivation(activePrice, { spec, side, basePrice });
  return {
    trigger: {
      // Where it stands is for the market to say.
      price: zero,
      when: side === 'buy' ? 'at-or-below' : 'at-or-above',
      trailing: {
        offset: { amount: distance, unit: 'price' },
        ...(isActivated && { activation: { price: activePrice, when } }),
      },
    },
  };
}

function checkActivation(
  price: Decimal,
  { spec, side, basePrice }: { spec: SymbolSpec; side: Side; basePrice: Decimal },
): void {
  checkPrice(spec, price);
  if (side === 'buy' ? price.gt(basePrice) : price.lt(basePrice)) return;
  const [position, relation] = side === 'buy' ? ['Buy', 'higher'] : ['Sell', 'lower'];
  throw new BybitError(
    10001,
    `TrailingProfit:${price.toFixed()} of a ${position} position must be ${relation} than ${basePrice.toFixed()}`,
  );
}

/** Whether a position has all of these exits already. */
function isThere({ venue }: AccountCall, key: PositionKey, wanted: Exits): boolean {
  return names.every(([name, kind]) => {
    const rule = wanted[name];
    return rule === undefined || isSame(venue.market.engine.perpetuals.exitOf(key, kind)?.trigger, rule, kind);
  });
}

function isSame(current: ExitRule['trigger'] | undefined, { trigger }: ExitRule, kind: ExitRole['kind']): boolean {
  if (current === undefined) return false;
  if (kind !== 'trailing-stop') return current.price.eq(trigger.price) && current.by === trigger.by;
  const [is, shall] = [current.trailing, trigger.trailing];
  if (is === undefined || shall === undefined || !is.offset.amount.eq(shall.offset.amount)) return false;
  const [isFrom, shallFrom] = [is.activation?.price, shall.activation?.price];
  return isFrom === undefined || shallFrom === undefined ? isFrom === shallFrom : isFrom.eq(shallFrom);
}
