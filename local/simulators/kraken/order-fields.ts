/** Fields of order requests that have rules of their own. */
import { deadlineElapsed, invalidArguments } from './errors.ts';
import type { Params } from './params.ts';

/** A UUID with or without dashes, or up to 18 printable characters. https://docs.kraken.com/exchange/guides/general/clordid */
const clientOrderIdPatterns = [
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  /^[0-9a-f]{32}$/i,
  /^[\x20-\x7e]{1,18}$/,
];

const userReferenceMax = 2 ** 31 - 1;
const deadlineMsMax = 60_000;

/** The customer's own id, if one was sent. */
export function readClientOrderId(params: Params): string | undefined {
  const text = params.text('cl_ord_id');
  if (text === undefined) return undefined;
  if (!clientOrderIdPatterns.some((pattern) => pattern.test(text))) throw invalidArguments('cl_ord_id');
  return text;
}

/** A number of 32 bits by which a customer groups orders. */
export function readUserReference(params: Params): number | undefined {
  const value = params.integer('userref');
  if (value !== undefined && Math.abs(value) > userReferenceMax) throw invalidArguments('userref');
  return value;
}

/** When the order ends: `0` never, `+60` in a minute, else a Unix time in seconds. Needed with GTD, and only there. */
export function readExpiry(
  params: Params,
  { timeInForce, nowMs }: { timeInForce: string; nowMs: number },
): number | undefined {
  const text = params.text('expiretm') ?? '0';
  if (!/^[+ ]?\d{1,12}$/.test(text)) throw invalidArguments('expiretm');
  // A plus sign that was not encoded arrives as a space.
  const isRelative = text.startsWith('+') || text.startsWith(' ');
  const seconds = Number(text.slice(isRelative ? 1 : 0));
  if (seconds > 0 !== (timeInForce === 'GTD')) throw invalidArguments('expiretm');
  if (seconds === 0) return undefined;
  const expiresAtMs = isRelative ? Math.floor(nowMs) + seconds * 1000 : seconds * 1000;
  if (expiresAtMs <= nowMs) throw invalidArguments('expiretm');
  return expiresAtMs;
}

/** Refuses a request that arrives after the time it names. */
export function readDeadline(params: Params, nowMs: number): void {
  const text = params.text('deadline');
  if (text === undefined) return;
  const deadlineMs = Date.parse(text);
  if (Number.isNaN(deadlineMs) || deadlineMs > nowMs + deadlineMsMax) throw invalidArguments('deadline');
  if (nowMs > deadlineMs) throw deadlineElapsed();
}
