/**
 * The CRC-32 of a book's best levels, as Kraken sends it with each update: prices and amounts with all their decimals, without the
 * point and without zeros in front, asks first (https://docs.kraken.com/exchange/guides/websockets/book-checksum-v2).
 *
 * Computed from the numbers, four digits at a time, and from the first level on that is another than it was: making texts of forty
 * numbers for each update would cost more than all else that is done with it.
 */
import type { LiveLevel } from '@nightdesk/core';

const levelsMax = 10;
/** Up to this, a number has the decimals that it was written with; of a greater amount the text is kept. */
const exactMax = 2 ** 51;
/** Amounts of which the text is kept, the latest: more than two sides of the deepest book have. */
const textsMax = 4_000;
const chunk = 10_000;
const chunksMax = 4;
const digitZero = 48;
const polynomial = 0xedb88320;

/** One for each byte of a word, so that four digits take one step. */
const tables = Array.from({ length: 4 }, () => new Int32Array(256));
const [last, third, second, first] = tables as [Int32Array, Int32Array, Int32Array, Int32Array];
for (let byte = 0; byte < 256; byte++) {
  let sum = byte;
  for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? polynomial ^ (sum >>> 1) : sum >>> 1;
  last[byte] = sum;
}
for (let byte = 0; byte < 256; byte++) {
  for (let place = 1; place < tables.length; place++) {
    const before = tables[place - 1]?.[byte] as number;
    (tables[place] as Int32Array)[byte] = (last[before & 0xff] as number) ^ (before >>> 8);
  }
}

/** The digits of 0 to 9999 as they stand in memory, zeros in front included. */
const words = Int32Array.from({ length: chunk }, (_, value) =>
  [1_000, 100, 10, 1].reduce(
    (word, unit, place) => word | ((digitZero + (Math.floor(value / unit) % 10)) << (8 * place)),
    0,
  ),
);
const chunks = new Int32Array(chunksMax);

export interface Decimals {
  price: number;
  amount: number;
}

/** Of one book, as it changes. */
export class BookSum {
  readonly #scales: Decimals;
  // What each level was, and what the sum was behind it.
  readonly #prices = new Float64Array(2 * levelsMax);
  readonly #amounts = new Float64Array(2 * levelsMax);
  readonly #sums = new Int32Array(2 * levelsMax);
  readonly #written: (string | undefined)[] = [];
  /** Amounts that are too great for a number, as they were written, by price. */
  readonly #texts = new Map<number, string>();
  readonly #amountDecimals: number;
  #count = 0;

  constructor({ price, amount }: Decimals) {
    this.#scales = { price: 10 ** price, amount: 10 ** amount };
    this.#amountDecimals = amount;
  }

  /** Remembers of levels that a message brings what no number can hold: coins of tiny worth are traded by the ten million. */
  note(levels: readonly { price?: unknown; qty?: unknown }[]): void {
    for (const { price, qty } of levels) {
      if (Number(qty) * this.#scales.amount <= exactMax) continue;
      this.#texts.delete(Number(price));
      this.#texts.set(Number(price), String(qty));
    }
    for (const price of this.#texts.keys()) {
      if (this.#texts.size <= textsMax) return;
      this.#texts.delete(price);
    }
  }

  /**
   * A great amount whose text is not known is taken as the number that it is, which most likely is another sum than the venue's.
   *
   * @returns `undefined` where a price is too great for its last decimals to be known
   */
  of(asks: readonly LiveLevel[], bids: readonly LiveLevel[]): number | undefined {
    const asksCount = Math.min(levelsMax, asks.length);
    const count = asksCount + Math.min(levelsMax, bids.length);
    const same = this.#sameUntil(asks, bids, Math.min(count, this.#count));
    let sum = same === 0 ? -1 : (this.#sums[same - 1] as number);
    for (let place = same; place < count; place++) {
      const level = (place < asksCount ? asks[place] : bids[place - asksCount]) as LiveLevel;
      const price = level[0];
      const amount = level[1];
      const scaledPrice = Math.round(price * this.#scales.price);
      const scaledAmount = Math.round(amount * this.#scales.amount);
      this.#count = place;
      if (scaledPrice > exactMax) return undefined;
      const text = scaledAmount > exactMax ? this.#texts.get(price) : undefined;
      sum = add(sum, scaledPrice);
      sum = text === undefined ? add(sum, scaledAmount) : addDigits(sum, this.#digitsOf(text));
      this.#written[place] = text;
      this.#prices[place] = price;
      this.#amounts[place] = amount;
      this.#sums[place] = sum;
    }
    this.#count = count;
    return (sum ^ -1) >>> 0;
  }

  #sameUntil(asks: readonly LiveLevel[], bids: readonly LiveLevel[], end: number): number {
    const asksCount = Math.min(levelsMax, asks.length);
    for (let place = 0; place < end; place++) {
      const level = (place < asksCount ? asks[place] : bids[place - asksCount]) as LiveLevel;
      if (level[0] !== this.#prices[place] || level[1] !== this.#amounts[place]) return place;
      // Two great amounts may be one number.
      const text = this.#written[place];
      if (text !== undefined && this.#texts.get(level[0]) !== text) return place;
    }
    return end;
  }

  #digitsOf(text: string): string {
    const [whole = '', fraction = ''] = text.split('.');
    return `${whole}${fraction.padEnd(this.#amountDecimals, '0')}`.replace(/^0+/, '');
  }
}

function add(start: number, value: number): number {
  let count = 0;
  let rest = value;
  for (; rest >= chunk; count++) {
    const left = Math.floor(rest / chunk);
    chunks[count] = rest - left * chunk;
    rest = left;
  }
  let sum = start;
  // Nothing is in front of the first digits.
  if (rest >= 1_000) sum = addWord(sum, rest);
  else {
    if (rest >= 100) sum = addDigit(sum, Math.floor(rest / 100));
    if (rest >= 10) sum = addDigit(sum, Math.floor(rest / 10) % 10);
    if (rest >= 1) sum = addDigit(sum, rest % 10);
  }
  for (let place = count - 1; place >= 0; place--) sum = addWord(sum, chunks[place] as number);
  return sum;
}

function addDigits(start: number, digits: string): number {
  let sum = start;
  for (const digit of digits) sum = addDigit(sum, Number(digit));
  return sum;
}

const addDigit = (sum: number, digit: number): number =>
  (last[(sum ^ (digitZero + digit)) & 0xff] as number) ^ (sum >>> 8);

function addWord(sum: number, value: number): number {
  const word = sum ^ (words[value] as number);
  return (
    (first[word & 0xff] as number) ^
    (second[(word >>> 8) & 0xff] as number) ^
    (third[(word >>> 16) & 0xff] as number) ^
    (last[word >>> 24] as number)
  );
}
