/** What every signal goes through that is taken, whoever sent it and how. */
import {
  accountOf,
  type DeskConfig,
  type DuplicateRule,
  type Signal,
  type SignalId,
  type SignalIdentity,
  type SignalMessage,
  type SignalQueue,
  type SignalsStore,
  type SourceConfig,
  type SourceId,
  statedSignalId,
  windowSignalId,
} from '@nightdesk/core';
import { laneOf } from './lane.ts';
import type { ResolvedSignal } from './resolve-signal.ts';

export interface AcceptancePorts {
  signals: SignalsStore;
  queue: SignalQueue;
}

/** A signal whose sender is known. */
export interface IncomingSignal {
  /** `none`: every request is a signal of its own, because repeating it changes nothing. */
  identity: SignalIdentity | { rule: 'none' };
  source: SourceConfig & { id: SourceId };
  config: DeskConfig;
  receivedAtMs: number;
  requestId: string;
  /** Of a signed request: what was signed, and for how long that is good. */
  signed?: { timestamp: string; goodMs: number };
  /** @throws RequestError where it cannot be executed */
  resolve(): Promise<ResolvedSignal>;
}

export type Acceptance =
  | { kind: 'accepted'; signal: Signal; rule: DuplicateRule }
  | { kind: 'duplicate'; signalId: SignalId; rule: DuplicateRule };

/**
 * Puts a signal on the queue, unless it is known. The order of steps is what makes it safe: look the signal up, send it, and only
 * then write down that it is known. A crash before the send leaves a signal that a resend brings in; a crash after it leaves one
 * that the queue and the intent both recognise.
 */
export async function acceptSignal(incoming: IncomingSignal, { signals, queue }: AcceptancePorts): Promise<Acceptance> {
  const { identity, config, resolve } = incoming;
  // Only what can be executed opens a duplicate window. Elsewhere a resend is looked up first: it may be stale by now.
  const checked = identity.rule === 'window' ? await resolve() : undefined;
  const { signalId, rule } = await identify(incoming, signals);
  if ((await signals.get(signalId)) !== undefined) return { kind: 'duplicate', signalId, rule };
  const signal: Signal = { signalId, ...(checked ?? (await resolve())) };
  await queue.send(legsOf(signal, config));
  const isNew = await signals.insert({ signal, duplicateRule: rule });
  return isNew ? { kind: 'accepted', signal, rule } : { kind: 'duplicate', signalId, rule };
}

async function identify(
  { identity, source, receivedAtMs, requestId, signed }: IncomingSignal,
  signals: SignalsStore,
): Promise<{ signalId: SignalId; rule: DuplicateRule }> {
  const none = (parts: readonly unknown[]) => ({
    signalId: statedSignalId(source.id, ['none', ...parts, requestId]),
    rule: 'none' as const,
  });
  if (identity.rule === 'none') return none([]);
  if (identity.rule !== 'window') return { signalId: statedSignalId(source.id, identity.parts), rule: identity.rule };
  const { bodyHash } = identity;
  const windowMs = source.duplicateWindowSeconds * 1000;
  if (windowMs === 0) return none([bodyHash]);
  // The very same signed request is a resend for as long as its signature is good, however short the window is.
  const firstMs =
    signed === undefined
      ? receivedAtMs
      : await signals.openWindow(`${source.id}#${bodyHash}#${signed.timestamp}`, receivedAtMs, signed.goodMs);
  const startMs = await signals.openWindow(`${source.id}#${bodyHash}`, firstMs, windowMs);
  return { signalId: windowSignalId(source.id, bodyHash, startMs), rule: 'window' };
}

function legsOf(signal: Signal, config: DeskConfig): SignalMessage[] {
  return signal.accounts.map((accountId, leg) => {
    const account = accountOf(config, accountId);
    if (account === undefined) throw new TypeError(`account ${accountId} was resolved and is not there`);
    return { signal, account: accountId, leg, lane: laneOf(account, signal.symbol) };
  });
}
