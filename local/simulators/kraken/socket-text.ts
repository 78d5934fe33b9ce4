/** How WebSocket v2 writes numbers and times. */
import type { Decimal } from '../engine/decimal.ts';
import { lotDecimals, type PairSpec } from './catalog.ts';

/** Writes a number as its text has it. Not yet in TypeScript's library for es2024. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** A number with the very digits of its text, zeros at the end included. */
export function rawNumber(text: string): unknown {
  return rawJSON(text);
}

export function priceNumber(spec: PairSpec, price: Decimal): unknown {
  return rawNumber(price.toFixed(spec.priceDecimals, 0));
}

export function amountNumber(amount: Decimal): unknown {
  return rawNumber(amount.toFixed(lotDecimals, 0));
}

/** As many digits as there are. */
export function exactNumber(value: Decimal): unknown {
  return rawNumber(value.toFixed());
}

/** RFC 3339 with six digits of the second. */
export function timeText(atMs: number): string {
  const microseconds = Math.floor((atMs - Math.floor(atMs)) * 1000);
  return `${new Date(atMs).toISOString().slice(0, -1)}${String(microseconds).padStart(3, '0')}Z`;
}
