/** What a task of the stream service tells of itself, as a row. */
import type { StreamTaskStatus } from '@nightdesk/core';
import { squeezeJson, unsqueezeJson } from '../candles/squeezed-json.ts';

/** Beyond these a list is cut: even if nothing of it could be made smaller, it fits into a row (400 KB). */
const unitsMax = 1_000;
const streamsMax = 300;
const latestMax = 50;
const reasonLengthMax = 300;

export function packStatus(status: StreamTaskStatus): Uint8Array {
  const { units, streams, latest } = status;
  return squeezeJson({
    ...status,
    units: units.slice(0, unitsMax),
    streams: streams.slice(0, streamsMax),
    latest: latest.slice(0, latestMax).map((one) => ({ ...one, reason: one.reason.slice(0, reasonLengthMax) })),
  });
}

/** Only tasks write these rows, each its own, so what it says is what one of them has told. */
export const unpackStatus = (bytes: Uint8Array): StreamTaskStatus => unsqueezeJson(bytes) as StreamTaskStatus;
