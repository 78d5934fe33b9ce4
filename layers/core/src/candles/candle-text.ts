/**
 * Candles as text for clients and files, built in bytes: a year of one-minute candles is four million numbers, and making a
 * string of each takes longer than reading and compressing them all.
 */
import { type CandleColumns, valueColumns } from './columns.ts';

/** What a candle is told by, in this order. */
export const candleTextColumns = ['openMs', ...valueColumns] as const;
export type CandleTextColumn = (typeof candleTextColumns)[number];

/**
 * - `json`: arrays of numbers, with a comma between them and none around them: `[0,1.5,…],[60000,…]`; `null` is not told;
 * - `csv`: lines, each with its end; empty is not told.
 */
export type CandleTextFormat = 'json' | 'csv';

/** 10 to the power of the index; up to 22 these are exact. */
const powers = Float64Array.from({ length: 16 }, (_, exponent) => Number(`1e${exponent}`));
const scaleMax = powers.length - 1;
/** Decimals of at most 15 digits are all different doubles, so the one that reads back is the shortest there is. */
const scaledMax = 999_999_999_999_999;
/** A number takes 26 characters at most, its mark included, and a row has some more around it. */
const rowBytesMax = candleTextColumns.length * 26 + 4;
/** Numbers below are divided as whole numbers of 32 bits, which is several times faster. */
const smallMax = 1_000_000_000;
const smallDigits = 9;
const [zero, point, minus, comma, open, close, lineEnd] = Array.from('0.-,[]\n', (mark) => mark.charCodeAt(0)) as [
  ...[number, number, number, number, number, number, number],
];

export interface CandleTextOptions {
  /** @default all of them */
  columns?: readonly CandleTextColumn[];
  /** How long it gets, more or less. */
  bytesExpected?: number;
}

/** Grows as rows are added. Numbers are the shortest decimals that read back as the same doubles. */
export class CandleText {
  readonly format: CandleTextFormat;
  /** Used up to `length`. */
  private bytes: Uint8Array;
  private length = 0;
  private rows = 0;
  private readonly names: readonly CandleTextColumn[];
  /** How many decimals each column needed last: it mostly needs as many again. */
  private readonly scales = new Uint8Array(candleTextColumns.length);

  constructor(
    format: CandleTextFormat,
    { columns = candleTextColumns, bytesExpected = 65_536 }: CandleTextOptions = {},
  ) {
    this.format = format;
    this.names = columns;
    this.bytes = new Uint8Array(bytesExpected + rowBytesMax);
  }

  get byteLength(): number {
    return this.length;
  }

  /** What was written so far; good until more is added. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** Lets go of what was written, which somebody has; what is added goes on behind it. */
  clear(): void {
    this.length = 0;
  }

  /**
   * Adds candles until `bytesMax` is reached; it is passed by less than one row.
   *
   * @returns how many were added
   */
  add(columns: CandleColumns, bytesMax: number = Number.POSITIVE_INFINITY): number {
    const values = this.names.map((name) => columns[name]);
    const count = columns.openMs.length;
    let index = 0;
    for (; index < count && this.length < bytesMax; index += 1) {
      if (this.length + rowBytesMax > this.bytes.length) this.grow();
      this.addRow(values, index);
    }
    return index;
  }

  private addRow(values: readonly Float64Array[], index: number): void {
    const { bytes } = this;
    const isJson = this.format === 'json';
    let at = this.length;
    if (isJson && this.rows > 0) bytes[at++] = comma;
    if (isJson) bytes[at++] = open;
    for (let column = 0; column < values.length; column += 1) {
      if (column > 0) bytes[at++] = comma;
      const value = (values[column] as Float64Array)[index] as number;
      if (!Number.isNaN(value)) at = this.writeNumber(at, value, column);
      else if (isJson) at = this.writeText(at, 'null');
    }
    bytes[at++] = isJson ? close : lineEnd;
    this.length = at;
    this.rows += 1;
  }

  private grow(): void {
    const larger = new Uint8Array(this.bytes.length * 2);
    larger.set(this.view());
    this.bytes = larger;
  }

  /** Scaled to a whole number where dividing that gives the value back, which is how a reader of the text finds it. */
  private writeNumber(at: number, value: number, column: number): number {
    const { scales } = this;
    const isNegative = value < 0 || Object.is(value, -0);
    const magnitude = isNegative ? -value : value;
    for (let scale = scales[column] as number; scale <= scaleMax; scale += 1) {
      const power = powers[scale] as number;
      const scaled = Math.round(magnitude * power);
      if (scaled > scaledMax) break;
      if (scaled / power !== magnitude) continue;
      scales[column] = scale;
      if (!isNegative) return this.writeDecimal(at, scaled, scale);
      this.bytes[at] = minus;
      return this.writeDecimal(at + 1, scaled, scale);
    }
    // It has more digits than that, or one before it needed more decimals than a number of this size can have.
    scales[column] = 0;
    return this.writeText(at, String(value));
  }
  private writeDecimal(at: number, scaled: number, scale: number): number {
    const { bytes } = this;
    const power = powers[scale] as number;
    const whole = Math.floor(scaled / power);
    let width = 1;
    while (whole >= (powers[width] as number)) width += 1;
    this.writeDigits(at, whole, width);
    const fraction = scaled - whole * power;
    if (fraction === 0) return at + width;
    bytes[at + width] = point;
    this.writeDigits(at + width + 1, fraction, scale);
    let end = at + width + 1 + scale;
    while (bytes[end - 1] === zero) end -= 1;
    return end;
  }

  /** A whole number, with zeros before it. */
  private writeDigits(at: number, value: number, width: number): void {
    let small = value;
    let end = at + width;
    if (value >= smallMax) {
      const high = Math.floor(value / smallMax);
      small = value - high * smallMax;
      end -= smallDigits;
      this.writeSmall(at, high, end);
      this.writeSmall(end, small, end + smallDigits);
    } else this.writeSmall(at, value, end);
  }

  private writeSmall(at: number, value: number, end: number): void {
    const { bytes } = this;
    let rest = value | 0;
    for (let position = end - 1; position >= at; position -= 1) {
      const next = (rest / 10) | 0;
      bytes[position] = zero + rest - next * 10;
      rest = next;
    }
  }

  private writeText(at: number, text: string): number {
    const { bytes } = this;
    for (let index = 0; index < text.length; index += 1) bytes[at + index] = text.charCodeAt(index);
    return at + text.length;
  }
}
