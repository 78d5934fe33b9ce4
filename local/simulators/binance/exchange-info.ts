/** `exchangeInfo` of spot and of the two families of perpetuals. */
import { decimal, fixed } from '../engine/decimal.ts';
import { RawJson } from '../shared/venue-answer.ts';
import type { MarketFamily, SymbolSpec } from './catalog.ts';
import { type BinanceVenue, type Call, findSymbol } from './context.ts';
import { badCombination } from './errors.ts';
import { filterList } from './filters.ts';
import { rateLimitList } from './limits.ts';

const spotOrderTypes = [
  'LIMIT',
  'LIMIT_MAKER',
  'MARKET',
  'STOP_LOSS',
  'STOP_LOSS_LIMIT',
  'TAKE_PROFIT',
  'TAKE_PROFIT_LIMIT',
];

/**
 * Who may trade a symbol: everybody on spot, and the groups of accounts that the venue numbers. Its answers of 2025 name all
 * groups from 4 to 184 but one with each symbol, which is more than half of what its list weighs.
 */
const lastGroup = 184;
const unnamedGroups = [1, 2, 3, 7];
const groups = Array.from({ length: lastGroup }, (_, index) => index + 1)
  .filter((number) => !unnamedGroups.includes(number))
  .map((number) => `TRD_GRP_${String(number).padStart(3, '0')}`);
const permissionSets = [['SPOT', ...groups]];

/** Thousands of symbols make megabytes of JSON, which never change: written once per venue. */
const wholeListCache = new WeakMap<BinanceVenue, string>();

export function spotExchangeInfo(call: Call): unknown {
  const { params, venue } = call;
  const single = params.optional('symbol');
  const several = params.symbolList('symbols');
  const permission = params.optional('permissions');
  const status = params.optional('symbolStatus');
  const withSets = params.optional('showPermissionSets')?.toLowerCase() !== 'false';
  params.finish();
  const listOf = (specs: readonly SymbolSpec[]) => JSON.stringify(specs.map((spec) => spotSymbol(spec, withSets)));
  if (single !== undefined && several !== undefined) throw badCombination();
  const names = single === undefined ? several : [single];
  if (names !== undefined) return infoAround(call, listOf(names.map((name) => findSymbol(call, name))));
  if (permission !== undefined && !permission.includes('SPOT')) return infoAround(call, '[]');
  if (status !== undefined) {
    return infoAround(call, listOf(venue.catalog.list('spot').filter((spec) => spec.status === status)));
  }
  if (!withSets) return infoAround(call, listOf(venue.catalog.list('spot')));
  let whole = wholeListCache.get(venue);
  if (whole === undefined) {
    whole = listOf(venue.catalog.list('spot'));
    wholeListCache.set(venue, whole);
  }
  return infoAround(call, whole);
}

function infoAround({ venue, nowMs }: Call, symbols: string): RawJson {
  const head = { timezone: 'UTC', serverTime: nowMs, rateLimits: rateLimitList(venue.limits), exchangeFilters: [] };
  return new RawJson(`${JSON.stringify(head).slice(0, -1)},"symbols":${symbols}}`);
}

function spotSymbol(spec: SymbolSpec, withSets: boolean) {
  return {
    symbol: spec.symbol,
    status: spec.status,
    baseAsset: spec.base,
    baseAssetPrecision: 8,
    quoteAsset: spec.quote,
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    baseCommissionPrecision: 8,
    quoteCommissionPrecision: 8,
    orderTypes: spotOrderTypes,
    icebergAllowed: true,
    ocoAllowed: true,
    otoAllowed: false,
    opoAllowed: false,
    quoteOrderQtyMarketAllowed: true,
    allowTrailingStop: true,
    cancelReplaceAllowed: true,
    amendAllowed: true,
    pegInstructionsAllowed: false,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: filterList(spec),
    permissions: [],
    permissionSets: withSets ? permissionSets : [],
    defaultSelfTradePreventionMode: 'EXPIRE_MAKER',
    allowedSelfTradePreventionModes: ['EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH', 'DECREMENT'],
  };
}

const perpetualDeliveryMs = 4_133_404_800_000;

/** The perpetuals are there to be listed and quoted; nobody can trade them here. */
export function perpetualExchangeInfo(call: Call, family: Exclude<MarketFamily, 'spot'>): unknown {
  call.params.finish();
  const { limits } = call.venue;
  return {
    timezone: 'UTC',
    serverTime: call.nowMs,
    rateLimits: rateLimitList({ ...limits, weightPerMinute: limits.contractWeightPerMinute }).slice(0, 1),
    exchangeFilters: [],
    assets: [],
    symbols: call.venue.catalog.list(family).map(perpetualSymbol),
  };
}

function perpetualSymbol(spec: SymbolSpec) {
  const status = { status: spec.status };
  const margin = { marginAsset: spec.quote };
  const inverse = { contractStatus: spec.status, contractSize: spec.contractSize, marginAsset: spec.base };
  return {
    symbol: spec.symbol,
    pair: spec.base + spec.quote,
    contractType: 'PERPETUAL',
    deliveryDate: perpetualDeliveryMs,
    onboardDate: spec.listedAtMs,
    ...(spec.family === 'linear' ? { ...status, ...margin } : inverse),
    maintMarginPercent: '2.5000',
    requiredMarginPercent: '5.0000',
    baseAsset: spec.base,
    quoteAsset: spec.quote,
    pricePrecision: placesOf(spec.tickSize),
    quantityPrecision: placesOf(spec.stepSize),
    baseAssetPrecision: 8,
    quotePrecision: 8,
    underlyingType: 'COIN',
    orderTypes: ['LIMIT', 'MARKET', 'STOP', 'STOP_MARKET', 'TAKE_PROFIT', 'TAKE_PROFIT_MARKET', 'TRAILING_STOP_MARKET'],
    timeInForce: ['GTC', 'IOC', 'FOK', 'GTX'],
    filters: perpetualFilters(spec),
  };
}

function perpetualFilters(spec: SymbolSpec) {
  const lot = {
    minQty: spec.minQuantity.toFixed(),
    maxQty: spec.maxQuantity.toFixed(),
    stepSize: spec.stepSize.toFixed(),
  };
  return [
    {
      filterType: 'PRICE_FILTER',
      minPrice: spec.minPrice.toFixed(),
      maxPrice: spec.maxPrice.toFixed(),
      tickSize: spec.tickSize.toFixed(),
    },
    { filterType: 'LOT_SIZE', ...lot },
    { filterType: 'MARKET_LOT_SIZE', ...lot },
    { filterType: 'MAX_NUM_ORDERS', limit: 200 },
    { filterType: 'MIN_NOTIONAL', notional: fixed(decimal('5')) },
    { filterType: 'PERCENT_PRICE', multiplierUp: '1.1500', multiplierDown: '0.8500', multiplierDecimal: '4' },
  ];
}

function placesOf(step: { toFixed(): string }): number {
  return step.toFixed().split('.')[1]?.length ?? 0;
}
