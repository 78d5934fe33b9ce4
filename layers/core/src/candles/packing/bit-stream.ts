/** Numbers of a few bits each, one after the other, the highest bit first. */

/** Highest number that `writeNumber` and `writeWide` take: every whole number that a float holds exactly. */
const wideBits = 53;
/** A number's length is said in this many bits. */
const lengthBits = 6;
const lowBits = 24;
const lowSize = 2 ** lowBits;
/** Highest whole number that bitwise operators take as it is. */
const smallMax = 2 ** 31 - 1;
/** Reading looks at four bytes and the next, so a reader has some behind the last. */
const paddingBytes = 8;

/** How many bits a whole number has; 0 has none. */
export function bitLengthOf(value: number): number {
  const high = Math.floor(value / 2 ** 32);
  return high === 0 ? 32 - Math.clz32(value) : 64 - Math.clz32(high);
}

/** Signed numbers as unsigned ones, those near 0 first. @param value up to 2^52 either way */
export const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);
export function unzigzag(value: number): number {
  // Nearly all have fewer than 32 bits, of which whole numbers are several times faster than remainders of floats.
  if (value <= smallMax) return (value >>> 1) ^ -(value & 1);
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

export class BitWriter {
  #bytes = new Uint8Array(256);
  #length = 0;
  /** Bits that do not fill a byte yet, and how many. */
  #pending = 0;
  #pendingBits = 0;

  /** @param count up to 24 */
  #write(value: number, count: number): void {
    this.#pending = (this.#pending << count) | value;
    this.#pendingBits += count;
    while (this.#pendingBits >= 8) {
      this.#pendingBits -= 8;
      this.#push((this.#pending >>> this.#pendingBits) & 0xff);
    }
    this.#pending &= 0xff;
  }

  #push(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const grown = new Uint8Array(this.#bytes.length * 2);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes[this.#length] = byte;
    this.#length += 1;
  }

  /** @param value a whole number of at most `count` bits; @param count up to 53 */
  write(value: number, count: number): void {
    let rest = value;
    let bits = count;
    if (bits > 2 * lowBits) {
      const size = 2 ** (2 * lowBits);
      this.#write(Math.floor(rest / size), bits - 2 * lowBits);
      rest %= size;
      bits = 2 * lowBits;
    }
    if (bits > lowBits) {
      this.#write(Math.floor(rest / lowSize), bits - lowBits);
      rest %= lowSize;
      bits = lowBits;
    }
    this.#write(rest, bits);
  }

  writeFlag(flag: boolean): void {
    this.#write(flag ? 1 : 0, 1);
  }

  /** A whole number up to 2^53 - 1, by its length and its bits. */
  writeNumber(value: number): void {
    const length = bitLengthOf(value);
    this.#write(length, lengthBits);
    if (length > 1) this.write(value - 2 ** (length - 1), length - 1);
  }

  /** Any float, as it is. */
  writeFloat(value: number): void {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value);
    this.write(view.getUint32(0), 32);
    this.write(view.getUint32(4), 32);
  }

  /** What was written; the last byte is filled with zeros. */
  bytes(): Uint8Array {
    if (this.#pendingBits === 0) return this.#bytes.slice(0, this.#length);
    const bytes = this.#bytes.slice(0, this.#length + 1);
    bytes[this.#length] = (this.#pending << (8 - this.#pendingBits)) & 0xff;
    return bytes;
  }
}

/** Bytes are not what they should be: cut off, damaged, or of a version that is not known here. */
export class PackedBytesError extends Error {
  override readonly name = 'PackedBytesError';
}

export class BitReader {
  /** With some zeros behind the last, so that nothing is read from beyond the end as long as `check` is called now and then. */
  readonly bytes: Uint8Array;
  /** Index of the next bit. */
  position = 0;
  readonly #bits: number;
  /** Of one float: making one for each would take longer than all the rest. */
  readonly #float = new DataView(new ArrayBuffer(8));

  constructor(bytes: Uint8Array) {
    this.bytes = new Uint8Array(bytes.length + paddingBytes);
    this.bytes.set(bytes);
    this.#bits = bytes.length * 8;
  }

  /** @throws PackedBytesError once more was read than there is */
  check(): void {
    if (this.position > this.#bits) throw new PackedBytesError(`the ${this.#bits / 8} packed bytes are cut off`);
  }

  /** @throws PackedBytesError unless exactly all was read */
  checkEnd(): void {
    this.check();
    const left = this.#bits - this.position;
    if (left >= 8) throw new PackedBytesError(`${left >> 3} of the ${this.#bits / 8} packed bytes belong to nothing`);
  }

  /** @param count up to 53 */
  read(count: number): number {
    if (count <= 32) return this.#read(count);
    const high = this.#read(count - lowBits);
    return high * lowSize + this.#read(lowBits);
  }

  #read(count: number): number {
    if (count === 0) return 0;
    const bits = bitsAt(this.bytes, this.position) >>> (32 - count);
    this.position += count;
    return bits;
  }

  readFlag(): boolean {
    return this.#read(1) === 1;
  }

  readNumber(): number {
    const length = this.#read(lengthBits);
    if (length > wideBits) throw new PackedBytesError(`a packed number is said to have ${length} bits`);
    return length <= 1 ? length : 2 ** (length - 1) + this.read(length - 1);
  }

  readFloat(): number {
    this.#float.setUint32(0, this.#read(32));
    this.#float.setUint32(4, this.#read(32));
    return this.#float.getFloat64(0);
  }
}

/** The 32 bits from a position on. */
export function bitsAt(bytes: Uint8Array, position: number): number {
  const [at, shift] = [position >>> 3, position & 7];
  const first =
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number);
  return ((first << shift) | ((bytes[at + 4] as number) >>> (8 - shift))) >>> 0;
}
