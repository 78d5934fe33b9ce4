/** Coins made from the seed, so that a venue can list thousands of plausible symbols. */
import { hashUnit, type RandomSource, seedOf } from '../engine/random.ts';

/** A name that is not taken yet, and takes it. @throws Error when none is left. */
export function inventAsset(random: RandomSource, taken: Set<string>): string {
  const consonants = 'BCDFGHJKLMNPRSTVWXZ';
  const vowels = 'AEIOU';
  const pick = (letters: string) => letters[Math.floor(random() * letters.length)] ?? '';
  const namesMax = 10_000;
  for (let attempt = 0; attempt < namesMax; attempt++) {
    const name =
      pick(consonants) + pick(vowels) + pick(consonants) + (random() < 0.5 ? pick(vowels) + pick(consonants) : '');
    if (taken.has(name)) continue;
    taken.add(name);
    return name;
  }
  throw new Error(`no unused asset name after ${namesMax} attempts: ask for fewer symbols`);
}

/** A coin's worth in US dollars, from a hundredth of a cent to a few hundred. */
export function inventUsd(random: RandomSource): number {
  return 10 ** (-4 + 6.5 * random());
}

export interface InventedSteps {
  price: number;
  tickPlaces: number;
  stepPlaces: number;
}

/** Price and decimal places of a coin worth `usd` against a quote asset worth `quoteUsd`. */
export function inventSteps(usd: number, quoteUsd: number): InventedSteps {
  const price = Math.max(usd / quoteUsd, 2e-6);
  // Four to five digits of price, a step worth about a cent; together never finer than the eight decimals of a balance.
  const tickPlaces = Math.min(8, Math.max(0, 4 - Math.floor(Math.log10(price)) - 1));
  const stepPlaces = Math.max(0, Math.min(8 - tickPlaces, Math.floor(Math.log10(price * quoteUsd)) + 2));
  return { price: Number(price.toFixed(tickPlaces)), tickPlaces, stepPlaces };
}

/** `0.001` for 3. */
export function powerOfTenth(places: number): string {
  return (10 ** -places).toFixed(places);
}

const minuteMs = 60_000;
const dayMs = 1440 * minuteMs;
const firstListingMs = Date.UTC(2019, 0, 1);
const lastListingMs = Date.UTC(2024, 6, 1);
/** Of the invented markets; in the others somebody trades every minute. */
const thinShare = 0.4;

/** Since when a market has been there, and in which share of its minutes somebody trades: by its name alone. */
export function inventPast(seed: number, name: string): { listedAtMs: number; tradedShare: number } {
  const unit = (purpose: string) => hashUnit(seedOf(seed, purpose), seedOf(seed, name));
  const days = Math.floor((unit('day of listing') * (lastListingMs - firstListingMs)) / dayMs);
  // New markets open in the first half of a day.
  const minutes = Math.floor(unit('minute of listing') * 720);
  const tradedShare = unit('thin') < thinShare ? 0.05 + 0.9 * unit('traded share') : 1;
  return { listedAtMs: firstListingMs + days * dayMs + minutes * minuteMs, tradedShare };
}
