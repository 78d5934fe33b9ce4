/** Whole numbers, most of them small, in few bits: what prices and volumes are made of once they are scaled and compared. */
import {
  type BitReader,
  type BitWriter,
  bitLengthOf,
  bitsAt,
  PackedBytesError,
  unzigzag,
  zigzag,
} from './bit-stream.ts';
import { codeLengthMax, codeLengthsOf, codesOf, type DecodeTable, decodeTableOf } from './huffman.ts';

/** Longest number: 2^53 - 1, or a signed one whose sign took a bit. */
const lengthMax = 53;
const lengthFieldBits = 6;
/** Said for each length: how long its code is. */
const codeFieldBits = 4;

/**
 * - zeros: nothing more;
 * - by a divisor: each number by how many powers of two it is away from one, and its bits (exponential Golomb codes,
 *   J. Teuhola, 1978), which needs no table and so is best for few numbers;
 * - by length: the length of each in a Huffman code, and its bits, which is best for many.
 */
const modes = { zeros: 0, golomb: 2, lengths: 3 } as const;

/** @param values whole numbers up to 2^52 - 1 either way */
export function writeIntegers(writer: BitWriter, values: Float64Array): void {
  const signed = values.some((value) => value < 0);
  const numbers = signed ? values.map(zigzag) : values;
  const counts = countLengths(numbers);
  if (counts.length <= 1) {
    writer.write(modes.zeros, 1);
    return;
  }
  const golomb = bestDivisor(counts);
  const codes = counts.filter((count) => count > 0).length > 1 ? codeLengthsOf(counts) : counts.map(() => 0);
  const byLength = golomb.bits > codeBits(counts, codes);
  writer.write(byLength ? modes.lengths : modes.golomb, 2);
  writer.writeFlag(signed);
  if (byLength) writeByLength(writer, numbers, codes);
  else writeGolomb(writer, numbers, golomb.shift);
}

/** How many numbers have each length. */
function countLengths(numbers: Float64Array): number[] {
  const counts = new Uint32Array(lengthMax + 1);
  let longest = -1;
  for (const value of numbers) {
    const length = bitLengthOf(value);
    counts[length] = (counts[length] as number) + 1;
    if (length > longest) longest = length;
  }
  return Array.from(counts.subarray(0, longest + 1));
}

/** Bits of the numbers of each length, and of the table. */
function codeBits(counts: readonly number[], codes: readonly number[]): number {
  const own = lengthFieldBits + codeFieldBits * counts.length;
  return counts.reduce(
    (sum, count, length) => sum + count * ((codes[length] as number) + Math.max(length - 1, 0)),
    own,
  );
}

/** The divisor, as a power of two, by which numbers of these lengths take fewest bits, nearly. */
function bestDivisor(counts: readonly number[]): { shift: number; bits: number } {
  let best = { shift: 0, bits: Number.POSITIVE_INFINITY };
  for (let shift = 0; shift < counts.length; shift += 1) {
    const bits = counts.reduce((sum, count, length) => sum + count * golombBits(length, shift), lengthFieldBits);
    if (bits < best.bits) best = { shift, bits };
  }
  return best;
}

/** Of a number of this length: half of them have one bit more, where they are longer than the divisor. */
const golombBits = (length: number, shift: number): number => (length <= shift ? shift + 1 : 2 * length - shift);

function writeGolomb(writer: BitWriter, numbers: Float64Array, shift: number): void {
  writer.write(shift, lengthFieldBits);
  const divisor = 2 ** shift;
  for (const value of numbers) {
    const quotient = Math.floor(value / divisor) + 1;
    const length = bitLengthOf(quotient);
    writer.write(0, length - 1);
    writer.write(quotient, length);
    writer.write(value % divisor, shift);
  }
}

function readGolomb(reader: BitReader, count: number): Float64Array {
  const shift = reader.read(lengthFieldBits);
  if (shift > lengthMax) throw new PackedBytesError(`packed numbers are said to be divided by 2^${shift}`);
  const divisor = 2 ** shift;
  const values = new Float64Array(count);
  for (let index = 0; index < count; index += 1) {
    let length = 1;
    while (!reader.readFlag()) {
      length += 1;
      if (length > lengthMax) throw new PackedBytesError('a packed number is longer than any, or cut off');
    }
    const quotient = 2 ** (length - 1) + reader.read(length - 1);
    values[index] = (quotient - 1) * divisor + reader.read(shift);
  }
  return values;
}

function writeByLength(writer: BitWriter, numbers: Float64Array, codeLengths: readonly number[]): void {
  writer.write(codeLengths.length - 1, lengthFieldBits);
  for (const length of codeLengths) writer.write(length, codeFieldBits);
  // With a single length, there is no code to be told from others, and the last length in the table is the one.
  const codes = codesOf(codeLengths);
  for (const value of numbers) {
    const length = bitLengthOf(value);
    writer.write(codes[length] as number, codeLengths[length] as number);
    if (length > 1) writer.write(value - 2 ** (length - 1), length - 1);
  }
}

function readByLength(reader: BitReader, count: number): Float64Array {
  const longest = reader.read(lengthFieldBits);
  if (longest > lengthMax) throw new PackedBytesError(`packed numbers are said to have up to ${longest} bits`);
  const lengths = Array.from({ length: longest + 1 }, () => reader.read(codeFieldBits));
  if (lengths.every((length) => length === 0)) return readOfOneLength(reader, { count, length: longest });
  if (Math.max(...lengths) > codeLengthMax || kraftSum(lengths) !== 1) {
    throw new PackedBytesError('the packed table of lengths makes no sense');
  }
  return decode(reader, { count, table: decodeTableOf(lengths) });
}

/** Exactly 1 for lengths that make a complete code, so that every sequence of bits means something. */
const kraftSum = (lengths: readonly number[]): number =>
  lengths.reduce((sum, length) => sum + (length === 0 ? 0 : 2 ** -length), 0);

function readOfOneLength(reader: BitReader, { count, length }: { count: number; length: number }): Float64Array {
  return new Float64Array(count).map(() => (length <= 1 ? length : 2 ** (length - 1) + reader.read(length - 1)));
}

/** The inner loop of reading candles: it looks at 32 bits at once, which hold most numbers and the code of their length. */
function decode(reader: BitReader, { count, table }: { count: number; table: DecodeTable }): Float64Array {
  const { bytes } = reader;
  const { entries } = table;
  const codeShift = 32 - table.bits;
  const values = new Float64Array(count);
  let { position } = reader;
  for (let index = 0; index < count; index += 1) {
    const bits = bitsAt(bytes, position);
    const entry = entries[bits >>> codeShift] as number;
    const codeLength = entry & 15;
    const length = entry >>> 4;
    position += codeLength;
    if (length <= 1) values[index] = length;
    else if (length + codeLength <= 32) {
      values[index] = ((1 << (length - 1)) | ((bits << codeLength) >>> (33 - length))) >>> 0;
      position += length - 1;
    } else {
      reader.position = position;
      values[index] = 2 ** (length - 1) + reader.read(length - 1);
      position = reader.position;
    }
  }
  reader.position = position;
  return values;
}

/** @throws PackedBytesError for what is cut off or makes no sense */
export function readIntegers(reader: BitReader, count: number): Float64Array {
  if (!reader.readFlag()) return new Float64Array(count);
  const byLength = reader.readFlag();
  const signed = reader.readFlag();
  const values = byLength ? readByLength(reader, count) : readGolomb(reader, count);
  reader.check();
  if (signed) for (let index = 0; index < count; index += 1) values[index] = unzigzag(values[index] as number);
  return values;
}
