/** Columns of candles as bits: what follows from other values of the same candle, or of the one before, is not said again. */
import type { CandleColumns } from '../columns.ts';
import type { BitReader, BitWriter } from './bit-stream.ts';
import { bitLengthOf, PackedBytesError, unzigzag, zigzag } from './bit-stream.ts';
import {
  decimalsMax,
  greatestDivisor,
  integerMax,
  powersOfTen,
  type Scaled,
  scaleOf,
  wholeMax,
} from './decimal-scale.ts';
import { readIntegers, writeIntegers } from './integer-column.ts';

const decimalsBits = 5;
const kindBits = 2;
/** How a column is said that follows from no other. */
const kinds = { unknown: 0, scaled: 1, predicted: 2, raw: 3 } as const;

/** Open times: the first, and then how far it is to the next, and how often in a row. */
export function writeTimes(writer: BitWriter, openMs: Float64Array): void {
  const whole = openMs.every(
    (value) => Math.abs(value) <= integerMax && Number.isInteger(value) && !Object.is(value, -0),
  );
  writer.writeFlag(whole);
  if (!whole) {
    writeFloats(writer, openMs);
    return;
  }
  writer.writeNumber(zigzag(openMs[0] as number));
  if (openMs.length === 1) return;
  const steps = stepsOf(openMs);
  const unit = steps.reduce((divisor, step) => greatestDivisor(divisor, Math.abs(step)), 0) || 1;
  writer.writeNumber(unit);
  const runs = runsOf(steps.map((step) => step / unit));
  writer.writeNumber(runs.steps.length);
  writeIntegers(writer, Float64Array.from(runs.steps));
  writeIntegers(writer, Float64Array.from(runs.repeats));
}

const stepsOf = (values: Float64Array): Float64Array =>
  values.subarray(1).map((value, index) => value - (values[index] as number));

/** Equal steps in a row, and how many follow the first of them. */
function runsOf(values: Float64Array): { steps: number[]; repeats: number[] } {
  const [steps, repeats]: [number[], number[]] = [[], []];
  for (const value of values) {
    const last = steps.length - 1;
    if (value === steps[last]) repeats[last] = (repeats[last] as number) + 1;
    else {
      steps.push(value);
      repeats.push(0);
    }
  }
  return { steps, repeats };
}

/** @param count at least 1 */
export function readTimes(reader: BitReader, count: number): Float64Array {
  if (!reader.readFlag()) return readFloats(reader, count);
  const openMs = new Float64Array(count);
  let atMs = unzigzag(reader.readNumber());
  openMs[0] = atMs;
  if (count === 1) return openMs;
  const unit = reader.readNumber();
  const runs = reader.readNumber();
  if (runs >= count) throw new PackedBytesError(`${count} packed candles are said to have ${runs} distances in time`);
  const steps = readIntegers(reader, runs);
  const repeats = readIntegers(reader, runs);
  let index = 1;
  for (let run = 0; run < runs; run += 1) {
    const end = index + (repeats[run] as number) + 1;
    if (end > count) throw new PackedBytesError(`there are more than ${count} packed open times`);
    for (; index < end; index += 1) openMs[index] = atMs += (steps[run] as number) * unit;
  }
  if (index < count) throw new PackedBytesError(`there are ${index} packed open times, and ${count} candles`);
  return openMs;
}

/** All columns but the open times. */
export type ValueColumns = Omit<CandleColumns, 'openMs'>;

/** @param values of at least one candle */
export function writeValues(writer: BitWriter, values: ValueColumns): void {
  const { open, high, low, close, volume, quoteVolume, trades } = values;
  const prices = [open, high, low, close];
  const scaled = prices.some((column) => column.some(Number.isNaN)) ? undefined : scaleOf(prices, integerMax);
  writer.writeFlag(scaled !== undefined);
  if (scaled === undefined) for (const column of prices) writeColumn(writer, column);
  else writePrices(writer, scaled);
  writeColumn(writer, volume);
  writeColumn(writer, quoteVolume, (scale) => predictTurnover(values, scale));
  writeColumn(writer, trades);
}

/** @param count at least 1 */
export function readValues(reader: BitReader, count: number): ValueColumns {
  const prices = reader.readFlag() ? readPrices(reader, count) : readColumns(reader, count);
  const volume = readColumn(reader, count);
  const quoteVolume = readColumn(reader, count, (scale) => predictTurnover({ ...prices, volume }, scale));
  return { ...prices, volume, quoteVolume, trades: readColumn(reader, count) };
}

type PriceColumns = Pick<CandleColumns, 'open' | 'high' | 'low' | 'close'>;

const readColumns = (reader: BitReader, count: number): PriceColumns => ({
  open: readColumn(reader, count),
  high: readColumn(reader, count),
  low: readColumn(reader, count),
  close: readColumn(reader, count),
});

/** Opens by the close before, closes by their open, highs and lows by what of the two is nearer. */
function writePrices(writer: BitWriter, scaled: Scaled): void {
  writeScale(writer, scaled);
  const [open, high, low, close] = scaled.integers as [Float64Array, Float64Array, Float64Array, Float64Array];
  writer.writeNumber(zigzag(open[0] as number));
  const opens = open.subarray(1).map((value, index) => value - (close[index] as number));
  const highs = high.map((value, index) => value - Math.max(open[index] as number, close[index] as number));
  const lows = low.map((value, index) => Math.min(open[index] as number, close[index] as number) - value);
  writeIntegers(writer, opens);
  writeIntegers(
    writer,
    close.map((value, index) => value - (open[index] as number)),
  );
  writeIntegers(writer, highs);
  writeIntegers(writer, lows);
}

function readPrices(reader: BitReader, count: number): PriceColumns {
  const { unit, power } = readScale(reader);
  let opened = unzigzag(reader.readNumber());
  const opens = readIntegers(reader, count - 1);
  const [close, high, low] = [readIntegers(reader, count), readIntegers(reader, count), readIntegers(reader, count)];
  const open = new Float64Array(count);
  for (let index = 0; index < count; index += 1) {
    const closed = opened + (close[index] as number);
    open[index] = (opened * unit) / power;
    close[index] = (closed * unit) / power;
    high[index] = ((Math.max(opened, closed) + (high[index] as number)) * unit) / power;
    low[index] = ((Math.min(opened, closed) - (low[index] as number)) * unit) / power;
    opened = closed + (opens[index] ?? 0);
  }
  return { open, high, low, close };
}

function writeScale(writer: BitWriter, { decimals, unit }: Scaled): void {
  writer.write(decimals, decimalsBits);
  writer.writeFlag(unit !== 1);
  if (unit !== 1) writer.writeNumber(unit);
}

interface Scale {
  unit: number;
  /** Of ten. */
  power: number;
}

function readScale(reader: BitReader): Scale {
  const decimals = reader.read(decimalsBits);
  if (decimals > decimalsMax) throw new PackedBytesError(`packed numbers are said to have ${decimals} decimals`);
  return { power: powersOfTen[decimals] as number, unit: reader.readFlag() ? reader.readNumber() : 1 };
}

/** What a column is about, in whole units, before it is known. */
type Predict = (scale: Scale) => Float64Array;

/** Quote volume is about base volume at the middle of the range: what is left to say is far shorter. */
function predictTurnover({ high, low, volume }: Pick<ValueColumns, 'high' | 'low' | 'volume'>, { unit, power }: Scale) {
  return volume.map((amount, index) => {
    const turnover = amount * ((high[index] as number) + (low[index] as number)) * 0.5;
    const integer = Math.round((turnover * power) / unit);
    return Math.abs(integer) <= wholeMax ? integer : 0;
  });
}

function writeColumn(writer: BitWriter, values: Float64Array, predict?: Predict): void {
  const isNegative = values.some((value) => value < 0);
  const scaled = scaleOf([values], isNegative ? integerMax : wholeMax);
  if (values.every(Number.isNaN)) writer.write(kinds.unknown, kindBits);
  else if (scaled === undefined) {
    writer.write(kinds.raw, kindBits);
    writeFloats(writer, values);
  } else writeScaled(writer, scaled, predict);
}

function writeScaled(writer: BitWriter, scaled: Scaled, predict: Predict | undefined): void {
  const integers = scaled.integers[0] as Float64Array;
  const predicted = predict?.({ unit: scaled.unit, power: powersOfTen[scaled.decimals] as number });
  const rests = predicted && shorterOf(integers, predicted);
  writer.write(rests === undefined ? kinds.scaled : kinds.predicted, kindBits);
  writeScale(writer, scaled);
  writeWithHoles(writer, rests ?? integers);
}

/** What is left to say of numbers, if that is less. */
function shorterOf(integers: Float64Array, predicted: Float64Array): Float64Array | undefined {
  const rests = integers.map((value, index) => value - (predicted[index] as number));
  if (rests.some((rest) => Math.abs(rest) > integerMax)) return undefined;
  return bitsOf(rests) < bitsOf(integers) ? rests : undefined;
}

/** About as many bits as they need. */
const bitsOf = (values: Float64Array): number =>
  values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : bitLengthOf(zigzag(value))), 0);

function readColumn(reader: BitReader, count: number, predict?: Predict): Float64Array {
  const kind = reader.read(kindBits);
  if (kind === kinds.unknown) return new Float64Array(count).fill(Number.NaN);
  if (kind === kinds.raw) return readFloats(reader, count);
  const scale = readScale(reader);
  const values = readWithHoles(reader, count);
  const predicted = kind === kinds.predicted ? predict?.(scale) : undefined;
  const { unit, power } = scale;
  for (let index = 0; index < count; index += 1) {
    const integer = (values[index] as number) + (predicted === undefined ? 0 : (predicted[index] as number));
    values[index] = (integer * unit) / power;
  }
  return values;
}

/** Where some are unknown, 0 stands for that, and those from 0 on are one higher. */
function writeWithHoles(writer: BitWriter, integers: Float64Array): void {
  const hasHoles = integers.some(Number.isNaN);
  writer.writeFlag(hasHoles);
  const above = (value: number) => (Number.isNaN(value) ? 0 : value < 0 ? value : value + 1);
  writeIntegers(writer, hasHoles ? integers.map(above) : integers);
}

function readWithHoles(reader: BitReader, count: number): Float64Array {
  const hasHoles = reader.readFlag();
  const integers = readIntegers(reader, count);
  return hasHoles ? integers.map((value) => (value === 0 ? Number.NaN : value < 0 ? value : value - 1)) : integers;
}

function writeFloats(writer: BitWriter, values: Float64Array): void {
  for (const value of values) writer.writeFloat(value);
}

function readFloats(reader: BitReader, count: number): Float64Array {
  const values = new Float64Array(count).map(() => reader.readFloat());
  reader.check();
  return values;
}
