/** Every symbol of the simulated Binance: the well-known ones, and as many made from the seed as were asked for. */
import { type Decimal, decimal } from '../engine/decimal.ts';
import { createRandom, type RandomSource, seedOf } from '../engine/random.ts';
import type { Instrument } from '../engine/types.ts';
import { inventAsset, inventPast, inventSteps, inventUsd, powerOfTenth } from '../shared/invented-coins.ts';
import { SymbolCatalog } from '../shared/symbol-catalog.ts';
import { inversePerpetuals, linearPerpetuals, quoteAssets, wellKnownSymbols } from './well-known-symbols.ts';

export type MarketFamily = 'spot' | 'linear' | 'inverse';

export interface SymbolSpec extends Instrument {
  readonly family: MarketFamily;
  /** Binance's name; spot and linear share some, such as BTCUSDT. */
  readonly symbol: string;
  readonly status: 'TRADING' | 'BREAK';
  readonly minQuantity: Decimal;
  readonly maxQuantity: Decimal;
  readonly maxMarketQuantity: Decimal;
  readonly minPrice: Decimal;
  readonly maxPrice: Decimal;
  readonly minNotional: Decimal;
  readonly maxNotional: Decimal;
  /** US dollars per contract, for inverse perpetuals. */
  readonly contractSize?: number;
}

const majorLevelUsd = 300_000;
const minorLevelUsd = 25_000;
const maxOrderUsd = 9_000_000;
/** Symbols that are listed but not traded, as every real venue has some. */
const haltedShare = 0.01;
/** When each part of Binance opened, and its well-known markets with it. */
const openedAtMs: Readonly<Record<MarketFamily, number>> = {
  spot: Date.UTC(2017, 7, 17, 4),
  linear: Date.UTC(2019, 8, 8, 17),
  inverse: Date.UTC(2020, 7, 10, 6),
};

export interface CatalogOptions {
  seed: number;
  /** Spot symbols. */
  symbolsCount: number;
  /** Perpetuals margined in USDT; the well-known ones are always there. @default only these */
  perpetualsCount?: number | undefined;
}

export class Catalog extends SymbolCatalog<MarketFamily, SymbolSpec> {
  constructor(options: CatalogOptions) {
    const spot = spotSpecs(options);
    super([...spot, ...perpetualSpecs(spot, options.perpetualsCount ?? 0)], ({ family }) => family);
  }

  /** All assets of the spot symbols. */
  assets(): string[] {
    return this.assetsOf('spot');
  }
}

interface SpecInput {
  family: MarketFamily;
  symbol: string;
  base: string;
  quote: string;
  price: number;
  tickSize: string;
  stepSize: string;
  levelUsd: number;
  status?: 'TRADING' | 'BREAK';
  contractSize?: number;
  /** @default the first day of the family */
  listedAtMs?: number;
  tradedShare?: number;
}

function createSpec(input: SpecInput): SymbolSpec {
  const { family, symbol, base, quote, price, status = 'TRADING' } = input;
  const quoteAsset = quoteAssets[quote] ?? { usd: 1, minNotional: '5' };
  const tickSize = decimal(input.tickSize);
  const stepSize = decimal(input.stepSize);
  const maxSteps = Math.max(1, Math.round(maxOrderUsd / (price * quoteAsset.usd * Number(input.stepSize))));
  const maxQuantity = stepSize.times(decimal(String(maxSteps)));
  const maxTicks = Math.max(10, Math.round((price * 10) / Number(input.tickSize)));
  return {
    id: family === 'spot' ? symbol : `${family}:${symbol}`,
    family,
    symbol,
    base,
    quote,
    status,
    tickSize,
    stepSize,
    basePrice: price,
    volatility: isStable(base) && isStable(quote) ? 0.01 : 1,
    levelNotional: input.levelUsd / quoteAsset.usd,
    minQuantity: stepSize,
    maxQuantity,
    maxMarketQuantity: stepSize.times(decimal(String(Math.max(1, Math.round(maxSteps / 4))))),
    minPrice: tickSize,
    maxPrice: tickSize.times(decimal(String(maxTicks))),
    minNotional: decimal(quoteAsset.minNotional),
    maxNotional: decimal(String(Math.round(maxOrderUsd / quoteAsset.usd))),
    listedAtMs: input.listedAtMs ?? openedAtMs[family],
    tradedShare: input.tradedShare ?? 1,
    ...(input.contractSize !== undefined && { contractSize: input.contractSize }),
  };
}

function isStable(asset: string): boolean {
  return asset === 'EUR' || quoteAssets[asset]?.usd === 1;
}

function spotSpecs(options: { seed: number; symbolsCount: number }): SymbolSpec[] {
  const specs = wellKnownSymbols.map(([base, quote, price, tickSize, stepSize]) => {
    return createSpec({
      family: 'spot',
      symbol: base + quote,
      base,
      quote,
      price,
      tickSize,
      stepSize,
      levelUsd: majorLevelUsd,
    });
  });
  const taken = new Set(specs.flatMap(({ symbol, base, quote }) => [symbol, base, quote]));
  const random = createRandom(seedOf(options.seed, 'catalog'));
  while (specs.length < options.symbolsCount) {
    const base = inventAsset(random, taken);
    const usd = inventUsd(random);
    for (const quote of quotesFor(random)) {
      if (specs.length >= options.symbolsCount) break;
      specs.push(inventSpec({ base, quote, usd, random, seed: options.seed }));
    }
  }
  return specs;
}

/** A new coin trades against USDT, and against some of the others. */
function quotesFor(random: RandomSource): string[] {
  const chances = { USDC: 0.7, TRY: 0.5, BTC: 0.35, FDUSD: 0.2, BNB: 0.2, EUR: 0.1, BRL: 0.08, ETH: 0.08, JPY: 0.05 };
  const others = Object.entries(chances).filter(([, chance]) => random() < chance);
  return ['USDT', ...others.map(([quote]) => quote)];
}

function inventSpec(coin: {
  base: string;
  quote: string;
  usd: number;
  random: RandomSource;
  seed: number;
}): SymbolSpec {
  const { base, quote, usd, random, seed } = coin;
  const { price, tickPlaces, stepPlaces } = inventSteps(usd, quoteAssets[quote]?.usd ?? 1);
  return createSpec({
    family: 'spot',
    symbol: base + quote,
    base,
    quote,
    price,
    tickSize: powerOfTenth(tickPlaces),
    stepSize: powerOfTenth(stepPlaces),
    levelUsd: minorLevelUsd,
    status: random() < haltedShare ? 'BREAK' : 'TRADING',
    ...inventPast(seed, base + quote),
  });
}

function perpetualSpecs(spot: readonly SymbolSpec[], count: number): SymbolSpec[] {
  const linear = linearPerpetuals.map(([base, price, tickSize, stepSize]) => {
    return createSpec({
      family: 'linear',
      symbol: `${base}USDT`,
      base,
      quote: 'USDT',
      price,
      tickSize,
      stepSize,
      levelUsd: majorLevelUsd,
    });
  });
  const inverse = inversePerpetuals.map(([base, price, tickSize, contractSize]) => {
    const symbol = `${base}USD_PERP`;
    return createSpec({
      family: 'inverse',
      symbol,
      base,
      quote: 'USD',
      price,
      tickSize,
      stepSize: '1',
      levelUsd: majorLevelUsd * price,
      contractSize,
    });
  });
  const known = new Set(linear.map(({ base }) => base));
  const invented = spot
    .filter(
      ({ base, quote, status }) => quote === 'USDT' && status === 'TRADING' && !known.has(base) && !isStable(base),
    )
    .slice(0, Math.max(0, count - linear.length))
    .map(perpetualOf);
  return [...linear, ...invented, ...inverse];
}

/** A perpetual on a coin of the spot market, with a price of its own. */
function perpetualOf(spec: SymbolSpec): SymbolSpec {
  const opened = Math.max(spec.listedAtMs ?? 0, openedAtMs.linear);
  return { ...spec, id: `linear:${spec.symbol}`, family: 'linear', listedAtMs: opened };
}
