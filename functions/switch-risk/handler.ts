import { bodyText, type HttpHandler, requireRole, type Telemetry } from '@nightdesk/aws';
import {
  type AccountId,
  accountOf,
  type Clock,
  type DeskConfig,
  RequestError,
  type RiskStore,
  type Secrets,
} from '@nightdesk/core';
import { parseSwitchRequest } from './schema.ts';

export interface SwitchRiskDependencies {
  loadConfig(): Promise<DeskConfig>;
  secrets: Secrets;
  secretsPrefix: string;
  risk: RiskStore;
  clock: Clock;
  telemetry: Telemetry;
}

/** Sets the kill switch of an account, or of all (`*`). In force for every intent recorded after it has answered. */
export function createHandler(dependencies: SwitchRiskDependencies): HttpHandler {
  const { loadConfig, secrets, secretsPrefix, risk, clock, telemetry } = dependencies;
  return async (event) => {
    const by = await requireRole(event.headers.authorization, 'risk', { secrets, prefix: secretsPrefix });
    const account = event.pathParameters?.account ?? '';
    if (account !== '*' && accountOf(await loadConfig(), account) === undefined) {
      throw new RequestError('not_found', `"${account}" is not an account of this desk; "*" is all of them`);
    }
    const { state, reason } = parseSwitchRequest(bodyText(event));
    const row = await risk.setSwitch(account as AccountId | '*', { state, reason, by, atMs: clock.nowMs() });
    telemetry.info('switch set', { account, state, by });
    return {
      status: 200,
      body: { account, state: row.state, reason: row.reason, by: row.by, updatedAtMs: row.updatedAtMs },
    };
  };
}
