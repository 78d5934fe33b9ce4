/**
 * The checksum of a book: CRC-32 over the ten best asks, then the ten best bids, each price and amount written with
 * all its decimals, without the point and without zeros in front.
 * https://docs.kraken.com/exchange/guides/websockets/book-checksum-v2
 */
import { crc32 } from 'node:zlib';

const levelsPerSide = 10;

/** Price and amount with the pair's full number of decimals. */
export type LevelText = readonly [price: string, quantity: string];

/** @param asks, bids best first; what is beyond the tenth level does not count */
export function bookChecksum(asks: readonly LevelText[], bids: readonly LevelText[]): number {
  const levels = [...asks.slice(0, levelsPerSide), ...bids.slice(0, levelsPerSide)];
  return crc32(levels.flat().map(digits).join(''));
}

function digits(text: string): string {
  return text.replace('.', '').replace(/^0+/, '');
}
