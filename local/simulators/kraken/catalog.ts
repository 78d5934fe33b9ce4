/** Every asset and pair of the simulated Kraken: the well-known ones, and as many made from the seed as were asked for. */
import { type Decimal, decimal } from '../engine/decimal.ts';
import { createRandom, type RandomSource, seedOf } from '../engine/random.ts';
import type { FeeRates, Instrument } from '../engine/types.ts';
import { inventAsset, inventPast, inventSteps, inventUsd, powerOfTenth } from '../shared/invented-coins.ts';
import { type AssetNames, oldPairIds, quoteAssets, specialAssets, wellKnownPairs } from './well-known-pairs.ts';

/** Only `online` pairs take every order; the others say what they still take. */
export type PairStatus = 'online' | 'cancel_only' | 'post_only' | 'limit_only';

/** A pair. `base` and `quote` are the codes that everybody uses (`BTC`), `names` are Kraken's. */
export interface PairSpec extends Instrument {
  readonly altname: string;
  /** With a slash, in Kraken's names: `XBT/USD`. */
  readonly wsname: string;
  /** With a slash, in everybody's names: `BTC/USD`, as WebSocket v2 has it. */
  readonly socketSymbol: string;
  readonly priceDecimals: number;
  readonly costDecimals: number;
  readonly orderMin: Decimal;
  readonly costMin: Decimal;
  readonly status: PairStatus;
  readonly fees: FeeRates;
}

/** Of all pairs. */
export const lotDecimals = 8;

/** What somebody pays who trades little. */
export const feeRates: FeeRates = { maker: decimal('0.0025'), taker: decimal('0.004') };

const stepSize = decimal(powerOfTenth(lotDecimals));
const assetDecimals = 8;
const wellKnownListedAtMs = Date.UTC(2013, 8, 10, 23, 47);
const majorLevelUsd = 300_000;
const minorLevelUsd = 25_000;
/** About this much is the least order of an invented coin. */
const orderMinUsd = 5;
/** Of the invented pairs; every real venue has some that are halted. */
const restrictedShare = 0.03;
const restrictions: readonly PairStatus[] = ['cancel_only', 'post_only', 'limit_only'];

export class Catalog {
  readonly instruments: ReadonlyMap<string, PairSpec>;
  readonly #byName = new Map<string, PairSpec>();
  readonly #bySocketSymbol = new Map<string, PairSpec>();
  readonly #codeByName = new Map<string, string>();

  constructor(options: { seed: number; symbolsCount: number }) {
    const specs = [...knownSpecs(), ...inventedSpecs(options)].slice(0, options.symbolsCount);
    this.instruments = new Map(specs.map((spec) => [spec.id, spec]));
    for (const spec of specs) {
      for (const name of [spec.id, spec.altname, spec.wsname, spec.socketSymbol]) this.#byName.set(name, spec);
      this.#bySocketSymbol.set(spec.socketSymbol, spec);
    }
    for (const code of this.assets()) {
      const { id, altname } = namesOf(code);
      for (const name of [id, altname, code]) this.#codeByName.set(name, code);
    }
  }

  /** By any of its names, in any case. */
  find(name: string): PairSpec | undefined {
    return this.#byName.get(name) ?? this.#byName.get(name.toUpperCase());
  }

  bySocketSymbol(symbol: string): PairSpec | undefined {
    return this.#bySocketSymbol.get(symbol);
  }

  list(): PairSpec[] {
    return [...this.instruments.values()];
  }

  /** The pair behind an engine instrument. @throws Error when there is none. */
  byInstrument(instrumentId: string): PairSpec {
    const spec = this.instruments.get(instrumentId);
    if (spec === undefined) throw new Error(`no pair for instrument ${instrumentId}`);
    return spec;
  }

  /** The codes of all assets. */
  assets(): string[] {
    return [...new Set(this.list().flatMap(({ base, quote }) => [base, quote]))];
  }

  /** The code of an asset, by any of its names. */
  assetCode(name: string): string | undefined {
    return this.#codeByName.get(name) ?? this.#codeByName.get(name.toUpperCase());
  }
}

/** Kraken's names for an asset. */
export function namesOf(code: string): AssetNames {
  return specialAssets[code] ?? { id: code, altname: code, decimals: assetDecimals };
}

interface SpecInput {
  base: string;
  quote: string;
  price: number;
  priceDecimals: number;
  orderMin: string;
  levelUsd: number;
  status: PairStatus;
  /** @default the first day of the well-known pairs */
  listedAtMs?: number;
  tradedShare?: number;
}

function createSpec(input: SpecInput): PairSpec {
  const { base, quote, price, priceDecimals, status } = input;
  const quoteAsset = quoteAssets[quote] ?? { usd: 1, costDecimals: 5, costMin: '0.5' };
  const [baseName, quoteName] = [namesOf(base).altname, namesOf(quote).altname];
  const socketSymbol = `${base}/${quote}`;
  return {
    id: oldPairIds[socketSymbol] ?? baseName + quoteName,
    altname: baseName + quoteName,
    wsname: `${baseName}/${quoteName}`,
    socketSymbol,
    base,
    quote,
    status,
    tickSize: decimal(powerOfTenth(priceDecimals)),
    stepSize,
    priceDecimals,
    costDecimals: quoteAsset.costDecimals,
    basePrice: price,
    volatility: isMoney(base) && isMoney(quote) ? 0.01 : 1,
    levelNotional: input.levelUsd / quoteAsset.usd,
    orderMin: decimal(input.orderMin),
    costMin: decimal(quoteAsset.costMin),
    fees: feeRates,
    listedAtMs: input.listedAtMs ?? wellKnownListedAtMs,
    tradedShare: input.tradedShare ?? 1,
  };
}

/** Currencies and coins that follow them, whose prices against each other hardly move. */
function isMoney(code: string): boolean {
  return code in quoteAssets && code !== 'BTC' && code !== 'ETH';
}

function knownSpecs(): PairSpec[] {
  return wellKnownPairs.map(([base, quote, price, priceDecimals, orderMin]) => {
    return createSpec({ base, quote, price, priceDecimals, orderMin, levelUsd: majorLevelUsd, status: 'online' });
  });
}

function inventedSpecs({ seed, symbolsCount }: { seed: number; symbolsCount: number }): PairSpec[] {
  const taken = new Set(wellKnownPairs.flatMap(([base, quote]) => [base, quote, base + quote]));
  const random = createRandom(seedOf(seed, 'kraken/catalog'));
  const specs: PairSpec[] = [];
  while (wellKnownPairs.length + specs.length < symbolsCount) {
    const base = inventAsset(random, taken);
    const usd = inventUsd(random);
    for (const quote of quotesFor(random)) specs.push(inventSpec({ base, quote, usd, random, seed }));
  }
  return specs;
}

/** A new coin trades against dollars and euros, and against some of the others. */
function quotesFor(random: RandomSource): string[] {
  const chances = { USDT: 0.25, USDC: 0.15, BTC: 0.15, GBP: 0.1, ETH: 0.05 };
  const others = Object.entries(chances).filter(([, chance]) => random() < chance);
  return ['USD', 'EUR', ...others.map(([quote]) => quote)];
}

function inventSpec(coin: { base: string; quote: string; usd: number; random: RandomSource; seed: number }): PairSpec {
  const { base, quote, usd, random, seed } = coin;
  const { price, tickPlaces } = inventSteps(usd, quoteAssets[quote]?.usd ?? 1);
  const isRestricted = random() < restrictedShare;
  return createSpec({
    base,
    quote,
    price,
    priceDecimals: tickPlaces,
    orderMin: plainNumber(orderMinUsd / usd),
    levelUsd: minorLevelUsd,
    ...inventPast(seed, base + quote),
    status: (isRestricted && restrictions[Math.floor(random() * restrictions.length)]) || 'online',
  });
}

/** With one significant digit, as least orders are. */
function plainNumber(value: number): string {
  const places = Math.max(0, -Math.floor(Math.log10(value)));
  return Number(value.toPrecision(1)).toFixed(Math.min(places, lotDecimals));
}
