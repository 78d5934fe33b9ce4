import { bodyText, type HttpAnswer, type HttpHandler, requireRole, type Telemetry } from '@nightdesk/aws';
import {
  type AccountId,
  accountOf,
  type CancelReport,
  type Clock,
  type DeskConfig,
  RequestError,
  type RiskState,
  type RiskStore,
  type Secrets,
  type SwitchAnswer,
} from '@nightdesk/core';
import type { CallCancel } from './call-cancel.ts';
import { parseSwitchRequest, type SwitchRequest } from './schema.ts';

/**
 * How long a call may take from its start on until the report is due. The function is stopped after 29 s and API Gateway answers in
 * its stead after 30 s; before that the report has to be on its way.
 */
export const callMsMax = 25_000;

export interface SwitchRiskDependencies {
  loadConfig(): Promise<DeskConfig>;
  secrets: Secrets;
  secretsPrefix: string;
  risk: RiskStore;
  /** Loads what it takes only when it is called: the switch itself must not wait for it, nor fail with it. */
  cancelOpen: CallCancel;
  clock: Clock;
  telemetry: Telemetry;
}

/**
 * Sets the kill switch of an account, or of all (`*`). In force for every intent recorded after it has answered. Where it is
 * asked to, it then cancels what is open.
 */
export function createHandler(dependencies: SwitchRiskDependencies): HttpHandler {
  const { loadConfig, secrets, secretsPrefix, risk, clock, telemetry } = dependencies;
  return async (event) => {
    const startedAtMs = clock.nowMs();
    const by = await requireRole(event.headers.authorization, 'risk', { secrets, prefix: secretsPrefix });
    const account = event.pathParameters?.account ?? '';
    if (account !== '*' && accountOf(await loadConfig(), account) === undefined) {
      throw new RequestError('not_found', `"${account}" is not an account of this desk; "*" is all of them`);
    }
    const request = parseSwitchRequest(bodyText(event));
    const { state, reason } = request;
    const from = event.requestContext.http.sourceIp;
    const row = await risk.setSwitch(account as AccountId | '*', { state, reason, by, from, atMs: clock.nowMs() });
    telemetry.info('switch set', { account, state, by });
    const set: SwitchAnswer = {
      account,
      state: row.state,
      reason: row.reason,
      by: row.by,
      updatedAtMs: row.updatedAtMs,
    };
    if (!request.cancelOrders) return { status: 200, body: set };
    const canceled = await cancel({ account, request, row, startedAtMs }, dependencies);
    return { status: 200, body: { ...set, ...canceled } } satisfies HttpAnswer;
  };
}

interface SetSwitch {
  account: string;
  request: SwitchRequest;
  row: RiskState;
  startedAtMs: number;
}

/** @throws RequestError `unavailable` where nobody told what was canceled; the switch is set all the same, and it says so */
async function cancel(
  { account, request, row, startedAtMs }: SetSwitch,
  dependencies: SwitchRiskDependencies,
): Promise<CancelReport> {
  const { loadConfig, cancelOpen, clock, telemetry } = dependencies;
  const inForceAtMs = clock.nowMs();
  const { state, reason, by } = row;
  try {
    const config = await loadConfig();
    const ids = account === '*' ? Object.keys(config.accounts) : [account];
    const { answeredAtMs, ...report } = await cancelOpen({
      accounts: ids,
      reason: `canceled when the switch of ${account === '*' ? 'all accounts' : account} was set to ${state} (${by}): ${reason}`,
      cancelExits: request.cancelExits,
      inForceAtMs,
      deadlineMs: startedAtMs + callMsMax,
    });
    telemetry.info('open orders canceled', { account, orders: report.orders.length, failures: report.failures.length });
    return {
      ...report,
      inForceAfterMs: inForceAtMs - startedAtMs,
      ...(answeredAtMs !== undefined && { lastAnswerAfterMs: answeredAtMs - startedAtMs }),
    };
  } catch (error) {
    telemetry.failure('open orders could not be canceled', error);
    throw new RequestError(
      'unavailable',
      `the switch of ${account} is ${state}, and canceling its orders failed or was not confirmed: ask again, or cancel them at the venues`,
    );
  }
}
