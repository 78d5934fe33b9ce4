/** Symbols of a lane as bits. Most end alike, in `/USDT` or `/USDT:USDT`: each ending is said once. */
import { type BitReader, type BitWriter, PackedBytesError } from './bit-stream.ts';

/** What symbols are made of: 6 bits each, and the two codes beyond for the end, and for any other character. */
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/:-._abcdefghijklmnopqrstu';
const letterBits = 6;
const endCode = letters.length;
const otherCode = letters.length + 1;
const otherBits = 16;
/** Longest text, in letters: none is longer, and damaged bytes might be. */
const textLengthMax = 1_024;

/** Endings that were said before, oldest first. */
export type SymbolMemory = string[];

/** @throws RangeError for a symbol of more than 1,024 letters */
export function writeSymbol(writer: BitWriter, symbol: string, endings: SymbolMemory): void {
  if (symbol.length > textLengthMax) throw new RangeError(`a symbol has ${symbol.length} letters`);
  const slash = symbol.indexOf('/');
  const at = slash < 0 ? symbol.length : slash;
  writeText(writer, symbol.slice(0, at));
  const ending = symbol.slice(at);
  const known = endings.indexOf(ending);
  // The number of each is in as many bits as that of the last takes, and the number beyond the last says that there is a new one.
  const bits = indexBits(endings.length);
  writer.write(known < 0 ? endings.length : known, bits);
  if (known >= 0) return;
  writeText(writer, ending);
  endings.push(ending);
}

/** @throws PackedBytesError for what is damaged */
export function readSymbol(reader: BitReader, endings: SymbolMemory): string {
  const base = readText(reader);
  const index = reader.read(indexBits(endings.length));
  const known = endings[index];
  if (known !== undefined) return base + known;
  const ending = readText(reader);
  endings.push(ending);
  return base + ending;
}

/** Enough for numbers up to `count`. */
const indexBits = (count: number): number => 32 - Math.clz32(count);

function writeText(writer: BitWriter, text: string): void {
  for (let index = 0; index < text.length; index += 1) {
    const code = letters.indexOf(text.charAt(index));
    writer.write(code < 0 ? otherCode : code, letterBits);
    if (code < 0) writer.write(text.charCodeAt(index), otherBits);
  }
  writer.write(endCode, letterBits);
}

function readText(reader: BitReader): string {
  let text = '';
  for (let code = reader.read(letterBits); code !== endCode; code = reader.read(letterBits)) {
    text += code === otherCode ? String.fromCharCode(reader.read(otherBits)) : letters.charAt(code);
    if (text.length > textLengthMax) throw new PackedBytesError('a packed symbol does not end');
  }
  return text;
}
