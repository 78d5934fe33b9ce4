/** What a receiver of notices shows about those of a set of orders. Pure. */
import type { ReceivedNotice } from './processes/receive-notices.ts';
import { medianOf } from './statistics.ts';

export interface FillsTold {
  /** From the time in each fill's record to the arrival of its first notice. */
  latenciesMs: number[];
  /** Orders whose fill was not told of. */
  lost: number;
  /** Notices of a fill beyond its first. */
  repeated: number;
  /** Notices without a valid signature, which a receiver must not believe. */
  unsigned: number;
  /** Usual length of one; 0 where there is none. */
  bytes: number;
}

export function fillsTold(received: readonly ReceivedNotice[], orderIds: ReadonlySet<string>): FillsTold {
  const fills = received.filter(({ kind, orderId = '' }) => kind === 'order.filled' && orderIds.has(orderId));
  const signed = fills.filter(({ isSigned }) => isSigned);
  const byOrder = Map.groupBy(signed, ({ orderId }) => orderId);
  const latenciesMs = [...byOrder.values()].map((notices) =>
    Math.min(...notices.map(({ arrivedAtMs, atMs = Number.NaN }) => arrivedAtMs - atMs)),
  );
  return {
    latenciesMs,
    lost: orderIds.size - byOrder.size,
    repeated: signed.length - byOrder.size,
    unsigned: fills.length - signed.length,
    bytes: signed.length === 0 ? 0 : medianOf(signed.map(({ bytes }) => bytes)),
  };
}
