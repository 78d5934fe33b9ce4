import type { HttpAnswer, HttpHandler, Telemetry } from '@nightdesk/aws';
import {
  type Clock,
  type DeskConfig,
  type DuplicateRule,
  duplicateRuleTexts,
  metricNames,
  parseSignal,
  RequestError,
  requireConfidence,
  type Secrets,
  type SignalQueue,
  type SignalRequest,
  type SignalsStore,
  sourceOf,
} from '@nightdesk/core';
import { acceptSignal } from '../shared/accept-signal.ts';
import { type ResolutionContext, resolveSignal } from '../shared/resolve-signal.ts';
import { authenticate, signatureMsMax } from './authenticate.ts';
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

/** Takes a signal and puts it on the queue, nothing else. */
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
  const signedAt = request.token === undefined ? request.timestamp : undefined;
  const accepted = await acceptSignal(
    {
      ...{ identity: parsed.identity, source, config, receivedAtMs, requestId: event.requestContext.requestId },
      ...(signedAt !== undefined && { signed: { timestamp: signedAt, goodMs: signatureMsMax } }),
      resolve: () => resolveSignal(parsed, { source, config, markets, receivedAtMs }),
    },
    { signals, queue },
  );
  const told = tellOf(parsed, accepted.rule);
  if (accepted.kind === 'duplicate') {
    return { status: 200, body: { signalId: accepted.signalId, status: 'duplicate', ...told } };
  }
  const { signalId, symbol, action } = accepted.signal;
  telemetry.info('signal accepted', { signalId, source: source.id, symbol, action });
  return { status: 202, body: { signalId, status: 'accepted', ...told } };
}

/** How the signal was understood: what an answer says besides what became of it. Key names only, never what they held. */
function tellOf({ dialect, unknownKeys }: SignalRequest, rule: DuplicateRule): Record<string, unknown> {
  const told = { duplicateRule: duplicateRuleTexts[rule], dialect };
  return unknownKeys.length === 0 ? told : { ...told, unknownKeys };
}
