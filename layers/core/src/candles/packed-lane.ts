/**
 * What one run has brought for the series of a lane, as bytes: a few candles each of up to 25 symbols, of which most are of the
 * same minutes. What is alike from one series to the next is not said again. Best stored as they are, like packed columns.
 */
import type { LaneMember } from './candle-block.ts';
import { emptyColumns } from './columns.ts';
import { packedCandlesMax } from './packed-columns.ts';
import { BitReader, BitWriter, PackedBytesError, unzigzag, zigzag } from './packing/bit-stream.ts';
import { readTimes, readValues, writeTimes, writeValues } from './packing/column-codec.ts';
import { readSymbol, type SymbolMemory, writeSymbol } from './packing/symbol-codec.ts';

const version = 1;
/** Far more than a lane has: reading must not do what damaged bytes ask for. */
const membersMax = 4_096;

/** @throws RangeError for more than 4,096 members, or more than `packedCandlesMax` candles of one */
export function packMembers(members: readonly LaneMember[]): Uint8Array {
  if (members.length > membersMax)
    throw new RangeError(`${members.length} members of a lane are more than ${membersMax}`);
  const writer = new BitWriter();
  writer.write(version, 8);
  writer.writeNumber(members.length);
  const symbols: SymbolMemory = [];
  let before: Before = { openMs: emptyColumns.openMs, untilMs: 0 };
  for (const member of members) {
    writeSymbol(writer, member.symbol, symbols);
    writeUntil(writer, member.untilMs, before.untilMs);
    const { openMs } = member.candles;
    writeOpens(writer, openMs, before);
    if (openMs.length > 0) writeValues(writer, member.candles);
    before = { openMs, untilMs: member.untilMs };
  }
  return writer.bytes();
}

/** What the series before had, which the next mostly has, too. */
interface Before {
  openMs: Float64Array;
  untilMs: number;
}

/**
 * Every float as it was packed.
 *
 * @param wanted symbols; what is behind the last of them is not looked at. Unless given, all members
 * @throws PackedBytesError for bytes of an unknown version, and for those that are cut off or damaged
 */
export function unpackMembers(bytes: Uint8Array, wanted?: ReadonlySet<string>): LaneMember[] {
  const reader = new BitReader(bytes);
  const found = reader.read(8);
  if (found !== version) {
    throw new PackedBytesError(`a packed lane is of version ${found}, and only version ${version} is known`);
  }
  const count = reader.readNumber();
  if (count > membersMax) throw new PackedBytesError(`${count} packed members of a lane are more than ${membersMax}`);
  const symbols: SymbolMemory = [];
  const members: LaneMember[] = [];
  let before: Before = { openMs: emptyColumns.openMs, untilMs: 0 };
  for (let index = 0; index < count; index += 1) {
    if (members.length === wanted?.size) return members;
    const symbol = readSymbol(reader, symbols);
    const untilMs = readUntil(reader, before.untilMs);
    const openMs = readOpens(reader, before);
    const candles = openMs.length === 0 ? emptyColumns : { openMs, ...readValues(reader, openMs.length) };
    reader.check();
    if (wanted?.has(symbol) ?? true) members.push({ symbol, untilMs, candles });
    before = { openMs, untilMs };
  }
  reader.checkEnd();
  return members;
}

function writeUntil(writer: BitWriter, untilMs: number, beforeMs: number): void {
  writer.writeFlag(untilMs !== beforeMs);
  if (untilMs !== beforeMs) writer.writeNumber(zigzag(untilMs - beforeMs));
}

const readUntil = (reader: BitReader, beforeMs: number): number =>
  reader.readFlag() ? beforeMs + unzigzag(reader.readNumber()) : beforeMs;

/** How many candles there are and when they open, unless that is as in the series before. */
function writeOpens(writer: BitWriter, openMs: Float64Array, before: Before): void {
  const alike =
    openMs.length === before.openMs.length && openMs.every((value, index) => Object.is(value, before.openMs[index]));
  writer.writeFlag(alike);
  if (alike) return;
  if (openMs.length > packedCandlesMax) throw new RangeError(`${openMs.length} candles are too many to pack at once`);
  writer.writeNumber(openMs.length);
  if (openMs.length > 0) writeTimes(writer, openMs);
}

function readOpens(reader: BitReader, before: Before): Float64Array {
  if (reader.readFlag()) return before.openMs.slice();
  const count = reader.readNumber();
  if (count > packedCandlesMax) throw new PackedBytesError(`${count} packed candles are more than ${packedCandlesMax}`);
  return count === 0 ? emptyColumns.openMs : readTimes(reader, count);
}
