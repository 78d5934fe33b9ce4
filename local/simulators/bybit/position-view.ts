/** Positions in Bybit's words. */
import { type Decimal, decimal, fixed, zero } from '../engine/decimal.ts';
import { entryPriceOf, liquidationPrice, netOf, unrealizedAt } from '../engine/positions.ts';
import type { Position } from '../engine/types.ts';
import type { SymbolSpec } from './catalog.ts';
import type { BybitVenue } from './context.ts';
import { positionIndexOf } from './order-view.ts';

const priceDecimals = 8;

/** A position as lists show it; without a position the fields that a symbol has anyway. */
export function positionView(venue: BybitVenue, position: Readonly<Position>, spec: SymbolSpec) {
  const { accountId, size } = position;
  const { settings } = venue.market.engine.positions;
  const mark = venue.market.markPrice(spec.id);
  const maintenance = fixed(mark.times(size.abs()).times(spec.perpetual?.maintenanceRate ?? zero));
  const prices = liquidationPrices(venue, position, spec);
  const held = !size.eq(zero);
  return {
    positionIdx: positionIndexOf(position.slot),
    riskId: 1,
    riskLimitValue: spec.maxValue.toFixed(),
    symbol: spec.symbol,
    side: held ? (size.gt(zero) ? 'Buy' : 'Sell') : '',
    size: size.abs().toFixed(),
    avgPrice: entryPriceOf(position).round(priceDecimals).toFixed(),
    positionValue: position.entryValue.abs().toFixed(),
    tradeMode: 0,
    positionStatus: 'Normal',
    autoAddMargin: 0,
    adlRankIndicator: held ? 2 : 0,
    leverage: settings.leverage(accountId, spec.id).toFixed(),
    positionBalance: fixed(position.margin),
    markPrice: mark.toFixed(),
    liqPrice: prices.liquidation,
    bustPrice: prices.bust,
    positionIM: fixed(position.margin),
    positionMM: maintenance,
    positionIMByMp: fixed(position.margin),
    positionMMByMp: maintenance,
    tpslMode: 'Full',
    takeProfit: exitPrice(venue, position, 'take-profit'),
    stopLoss: exitPrice(venue, position, 'stop-loss'),
    trailingStop: trailingDistance(venue, position),
    unrealisedPnl: fixed(unrealizedAt(position, mark)),
    curRealisedPnl: fixed(held ? netOf(position).minus(position.netBefore) : zero),
    cumRealisedPnl: fixed(netOf(position)),
    seq: Math.floor(position.updatedAtMs),
    isReduceOnly: false,
    mmrSysUpdatedTime: '',
    leverageSysUpdatedTime: '',
    sessionAvgPrice: '',
    createdTime: String(Math.floor(position.openedAtMs)),
    updatedTime: String(Math.floor(position.updatedAtMs)),
  };
}

/** The stream calls the average price by another name and says the category. */
export function streamedPosition(venue: BybitVenue, position: Readonly<Position>, spec: SymbolSpec) {
  const { avgPrice, ...view } = positionView(venue, position, spec);
  return { category: spec.category, ...view, entryPrice: avgPrice };
}

/** An isolated position can lose its own margin; one in cross margin all that is free as well, and has no bust price. */
function liquidationPrices(venue: BybitVenue, position: Readonly<Position>, spec: SymbolSpec) {
  const { ledger, positions } = venue.market.engine;
  const isolated = positions.settings.isIsolated(position.accountId);
  const collateral = isolated ? position.margin : position.margin.plus(ledger.free(position.accountId, spec.quote));
  const maintenanceRate = spec.perpetual?.maintenanceRate ?? zero;
  return {
    liquidation: priceText(liquidationPrice({ position, maintenanceRate, collateral })),
    bust: isolated ? priceText(liquidationPrice({ position, maintenanceRate: decimal('0'), collateral })) : '',
  };
}

function priceText(price: Decimal | undefined): string {
  return price === undefined ? '' : price.round(priceDecimals).toFixed();
}

function exitPrice(venue: BybitVenue, position: Readonly<Position>, kind: 'take-profit' | 'stop-loss'): string {
  return venue.market.engine.perpetuals.exitOf(position, kind)?.trigger?.price.toFixed() ?? '0';
}

function trailingDistance(venue: BybitVenue, position: Readonly<Position>): string {
  const order = venue.market.engine.perpetuals.exitOf(position, 'trailing-stop');
  return order?.trigger?.trailing?.offset.amount.toFixed() ?? '0';
}
