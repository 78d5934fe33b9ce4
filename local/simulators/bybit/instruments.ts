/** Symbols as `instruments-info` lists them. */
import { approximate } from '../engine/decimal.ts';
import { fundingIntervalMs } from '../engine/funding.ts';
import type { SymbolSpec } from './catalog.ts';
import { quoteAssets } from './well-known-symbols.ts';

const minutesPerMs = 1 / 60_000;

export function instrumentView(spec: SymbolSpec) {
  return spec.category === 'spot' ? spotInstrument(spec) : linearInstrument(spec);
}

function spotInstrument(spec: SymbolSpec) {
  return {
    symbol: spec.symbol,
    baseCoin: spec.base,
    quoteCoin: spec.quote,
    innovation: '0',
    status: spec.status,
    marginTrading: 'utaOnly',
    stTag: '0',
    lotSizeFilter: {
      basePrecision: spec.stepSize.toFixed(),
      quotePrecision: quoteAssets[spec.quote]?.precision ?? '0.0000001',
      minOrderQty: spec.minQuantity.toFixed(),
      maxOrderQty: spec.maxQuantity.toFixed(),
      minOrderAmt: spec.minValue.toFixed(),
      maxOrderAmt: spec.maxValue.toFixed(),
      maxLimitOrderQty: spec.maxQuantity.toFixed(),
      maxMarketOrderQty: spec.maxMarketQuantity.toFixed(),
    },
    priceFilter: { tickSize: spec.tickSize.toFixed() },
    riskParameters: { priceLimitRatioX: '0.05', priceLimitRatioY: '0.05' },
  };
}

function linearInstrument(spec: SymbolSpec) {
  return {
    symbol: spec.symbol,
    contractType: 'LinearPerpetual',
    status: spec.status,
    baseCoin: spec.base,
    quoteCoin: spec.quote,
    launchTime: String(spec.listedAtMs),
    deliveryTime: '0',
    deliveryFeeRate: '',
    priceScale: String(Math.max(0, -Math.floor(Math.log10(approximate(spec.tickSize))))),
    leverageFilter: { minLeverage: '1', maxLeverage: leverageMaxOf(spec), leverageStep: '0.01' },
    priceFilter: {
      minPrice: spec.tickSize.toFixed(),
      maxPrice: spec.maxPrice.toFixed(),
      tickSize: spec.tickSize.toFixed(),
    },
    lotSizeFilter: {
      maxOrderQty: spec.maxQuantity.toFixed(),
      minOrderQty: spec.minQuantity.toFixed(),
      qtyStep: spec.stepSize.toFixed(),
      postOnlyMaxOrderQty: spec.maxQuantity.toFixed(),
      maxMktOrderQty: spec.maxMarketQuantity.toFixed(),
      minNotionalValue: spec.minValue.toFixed(),
    },
    unifiedMarginTrade: true,
    fundingInterval: fundingIntervalMs * minutesPerMs,
    settleCoin: spec.quote,
    copyTrading: 'none',
    upperFundingRate: '0.005',
    lowerFundingRate: '-0.005',
    isPreListing: false,
    preListingInfo: null,
  };
}

/** The single risk tier that a perpetual has here. */
export function riskLimitView(spec: SymbolSpec, id: number) {
  return {
    id,
    symbol: spec.symbol,
    riskLimitValue: spec.maxValue.toFixed(),
    maintenanceMargin: spec.perpetual?.maintenanceRate.toFixed() ?? '',
    initialMargin: spec.perpetual === undefined ? '' : (1 / approximate(spec.perpetual.leverageMax)).toFixed(4),
    isLowestRisk: 1,
    maxLeverage: leverageMaxOf(spec),
    mmDeduction: '',
  };
}

function leverageMaxOf(spec: SymbolSpec): string {
  return spec.perpetual?.leverageMax.toFixed(2) ?? '';
}
