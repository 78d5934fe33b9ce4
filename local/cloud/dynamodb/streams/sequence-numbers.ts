/**
 * Sequence numbers: as AWS writes them, decimal digits of which there are at least 21, each larger than the one before it
 * (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_StreamRecord.html). Here all have the same
 * length, so they sort as text, and they count by one, so a gap shows what was trimmed.
 */

const base = 10n ** 20n;
const digits = 21;

/** Comes before the first record of every stream. */
export const firstPosition = String(base);

export function sequenceNumberOf(count: number): string {
  return String(base + BigInt(count));
}

/** How many records a stream had when this one was the last. */
export function countOf(sequenceNumber: string): number {
  return Number(BigInt(sequenceNumber) - base);
}

/** Whether a text can be a sequence number of ours. */
export function isSequenceNumber(text: string): boolean {
  return text.length === digits && /^1\d+$/.test(text);
}
