import type { HttpAnswer, HttpHandler, Telemetry } from '@nightdesk/aws';
import {
  accountOf,
  type Clock,
  type DeskConfig,
  type DuplicateRule,
  duplicateRuleTexts,
  metricNames,
  parseSignal,
  RequestError,
  requireConfidence,
  type Secrets,
  type Signal,
  type SignalId,
  type SignalIdentity,
  type SignalMessage,
  type SignalQueue,
  type SignalRequest,
  type SignalsStore,
  type SourceConfig,
  type SourceId,
  sourceOf,
  statedSignalId,
  windowSignalId,
} from '@nightdesk/core';
import { laneOf } from '../shared/lane.ts';
import { authenticate, signatureMsMax } from './authenticate.ts';
import { type ResolutionContext, resolveSignal } from './resolve-signal.ts';
import { readRequest } from './schema.ts';

export interface ReceiveSignalDependencies {
  loadConfig(): Promise<DeskConfig>;
  secrets: Secrets;
  secretsPrefix: string;
  signals: SignalsStore;
  markets: ResolutionContext['markets'];
  queue: SignalQueue;
  clock: Clock;
  telemetry: Telemetry;
}

/**
 * Takes a signal and puts it on the queue, nothing else. The order of steps is what makes it safe: look the signal up,
 * send it, and only then write down that it is known. A crash before the send leaves a signal that a resend brings in; a
 * crash after it leaves one that the queue and the intent both recognise.
 */
export function createHandler(dependencies: ReceiveSignalDependencies): HttpHandler {
  const { telemetry } = dependencies;
  return async (event) => {
    try {
      const answer = await receive(event, dependencies);
      telemetry.count(answer.status === 202 ? metricNames.signalsAccepted : metricNames.signalsDuplicate);
      return answer;
    } catch (error) {
      if (error instanceof RequestError && error.status < 500) {
        telemetry.count(metricNames.signalsRefused);
        telemetry.info('signal refused', { code: error.code, fields: error.issues.map(({ path }) => path).join(' ') });
      }
      throw error;
    }
  };
}

async function receive(
  event: Parameters<HttpHandler>[0],
  dependencies: ReceiveSignalDependencies,
): Promise<HttpAnswer> {
  const { clock, secrets, secretsPrefix, signals, queue, telemetry } = dependencies;
  const receivedAtMs = clock.nowMs();
  const request = readRequest(event);
  const config = await dependencies.loadConfig();
  const source = sourceOf(config, request.source);
  await authenticate(request, source, { secrets, secretsPrefix, nowMs: receivedAtMs });
  if (source === undefined) throw new RequestError('not_authenticated', 'source is unknown');

  const parsed = parseSignal(request.body, { dialect: source.dialect });
  requireConfidence(parsed, source.minConfidence);
  const { markets } = dependencies;
  const resolve = () => resolveSignal(parsed, { source, config, markets, receivedAtMs });
  // Only what can be executed opens a duplicate window. Elsewhere a resend is looked up first: it may be stale by now.
  const checked = parsed.identity.rule === 'window' ? await resolve() : undefined;
  const { requestId } = event.requestContext;
  const signedAt = request.token === undefined ? request.timestamp : undefined;
  const { signalId, rule } = await identify(parsed.identity, { source, signals, receivedAtMs, requestId, signedAt });
  const told = tellOf(parsed, rule);
  if ((await signals.get(signalId)) !== undefined) return duplicate(signalId, told);

  const signal: Signal = { signalId, ...(checked ?? (await resolve())) };
  await queue.send(legsOf(signal, config));
  if (!(await signals.insert({ signal, duplicateRule: rule }))) return duplicate(signalId, told);
  telemetry.info('signal accepted', { signalId, source: source.id, symbol: signal.symbol, action: signal.action });
  return { status: 202, body: { signalId, status: 'accepted', ...told } };
}

/** How the signal was understood: what an answer says besides what became of it. Key names only, never what they held. */
function tellOf({ dialect, unknownKeys }: SignalRequest, rule: DuplicateRule): Record<string, unknown> {
  const told = { duplicateRule: duplicateRuleTexts[rule], dialect };
  return unknownKeys.length === 0 ? told : { ...told, unknownKeys };
}

const duplicate = (signalId: SignalId, told: Record<string, unknown>): HttpAnswer => ({
  status: 200,
  body: { signalId, status: 'duplicate', ...told },
});

interface Receipt {
  source: SourceConfig & { id: SourceId };
  signals: SignalsStore;
  receivedAtMs: number;
  requestId: string;
  /** The timestamp that was signed; `undefined` where a token was given. */
  signedAt: string | undefined;
}

async function identify(
  identity: SignalIdentity,
  { source, signals, receivedAtMs, requestId, signedAt }: Receipt,
): Promise<{ signalId: SignalId; rule: DuplicateRule }> {
  if (identity.rule !== 'window') return { signalId: statedSignalId(source.id, identity.parts), rule: identity.rule };
  const { bodyHash } = identity;
  const windowMs = source.duplicateWindowSeconds * 1000;
  if (windowMs === 0) return { signalId: statedSignalId(source.id, ['none', bodyHash, requestId]), rule: 'none' };
  // The very same signed request is a resend for as long as its signature is good, however short the window is.
  const firstMs =
    signedAt === undefined
      ? receivedAtMs
      : await signals.openWindow(`${source.id}#${bodyHash}#${signedAt}`, receivedAtMs, signatureMsMax);
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
