/** A recorded order book, from the folder of recordings beside the repository; nothing of it is in the repository. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';

export const booksFolder = join(import.meta.dirname, '../../shared/data/books');
const bybitFile = join(booksFolder, 'bybit-xrpusdt-ob500.zip');

/** Where it is absent, what needs it is left out with a message. */
export const hasBooks = existsSync(bybitFile);
export const withoutBooks = `left out: there are no recorded books at ${booksFolder}`;

/** As venues write them. */
export type TextLevel = readonly [price: string, amount: string];

/** A message of Bybit's topic `orderbook`. */
export interface BybitBookFrame {
  topic: string;
  type: 'snapshot' | 'delta';
  ts: number;
  data: { s: string; b: TextLevel[]; a: TextLevel[]; u: number; seq: number };
}

/** A snapshot of 500 levels of each side, and what followed it, to the last digit as Bybit sent it. */
export function bybitRecording(): BybitBookFrame[] {
  const [file] = readZip(readFileSync(bybitFile)).values();
  const lines = file?.toString('utf8').trim().split('\n') ?? [];
  return lines.map((line) => JSON.parse(line) as BybitBookFrame);
}

// Of the zip format's end and central directory: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.12 and 4.3.16.
const endSignature = 0x06054b50;
const endLength = 22;
const entryLength = 46;
const localLength = 30;

/** The files of an archive, none of which is larger than fits in memory. @throws Error where it is none */
export function readZip(archive: Buffer): Map<string, Buffer> {
  let end = archive.length - endLength;
  while (end >= 0 && archive.readUInt32LE(end) !== endSignature) end -= 1;
  if (end < 0) throw new Error('this is no zip archive');
  const files = new Map<string, Buffer>();
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    const [nameLength = 0, extraLength = 0, commentLength = 0] = [28, 30, 32].map((offset) =>
      archive.readUInt16LE(at + offset),
    );
    const name = archive.toString('utf8', at + entryLength, at + entryLength + nameLength);
    const local = archive.readUInt32LE(at + 42);
    // The file's own header has lengths of its own.
    const begin = local + localLength + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const packed = archive.subarray(begin, begin + archive.readUInt32LE(at + 20));
    files.set(name, archive.readUInt16LE(at + 10) === 0 ? packed : inflateRawSync(packed));
    at += entryLength + nameLength + extraLength + commentLength;
  }
  return files;
}

/** The best levels of a book after each frame of a recording, best first. */
export function bestLevels(frames: readonly BybitBookFrame[], depth: number): Record<'b' | 'a', TextLevel[]>[] {
  const sides = { b: new Map<string, string>(), a: new Map<string, string>() };
  const best = (side: 'b' | 'a', sign: 1 | -1): TextLevel[] =>
    [...sides[side]].sort(([left], [right]) => (Number(left) - Number(right)) * sign).slice(0, depth);
  return frames.map(({ type, data }) => {
    for (const side of ['b', 'a'] as const) {
      if (type === 'snapshot') sides[side].clear();
      for (const [price, amount] of data[side]) {
        if (Number(amount) === 0) sides[side].delete(price);
        else sides[side].set(price, amount);
      }
    }
    return { b: best('b', -1), a: best('a', 1) };
  });
}

/** What makes one state of a side the next one; an amount of zero takes a level away. */
export function changesOf(before: readonly TextLevel[], after: readonly TextLevel[]): TextLevel[] {
  const [earlier, later] = [new Map(before), new Map(after)];
  const gone = before.filter(([price]) => !later.has(price)).map(([price]): TextLevel => [price, '0']);
  return [...gone, ...after.filter(([price, amount]) => earlier.get(price) !== amount)];
}
