import type { LoadDeskConfig } from '@nightdesk/aws';
import { type AccountId, accountOf, type ConfiguredAccount, type DeskConfig } from '@nightdesk/core';
import type { CancelOrdersRequest, OpenCanceled } from '../shared/cancel-request.ts';
import { type CancelOpenDependencies, cancelOpen } from './cancel-open.ts';

export interface CancelOrdersDependencies extends CancelOpenDependencies {
  loadConfig: LoadDeskConfig;
}

export type CancelOrders = (request: CancelOrdersRequest) => Promise<OpenCanceled>;

/** Cancels what is open of the accounts that the kill switch was set for. Safe to repeat: an order ends once. */
export function createHandler(dependencies: CancelOrdersDependencies): CancelOrders {
  return async ({ accounts: ids, ...request }) => {
    const config = await configOf(ids, dependencies);
    const known = ids
      .map((id) => accountOf(config, id))
      .filter((found): found is ConfiguredAccount => found !== undefined);
    const report = await cancelOpen({ ...request, config, accounts: known }, dependencies);
    const unknown = ids.filter((id) => accountOf(config, id) === undefined);
    const message = 'it is not in the configuration any more: cancel its orders at the venue';
    const failures = [...report.failures, ...unknown.map((id) => ({ account: id as AccountId, message }))];
    dependencies.telemetry.info('open orders canceled', {
      ...{ accounts: ids.length, orders: report.orders.length, failures: failures.length },
    });
    return { ...report, failures };
  };
}

/** Whoever asks may know an account that was added since the configuration was read here. */
async function configOf(ids: readonly string[], { loadConfig }: CancelOrdersDependencies): Promise<DeskConfig> {
  const config = await loadConfig();
  return ids.every((id) => accountOf(config, id) !== undefined) ? config : loadConfig({ newest: true });
}
