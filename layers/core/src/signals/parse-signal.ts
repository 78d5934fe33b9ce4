/** From a body to a request: which format it is, what it asks for, and what makes it known again when it is resent. */
import type { Issue } from '../errors.ts';
import { RequestError } from '../errors.ts';
import { type SignalId, type SourceId, sha256Hex, signalIdOf } from '../ids.ts';
import { canonicalJson } from '../journal/canonical-json.ts';
import { compare } from '../money.ts';
import type { MarketKind } from '../ports/market-data.ts';
import { type RawObject, readBody, type SignalBody } from './body.ts';
import type { DialectName, DialectSetting } from './dialects/dialect.ts';
import { translateBody } from './dialects/registry.ts';
import { invalidSignal, type NativeSignal, readNative } from './native.ts';
import type { DuplicateRule } from './signal.ts';

export interface SignalRequest {
  signal: NativeSignal;
  /** How the sender wrote it. */
  dialect: DialectName;
  /** Names of keys that the dialect does not have; they were left alone. */
  unknownKeys: readonly string[];
  /** What the sender's way of writing says about the market; absent when it leaves that open. */
  kind?: MarketKind;
  /** What the sender calls a native field, where that is another name. */
  fieldNames: ReadonlyMap<string, string>;
  identity: SignalIdentity;
}

/** How a resend is recognised. `window` and `none` need the time of the first delivery. */
export type SignalIdentity = { rule: 'id' | 'time'; parts: readonly unknown[] } | { rule: 'window'; bodyHash: string };

/**
 * @param options.dialect the source's setting; by default the body shows which it is
 * @throws RequestError with the status and the fields of whatever is wrong
 */
export function parseSignal(text: string, options: { dialect?: DialectSetting } = {}): SignalRequest {
  const setting = options.dialect ?? 'auto';
  const body = readBody(text, setting);
  const { body: native, fieldNames, kind, dialect, unknownKeys, ...rest } = translateBody(body, setting);
  const signal = readSignal(native, fieldNames);
  const identity = identityOf(signal, { body, ...rest, ...(kind && { kind }) });
  return { signal, dialect, unknownKeys, identity, fieldNames, ...(kind && { kind }) };
}

interface Marks {
  body: SignalBody;
  /** A spot market and a perpetual may share their symbol by now: `BTCUSDT` and `BTCUSDT.P`. */
  kind?: MarketKind;
  orderId?: string;
  barTime?: string;
}

function identityOf(signal: NativeSignal, { body, kind, orderId, barTime }: Marks): SignalIdentity {
  const { id, sentAt } = signal;
  const time = sentAt?.text ?? barTime;
  if (id !== undefined) return { rule: 'id', parts: ['id', id] };
  if (time !== undefined) {
    return { rule: 'time', parts: ['time', orderPartsOf(signal), kind ?? null, orderId ?? null, time] };
  }
  return { rule: 'window', bodyHash: sha256Hex(canonicalJson(body.fields ?? body.text)) };
}

/** All of a signal that makes its order another one: what is left out says how it came, or only informs. */
function orderPartsOf(signal: NativeSignal): Record<string, unknown> {
  const { sentAt: _sentAt, maxLagSeconds: _lag, comment: _comment, confidence: _confidence, ...order } = signal;
  return { ...order, ...(order.expireAt && { expireAt: order.expireAt.text }) };
}

function readSignal(body: RawObject, fieldNames: ReadonlyMap<string, string>): NativeSignal {
  const { signal, issues } = readNative(body);
  if (signal !== undefined) return signal;
  throw invalidSignal(renamed(issues, fieldNames));
}

/** @throws RequestError `low_confidence` when the sender is less sure than its source must be; one that says nothing passes */
export function requireConfidence({ signal, fieldNames }: SignalRequest, minimum: number): void {
  const { confidence } = signal;
  if (confidence === undefined || compare(confidence, String(minimum)) >= 0) return;
  const message = `is ${confidence}; signals of this source are acted upon from ${minimum} on`;
  const path = fieldNames.get('confidence') ?? 'confidence';
  throw new RequestError('low_confidence', `the confidence ${message}`, [{ path, message }]);
}

/** A refusal with its fields named as the sender wrote them; any other error as it is. */
export function inSendersWords(error: unknown, fieldNames: ReadonlyMap<string, string>): unknown {
  if (!(error instanceof RequestError)) return error;
  return new RequestError(error.code, error.message, renamed(error.issues, fieldNames));
}

const renamed = (issues: readonly Issue[], fieldNames: ReadonlyMap<string, string>): Issue[] =>
  issues.map(({ path, message }) => ({ path: nameOf(path, fieldNames), message }));

/** The sender's name of a field, else of the one that it is part of, else its own. */
function nameOf(path: string, fieldNames: ReadonlyMap<string, string>): string {
  const parts = path.split('.');
  const ancestors = parts.map((_part, index) => parts.slice(0, parts.length - index).join('.'));
  const named = ancestors.find((ancestor) => fieldNames.has(ancestor));
  return (named !== undefined && fieldNames.get(named)) || path;
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
