import type { LoadDeskConfig, Telemetry } from '@nightdesk/aws';
import {
  accountOf,
  type Cause,
  type Clock,
  type Delivery,
  type DeskConfig,
  denyLeg,
  type ExecutionPolicy,
  type ExecutionPorts,
  executeLeg,
  gateLimitsOf,
  type MetricName,
  metricNames,
  type Order,
  type SignalMessage,
  standInsFor,
} from '@nightdesk/core';
import { NotYetError } from '../shared/lane-batch.ts';
import { parseMessage } from './schema.ts';

export interface ExecuteOrderDependencies {
  loadConfig: LoadDeskConfig;
  ports: ExecutionPorts;
  liveTrading: boolean;
  telemetry: Telemetry;
}

/**
 * An order in doubt is asked about for so long at a time. In between its message rests, and with it its lane, but nothing
 * that runs: there are few places to run in, and a venue that is down would soon take them all from the others.
 */
const patienceMs = 2_000;
/** How long an order in doubt holds up its lane, counted from the call that was to place it. */
const doubtHeldMs = 30_000;

const patientUntilMs = ({ deadlineMs }: Delivery, clock: Clock): number =>
  Math.min(deadlineMs, clock.nowMs() + patienceMs);

/**
 * Executes the message in `body`. Safe to run any number of times on the same message.
 *
 * @throws when the message must be delivered again
 */
export function createHandler(dependencies: ExecuteOrderDependencies) {
  return async (body: string, delivery: Delivery): Promise<void> => {
    const { ports, telemetry } = dependencies;
    const message = parseMessage(body);
    const policy = await loadPolicy(message, dependencies);
    const { order, worked } =
      policy === undefined
        ? await denyLeg(message, accountGone(message), ports)
        : await executeLeg(message, policy, {
            ...ports,
            ...delivery,
            deadlineMs: patientUntilMs(delivery, ports.clock),
          });
    if (!worked) return;
    const { orderId, state, venue, attemptedAtMs } = order;
    const inDoubt = state === 'intended' || state === 'unknown';
    if (inDoubt && ports.clock.nowMs() + delivery.retryPauseMs <= attemptedAtMs + doubtHeldMs) {
      throw new NotYetError(`${venue} has not shown yet what became of order ${orderId}`);
    }
    // One that is still in doubt is recorded as such, and track-orders goes on asking: its lane need not wait any longer.
    report(order, telemetry);
  };
}

/**
 * Functions come to know a new configuration one after the other, so the one that accepted the signal may know an account
 * that this one does not know yet.
 *
 * @returns `undefined` when the account is not configured, and the signal too old for that to change
 * @throws NotYetError when the account is not configured, and the message is to be delivered again
 */
async function loadPolicy(
  message: SignalMessage,
  { loadConfig, liveTrading, ports }: ExecuteOrderDependencies,
): Promise<ExecutionPolicy | undefined> {
  const policy =
    policyOf(message, await loadConfig(), liveTrading) ??
    policyOf(message, await loadConfig({ newest: true }), liveTrading);
  if (policy === undefined && ports.clock.nowMs() <= message.signal.expiresAtMs) {
    throw new NotYetError(`account ${message.account} is not configured`);
  }
  return policy;
}

const accountGone = ({ account }: SignalMessage): Cause => ({
  code: 'account_not_configured',
  message: `the account ${account} was removed from accounts.yaml after the signal was accepted`,
});

/** `undefined` when the account is not configured any more. */
function policyOf(
  { signal, account: accountId, tried = [] }: SignalMessage,
  config: DeskConfig,
  liveTrading: boolean,
): ExecutionPolicy | undefined {
  const account = accountOf(config, accountId);
  if (account === undefined) return undefined;
  const source = config.sources[signal.source];
  return {
    account,
    liveTrading,
    limits: gateLimitsOf(config, accountId, signal.source),
    // A source that was removed meanwhile gets the cautious answer.
    onUnknown: source?.onUnknown ?? 'give_up',
    standIns: standInsFor({ config, source, account, tried }),
    expiresAtMs: signal.expiresAtMs,
  };
}

const stateMetrics: Partial<Record<Order['state'], MetricName>> = {
  open: metricNames.ordersAccepted,
  filled: metricNames.ordersAccepted,
  canceled: metricNames.ordersAccepted,
  expired: metricNames.ordersAccepted,
  rejected: metricNames.ordersRejected,
  denied: metricNames.ordersDenied,
  not_placed: metricNames.ordersNotPlaced,
};

function report(order: Order, telemetry: Telemetry): void {
  const { orderId, signalId, account, symbol, state, cause } = order;
  if (order.failedOverTo !== undefined) {
    telemetry.count(metricNames.signalsFailedOver);
    telemetry.info('signal failed over', { orderId, signalId, account, to: order.failedOverTo, symbol });
    return;
  }
  const metric = stateMetrics[state];
  if (metric !== undefined) telemetry.count(metric);
  if (metric === metricNames.ordersAccepted) {
    telemetry.duration(metricNames.signalToAcceptedMs, order.updatedAtMs - order.receivedAtMs);
  }
  telemetry.info('order executed', { orderId, signalId, account, symbol, state, cause: cause?.code });
}
