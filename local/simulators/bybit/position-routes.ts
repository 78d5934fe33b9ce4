/** Positions: what is held, and how an account wants to hold it. */
import { decimal, zero } from '../engine/decimal.ts';
import { emptyPosition } from '../engine/positions.ts';
import type { Position, PositionSlot } from '../engine/types.ts';
import type { SymbolSpec } from './catalog.ts';
import { type AccountCall, linearSpec, pageOf, type Route, requiredCategory } from './context.ts';
import { BybitError, invalidParameter, unifiedForbidden } from './errors.ts';
import { positionView } from './position-view.ts';
import { setTradingStop } from './trading-stop.ts';

const writes = { method: 'POST', access: 'private', permission: 'trade', perSecond: 10 } as const;

export const positionRoutes: readonly Route[] = [
  {
    ...{ method: 'GET', access: 'private', permission: 'read', perSecond: 50 },
    path: '/v5/position/list',
    handle: listPositions,
  },
  { ...writes, path: '/v5/position/set-leverage', handle: setLeverage },
  { ...writes, path: '/v5/position/switch-mode', handle: switchMode },
  { ...writes, path: '/v5/position/switch-isolated', handle: switchIsolated },
  { ...writes, path: '/v5/position/trading-stop', handle: setTradingStop },
];

const hedgeMode = '3';
const oneWayMode = '0';

/** With a symbol also what is empty; else what is held in the settle coin. */
function listPositions(call: AccountCall) {
  const { params } = call;
  const category = requiredCategory(params);
  if (category !== 'linear') return { category, list: [], nextPageCursor: '' };
  const held = params.text('symbol') === undefined ? heldPositions(call) : positionsOf(call, linearSpec(call));
  const page = pageOf(held, params, { standard: 20, max: 200 });
  const list = page.list.map(({ position, spec }) => positionView(call.venue, position, spec));
  return { category, list, nextPageCursor: page.nextPageCursor };
}

interface Held {
  readonly position: Readonly<Position>;
  readonly spec: SymbolSpec;
}

function heldPositions({ venue, account, params }: AccountCall): Held[] {
  const coins = { base: params.text('baseCoin'), quote: params.text('settleCoin') };
  if (coins.base === undefined && coins.quote === undefined) throw invalidParameter('symbol or settleCoin is required');
  return venue.market.engine.positions
    .of(account.id)
    .map((position) => ({ position, spec: venue.catalog.byInstrument(position.instrumentId) }))
    .filter(
      ({ position, spec }) =>
        !position.size.eq(zero) &&
        (coins.base ?? spec.base) === spec.base &&
        (coins.quote ?? spec.quote) === spec.quote,
    );
}

function positionsOf({ venue, account, nowMs }: AccountCall, spec: SymbolSpec): Held[] {
  const { positions } = venue.market.engine;
  const slots: PositionSlot[] = positions.settings.isHedged(account.id, spec.id) ? ['long', 'short'] : ['net'];
  return slots.map((slot) => {
    const key = { accountId: account.id, instrumentId: spec.id, slot };
    return { position: positions.find(key) ?? emptyPosition(key, nowMs), spec };
  });
}

function setLeverage(call: AccountCall) {
  const spec = linearSpec(call);
  const { params, venue, account } = call;
  const [buy, sell] = [params.decimal('buyLeverage'), params.decimal('sellLeverage')];
  if (buy === undefined || sell === undefined) throw invalidParameter('buyLeverage and sellLeverage are required');
  if (!buy.eq(sell)) throw invalidParameter('buy leverage must equal sell leverage');
  if (buy.lt(decimal('1'))) throw invalidParameter('leverage invalid');
  if (buy.gt(spec.perpetual?.leverageMax ?? zero)) {
    throw new BybitError(110013, `cannot set leverage [${buy.toFixed()}] gt maxLeverage by risk limit`);
  }
  const { positions, perpetuals } = venue.market.engine;
  if (positions.settings.leverage(account.id, spec.id).eq(buy)) throw new BybitError(110043, 'leverage not modified');
  if (!perpetuals.setLeverage(account.id, spec.id, buy)) {
    throw new BybitError(110044, 'Available margin is insufficient.');
  }
  return {};
}

/** One position per symbol (0) or one per direction (3), for a symbol or for all that settle in a coin. */
function switchMode(call: AccountCall) {
  const { params, venue, account } = call;
  if (requiredCategory(params) !== 'linear') throw invalidParameter('category must be linear');
  const mode = params.oneOf('mode', [oneWayMode, hedgeMode] as const);
  if (mode === undefined) throw invalidParameter('mode is required');
  const spec = params.text('symbol') === undefined ? undefined : linearSpec(call);
  if (spec === undefined && params.text('coin') === undefined) throw invalidParameter('symbol or coin is required');
  const { positions, orders, perpetuals } = venue.market.engine;
  const isMeant = (instrumentId: string) => spec === undefined || spec.id === instrumentId;
  const hedged = mode === hedgeMode;
  if (positions.settings.isHedged(account.id, spec?.id) === hedged) {
    throw new BybitError(110025, 'Position mode is not modified');
  }
  if (positions.of(account.id).some(({ instrumentId, size }) => isMeant(instrumentId) && !size.eq(zero))) {
    throw new BybitError(110024, 'You have an existing position, so position mode cannot be switched');
  }
  const linearIds = orders.openOf(account.id).map(({ instrumentId }) => instrumentId);
  if (linearIds.some((id) => isMeant(id) && venue.catalog.byInstrument(id).category === 'linear')) {
    throw new BybitError(110028, 'You have existing open orders, so position mode cannot be switched');
  }
  perpetuals.setMode(account.id, spec?.id, { hedged });
  return {};
}

/** Only classic accounts choose the margin mode per symbol. */
function switchIsolated(): never {
  throw unifiedForbidden();
}
