/** Every symbol of the simulated Bybit: the well-known ones, and as many made from the seed as were asked for. */
import { type Decimal, decimal } from '../engine/decimal.ts';
import { createRandom, type RandomSource, seedOf } from '../engine/random.ts';
import type { Instrument } from '../engine/types.ts';
import { inventAsset, inventPast, inventSteps, inventUsd, powerOfTenth } from '../shared/invented-coins.ts';
import { SymbolCatalog } from '../shared/symbol-catalog.ts';
import type { Category } from './errors.ts';
import { linearSymbols, quoteAssets, spotSymbols } from './well-known-symbols.ts';

export interface SymbolSpec extends Instrument {
  readonly category: Category;
  /** Bybit's name; spot and linear share most, such as BTCUSDT. */
  readonly symbol: string;
  readonly status: 'Trading' | 'Closed';
  readonly fees: { readonly maker: Decimal; readonly taker: Decimal };
  readonly minQuantity: Decimal;
  readonly maxQuantity: Decimal;
  readonly maxMarketQuantity: Decimal;
  /** In the quote asset. */
  readonly minValue: Decimal;
  readonly maxValue: Decimal;
  readonly maxPrice: Decimal;
}

const majorLevelUsd = 300_000;
const minorLevelUsd = 25_000;
const maxOrderUsd = 8_000_000;
/** Perpetuals are listed for this share of the invented coins, and spot symbols are closed in this share. */
const perpetualShare = 0.85;
const closedShare = 0.01;
const minorLeverageMax = 50;
const wellKnownListedAtMs = Date.UTC(2021, 6, 5);
const spotFees = { maker: decimal('0.001'), taker: decimal('0.001') };
const linearFees = { maker: decimal('0.0002'), taker: decimal('0.00055') };

export class Catalog extends SymbolCatalog<Category, SymbolSpec> {
  constructor(options: { seed: number; symbolsCount: number }) {
    super([...wellKnownSpecs(), ...inventedSpecs(options)], ({ category }) => category);
  }

  /** All assets of the spot symbols. */
  assets(): string[] {
    return this.assetsOf('spot');
  }
}

interface SpecInput {
  base: string;
  quote: string;
  price: number;
  tickSize: string;
  stepSize: string;
  levelUsd: number;
  status?: SymbolSpec['status'];
  /** Present for perpetuals. */
  leverageMax?: number;
  /** @default when Bybit opened for the well-known coins */
  listedAtMs?: number;
  tradedShare?: number;
}

function createSpec(input: SpecInput): SymbolSpec {
  const { base, quote, price, status = 'Trading', leverageMax } = input;
  const symbol = base + quote;
  const { usd, minOrderAmount } = quoteAssets[quote] ?? { usd: 1, minOrderAmount: '5' };
  const tickSize = decimal(input.tickSize);
  const stepSize = decimal(input.stepSize);
  const maxSteps = Math.max(1, Math.round(maxOrderUsd / (price * usd * Number(input.stepSize))));
  const maxTicks = Math.max(10, Math.round((price * 10) / Number(input.tickSize)));
  const perpetual = leverageMax === undefined ? undefined : perpetualTerms(leverageMax);
  return {
    id: perpetual === undefined ? symbol : `linear:${symbol}`,
    category: perpetual === undefined ? 'spot' : 'linear',
    ...{ symbol, base, quote, status, tickSize, stepSize },
    listedAtMs: input.listedAtMs ?? wellKnownListedAtMs,
    tradedShare: input.tradedShare ?? 1,
    priceName: symbol,
    basePrice: price,
    volatility: isStable(base) && isStable(quote) ? 0.01 : 1,
    levelNotional: input.levelUsd / usd,
    fees: perpetual === undefined ? spotFees : linearFees,
    ...(perpetual !== undefined && { perpetual }),
    minQuantity: stepSize,
    maxQuantity: stepSize.times(decimal(String(maxSteps))),
    maxMarketQuantity: stepSize.times(decimal(String(Math.max(1, Math.round(maxSteps / 4))))),
    minValue: decimal(minOrderAmount),
    maxValue: decimal(String(Math.max(1, Math.round(maxOrderUsd / usd)))),
    maxPrice: tickSize.times(decimal(String(maxTicks))),
  };
}

/** The margin that must stay is half of the smallest that can be put up. */
function perpetualTerms(leverageMax: number) {
  const maximum = decimal(String(leverageMax));
  return {
    leverageMax: maximum,
    maintenanceRate: decimal('1')
      .div(maximum.times(decimal('2')))
      .round(4, 3),
  };
}

function isStable(asset: string): boolean {
  return asset === 'EUR' || quoteAssets[asset]?.usd === 1;
}

function wellKnownSpecs(): SymbolSpec[] {
  const spot = spotSymbols.map(([base, quote, price, tickSize, stepSize]) => {
    return createSpec({ base, quote, price, tickSize, stepSize, levelUsd: majorLevelUsd });
  });
  const linear = linearSymbols.map(([base, price, tickSize, stepSize, leverageMax]) => {
    return createSpec({ base, quote: 'USDT', price, tickSize, stepSize, leverageMax, levelUsd: majorLevelUsd });
  });
  return [...spot, ...linear];
}

/** New coins trade against USDT, some against USDC too, and most as perpetuals. */
function inventedSpecs(options: { seed: number; symbolsCount: number }): SymbolSpec[] {
  const taken = new Set(spotSymbols.map(([base]) => base));
  const random = createRandom(seedOf(options.seed, 'bybit catalog'));
  const specs: SymbolSpec[] = [];
  let spotCount = spotSymbols.length;
  while (spotCount < options.symbolsCount) {
    const coin = inventCoin(random, { taken, seed: options.seed });
    spotCount += 1;
    specs.push(createSpec({ ...coin, status: random() < closedShare ? 'Closed' : 'Trading' }));
    if (random() < perpetualShare) specs.push(createSpec({ ...coin, leverageMax: minorLeverageMax }));
  }
  return specs;
}

function inventCoin(random: RandomSource, { taken, seed }: { taken: Set<string>; seed: number }): SpecInput {
  const base = inventAsset(random, taken);
  const { price, tickPlaces, stepPlaces } = inventSteps(inventUsd(random), 1);
  const [tickSize, stepSize] = [powerOfTenth(tickPlaces), powerOfTenth(stepPlaces)];
  return { base, quote: 'USDT', price, tickSize, stepSize, levelUsd: minorLevelUsd, ...inventPast(seed, base) };
}
