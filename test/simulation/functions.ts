/** The functions of the desk, each invocation in a sandbox of its own: the handlers are those that are deployed. */
import { httpFunction, type LoadDeskConfig, type Telemetry } from '@nightdesk/aws';
import { type AccountId, type IntentId, roundToStep, type SwitchState, scaleBy } from '@nightdesk/core';
import { createHandler as createCancelOrders } from '@nightdesk/functions/cancel-orders/handler.ts';
import { createHandler as createExecuteOrder } from '@nightdesk/functions/execute-order/handler.ts';
import { createHandler as createManageOrders } from '@nightdesk/functions/manage-orders/handler.ts';
import { createHandler as createReceiveSignal } from '@nightdesk/functions/receive-signal/handler.ts';
import {
  type CancelOrdersRequest,
  type OpenCanceled,
  parseCancelRequest,
  parseOpenCanceled,
} from '@nightdesk/functions/shared/cancel-request.ts';
import { processLanes } from '@nightdesk/functions/shared/lane-batch.ts';
import { createHandler as createSwitchRisk } from '@nightdesk/functions/switch-risk/handler.ts';
import { createHandler as createTrackOrders } from '@nightdesk/functions/track-orders/handler.ts';
import type { APIGatewayProxyStructuredResultV2, Context, SQSBatchItemFailure, SQSRecord } from 'aws-lambda';
import { type ApiRequest, apiEvent } from '../support/api-events.ts';
import { silentTelemetry } from '../support/telemetry.ts';
import { type Desk, secretsPrefix, tokens } from './desk.ts';
import { type Ending, isExpected, Sandbox, ServiceFault } from './sandbox.ts';
import { executionPorts, reachServices, type Services } from './services.ts';
import { accountIds } from './settings.ts';

/** As lib/stacks configures them. */
const timeoutMs = {
  receiveSignal: 10_000,
  manageOrders: 10_000,
  executeOrder: 30_000,
  trackOrders: 55_000,
  switchRisk: 29_000,
  cancelOrders: 27_000,
} as const;
/** As functions/track-orders/index.ts keeps it free. */
const trackClosingMs = 8_000;

export class DeskFunctions {
  readonly #desk: Desk;
  readonly #services: Services;
  #invocations = 0;

  constructor(desk: Desk, services: Services) {
    this.#desk = desk;
    this.#services = services;
  }

  async receiveSignal(signal: { name: string; source: string; body: string }): Promise<number> {
    const { sandbox, services, telemetry } = this.#start('receive-signal');
    const { signals, markets, queue, secrets } = services;
    const handler = createReceiveSignal({
      ...{ signals, markets, queue, secrets, secretsPrefix, telemetry, clock: sandbox.clock },
      loadConfig: this.#configFor(sandbox),
    });
    const ending = await this.#request(sandbox, timeoutMs.receiveSignal, {
      handler,
      telemetry,
      request: {
        routeKey: 'POST /signals/{source}/{token}',
        pathParameters: { source: signal.source, token: tokens.source },
        body: signal.body,
        requestId: sandbox.name,
      },
    });
    const { status, body } = answerOf(ending);
    this.#desk.run.trace.add(sandbox.name, `${signal.name} is answered ${status} ${body}`);
    const { signalId } = JSON.parse(body) as { signalId?: string };
    if (signalId !== undefined) this.#desk.answers.push({ signal: signal.name, status, signalId });
    return status;
  }

  /** @returns the messages that are not to be deleted; `undefined` when the invocation did not come to its end */
  async executeOrders(records: readonly SQSRecord[]): Promise<SQSBatchItemFailure[] | undefined> {
    const { sandbox, services, telemetry } = this.#start('execute-order');
    const { queue } = this.#desk;
    const loadConfig = this.#configFor(sandbox);
    const ports = executionPorts(services, sandbox, loadConfig);
    const handle = createExecuteOrder({ ports, liveTrading: false, telemetry, loadConfig });
    const release = (released: readonly SQSRecord[], delaySeconds: number) =>
      sandbox.call('queue.changeVisibility', async () => {
        const receipts = released.map((record) => record.receiptHandle);
        queue.changeVisibility(receipts, delaySeconds * 1000);
      });
    const { nowMs } = sandbox.clock;
    const ending = await sandbox.invoke(timeoutMs.executeOrder, () =>
      processLanes(records, nowMs() + timeoutMs.executeOrder, { handle, release, nowMs, telemetry }),
    );
    return ending.kind === 'finished' ? ending.result : undefined;
  }

  async trackOrders(): Promise<void> {
    const { sandbox, services, telemetry } = this.#start('track-orders');
    const loadConfig = this.#configFor(sandbox);
    const ports = executionPorts(services, sandbox, loadConfig);
    const track = createTrackOrders({ ports, liveTrading: false, telemetry, loadConfig });
    await sandbox.invoke(timeoutMs.trackOrders, () =>
      track(sandbox.clock.nowMs() + timeoutMs.trackOrders - trackClosingMs),
    );
  }

  /** What reconciliation does to positions: they count with what they are worth by now. */
  async revaluePositions(): Promise<void> {
    const { sandbox, services } = this.#start('reconcile-balances');
    const { settings, run } = this.#desk;
    await sandbox.invoke(timeoutMs.trackOrders, async () => {
      for (const account of accountIds(settings.accounts)) {
        for (const row of await services.positions.listByAccount(account)) {
          if (row.exposure === undefined) continue;
          const worth = roundToStep(scaleBy(row.exposure.notional, run.dice.pick(['0.5', '0.9', '1.2'])), '0.01', 'up');
          await services.positions.revalue(row, { ...row.exposure, notional: worth });
        }
      }
    });
  }

  /** A trader's own request about an order: a change with a body, or a cancel without. @returns the status */
  async manageOrder(orderId: IntentId, change?: object): Promise<number> {
    const { sandbox, services, telemetry } = this.#start('manage-orders');
    const { signals, markets, queue, secrets, orders } = services;
    const handler = createManageOrders({
      ...{ signals, markets, queue, secrets, orders, secretsPrefix, telemetry, clock: sandbox.clock },
      loadConfig: this.#configFor(sandbox),
    });
    const ending = await this.#request(sandbox, timeoutMs.manageOrders, {
      handler,
      telemetry,
      request: {
        routeKey: change === undefined ? 'DELETE /orders/{id}' : 'PATCH /orders/{id}',
        pathParameters: { id: orderId },
        headers: { authorization: `Bearer ${tokens.trader}` },
        ...(change !== undefined && { body: JSON.stringify(change) }),
        requestId: sandbox.name,
      },
    });
    const { status, body } = answerOf(ending);
    this.#desk.run.trace.add(sandbox.name, `${orderId} is answered ${status} ${body}`);
    return status;
  }

  /** At times it cancels what is open, too. @returns the status; 502 when there was no answer */
  async setSwitch(account: AccountId | '*', state: SwitchState): Promise<number> {
    const { sandbox, services, telemetry } = this.#start('switch-risk');
    const { risk, secrets } = services;
    const handler = createSwitchRisk({
      ...{ risk, secrets, secretsPrefix, telemetry, clock: sandbox.clock, loadConfig: this.#configFor(sandbox) },
      cancelOpen: (request) => sandbox.call('lambda.invoke', () => this.#cancelOrders(request)),
    });
    const cancelOrders = state !== 'active' && this.#desk.run.dice.chance(0.5);
    const ending = await this.#request(sandbox, timeoutMs.switchRisk, {
      handler,
      telemetry,
      request: {
        routeKey: 'PUT /risk/{account}/switch',
        pathParameters: { account },
        headers: { authorization: `Bearer ${tokens.risk}` },
        body: JSON.stringify({ state, reason: 'the dice say so', cancelOrders }),
      },
    });
    const { status, body } = answerOf(ending);
    if (cancelOrders) this.#desk.run.trace.add(sandbox.name, `${account} is canceled: ${status} ${body}`);
    return status;
  }

  /** What the function of the switch calls: one that may crash by itself. */
  async #cancelOrders(request: CancelOrdersRequest): Promise<OpenCanceled> {
    const { sandbox, services, telemetry } = this.#start('cancel-orders');
    const loadConfig = this.#configFor(sandbox);
    const ports = executionPorts(services, sandbox, loadConfig);
    const cancel = createCancelOrders({ ports, liveTrading: false, telemetry, loadConfig });
    const ending = await sandbox.invoke(timeoutMs.cancelOrders, () => cancel(parseCancelRequest(throughJson(request))));
    if (ending.kind !== 'finished') throw new ServiceFault(`cancel-orders ${ending.kind}`);
    return parseOpenCanceled(throughJson(ending.result));
  }

  #start(name: string): { sandbox: Sandbox; services: Services; telemetry: Telemetry } {
    const { run } = this.#desk;
    const sandbox = new Sandbox(run, `${name}#${++this.#invocations}`);
    const telemetry = {
      ...silentTelemetry,
      failure(message: string, error: unknown) {
        run.trace.add(sandbox.name, `${message}: ${String(error)}`);
        if (!isExpected(error)) run.violate(`${sandbox.name} failed as it never may: ${String(error)}`);
      },
    };
    return { sandbox, services: reachServices(this.#desk, this.#services, sandbox), telemetry };
  }

  /** Each sandbox comes to know a new configuration in its own time. */
  #configFor(sandbox: Sandbox): LoadDeskConfig {
    const desk = this.#desk;
    return (wanted) =>
      sandbox.call('config.load', async () => {
        const { config, before, run } = desk;
        const isBehind = before !== undefined && run.time.nowMs() < before.untilMs && run.dice.chance(0.5);
        return isBehind && !wanted?.newest ? before.config : config;
      });
  }

  #request(
    sandbox: Sandbox,
    limitMs: number,
    call: { handler: Parameters<typeof httpFunction>[0]; telemetry: Telemetry; request: ApiRequest },
  ): Promise<Ending<APIGatewayProxyStructuredResultV2>> {
    const { handler, telemetry, request } = call;
    // Middy reads nothing of the context but the time left, for a timer that a run without real time has no use for.
    return sandbox.invoke(limitMs, () => httpFunction(handler, telemetry)(apiEvent(request), {} as Context));
  }
}

/** What one function says to another goes as JSON. */
const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** What the gateway makes of an invocation that does not come to its end. */
const badGateway = { status: 502, body: '{}' };

function answerOf(ending: Ending<APIGatewayProxyStructuredResultV2>): { status: number; body: string } {
  if (ending.kind !== 'finished') return badGateway;
  const { statusCode = 200, body = '{}' } = ending.result;
  return { status: statusCode, body };
}
