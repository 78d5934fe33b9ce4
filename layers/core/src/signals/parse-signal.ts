/** From a body to a request: which format it is, what it asks for, and what makes it known again when it is resent. */
import type { Issue } from '../errors.ts';
import { RequestError } from '../errors.ts';
import { type SignalId, type SourceId, sha256Hex, signalIdOf } from '../ids.ts';
import { canonicalJson } from '../journal/canonical-json.ts';
import type { MarketKind } from '../ports/market-data.ts';
import { parseBody, type RawObject } from './body.ts';
import { type NativeSignal, parseNative } from './native.ts';
import type { DuplicateRule } from './signal.ts';
import { isTradingView, translateTradingView } from './tradingview.ts';

export interface SignalRequest {
  signal: NativeSignal;
  /** What the sender's way of writing says about the market; absent when it leaves that open. */
  kind?: MarketKind;
  /** What the sender calls a native field, where that is another name. */
  fieldNames: ReadonlyMap<string, string>;
  identity: SignalIdentity;
}

/** How a resend is recognised. `window` and `none` need the time of the first delivery. */
export type SignalIdentity = { rule: 'id' | 'time'; parts: readonly unknown[] } | { rule: 'window'; bodyHash: string };

/** @throws RequestError with the status and the fields of whatever is wrong. */
export function parseSignal(text: string): SignalRequest {
  const body = parseBody(text);
  const alert = isTradingView(body) ? translateTradingView(body) : undefined;
  const fieldNames = alert?.fieldNames ?? new Map<string, string>();
  const signal = readSignal(alert?.body ?? body, fieldNames);
  const { id, symbol, action, size, sentAt } = signal;
  const time = sentAt?.text ?? alert?.barTime;
  const asked = action ?? signal.target;
  const target = [signal.account ?? signal.accounts ?? null, symbol, asked, size, signal.type, signal.price ?? null];
  const identity: SignalIdentity =
    id !== undefined
      ? { rule: 'id', parts: ['id', id] }
      : time !== undefined
        ? { rule: 'time', parts: ['time', ...target, alert?.orderId ?? null, time] }
        : { rule: 'window', bodyHash: sha256Hex(canonicalJson(body)) };
  return { signal, identity, fieldNames, ...(alert && { kind: alert.kind }) };
}

function readSignal(body: RawObject, fieldNames: ReadonlyMap<string, string>): NativeSignal {
  try {
    return parseNative(body);
  } catch (error) {
    throw inSendersWords(error, fieldNames);
  }
}

/** A refusal with its fields named as the sender wrote them; any other error as it is. */
export function inSendersWords(error: unknown, fieldNames: ReadonlyMap<string, string>): unknown {
  if (!(error instanceof RequestError)) return error;
  const issues = error.issues.map(({ path, message }) => ({ path: fieldNames.get(path) ?? path, message }));
  return new RequestError(error.code, error.message, issues);
}

/** The id of a signal whose sender gave an id or a time. */
export const statedSignalId = (source: SourceId, parts: readonly unknown[]): SignalId => signalIdOf([source, ...parts]);

/** The id of a signal without id and time: body and the start of the window it fell into. */
export const windowSignalId = (source: SourceId, bodyHash: string, windowStartMs: number): SignalId =>
  signalIdOf([source, 'window', bodyHash, windowStartMs]);

/** For people: how the desk tells a resend of this signal from a new one. */
export const duplicateRuleTexts: Readonly<Record<DuplicateRule, string>> = {
  id: "the sender's id",
  time: "the sender's time together with symbol, action and size",
  window: 'an identical body within the duplicate window of its source',
  none: 'nothing: the duplicate window of its source is off',
};

/** How far ahead of Nightdesk's clock a sender's clock may be. */
const clockLeadMsMax = 300_000;

/**
 * When a signal stops being worth acting on: the sender's time, else the time of receipt, plus the allowed lag.
 *
 * @throws RequestError `stale_signal` when that is over already, or when the sender's time lies in the future.
 */
export function expiryOf(signal: NativeSignal, defaultLagSeconds: number, receivedAtMs: number): number {
  const sentAtMs = signal.sentAt?.atMs ?? receivedAtMs;
  const lagSeconds = signal.maxLagSeconds ?? defaultLagSeconds;
  const issue = (message: string): Issue[] => [{ path: 'sentAt', message }];
  if (sentAtMs - receivedAtMs > clockLeadMsMax) {
    const message = `lies ${Math.round((sentAtMs - receivedAtMs) / 1000)} s in the future; check the sender's clock`;
    throw new RequestError('stale_signal', `the signal's time ${message}`, issue(message));
  }
  const expiresAtMs = sentAtMs + lagSeconds * 1000;
  if (expiresAtMs < receivedAtMs) {
    const message = `is ${Math.round((receivedAtMs - sentAtMs) / 1000)} s old; at most ${lagSeconds} s are allowed (maxLagSeconds)`;
    throw new RequestError('stale_signal', `the signal ${message}`, issue(message));
  }
  return expiresAtMs;
}
