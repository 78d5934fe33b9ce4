import { environmentNames } from '@nightdesk/core';
import { reportMarginMs } from '@nightdesk/functions/switch-risk/call-cancel.ts';
import { callMsMax } from '@nightdesk/functions/switch-risk/handler.ts';
import { functionNames } from '@nightdesk/infra/config/functions.ts';
import { stageNames } from '@nightdesk/infra/config/stage-settings.ts';
import { describe, expect, it } from 'vitest';
import { type SynthesizedDesk, synthesizeDesk } from './synthesized-desk.ts';

interface FunctionProperties {
  FunctionName: string;
  Timeout: number;
  MemorySize: number;
  Runtime: string;
  Architectures: string[];
  Handler: string;
  ReservedConcurrentExecutions?: number;
  Layers?: unknown[];
  VpcConfig?: unknown;
  TracingConfig?: { Mode: string };
  Environment: { Variables: Record<string, unknown> };
}

function functionsOf({ settings, templates }: SynthesizedDesk): Record<string, FunctionProperties> {
  const all = Object.values(templates).flatMap((template) =>
    Object.values(template.findResources('AWS::Lambda::Function')),
  );
  return Object.fromEntries(
    all.map(({ Properties }) => [Properties.FunctionName.replace(`nightdesk-${settings.stage}-`, ''), Properties]),
  );
}

const desks = { local: synthesizeDesk('local'), dev: synthesizeDesk('dev'), prod: synthesizeDesk('prod') };
const callVenues = [
  ...['check-keys', 'execute-order', 'probe-exchanges', 'refresh-markets', 'rotate-key'],
  ...['apply-order-news', 'cancel-orders', 'collect-candles', 'reconcile-balances', 'renew-leases', 'track-orders'],
];

describe.each(stageNames)('functions in %s', (stage) => {
  const functions = functionsOf(desks[stage]);

  it('are those of the app, on Node 24 and ARM', () => {
    expect(Object.keys(functions).sort()).toEqual([...functionNames].sort());
    for (const { Runtime, Architectures, Handler } of Object.values(functions)) {
      expect([Runtime, Architectures, Handler]).toEqual(['nodejs24.x', ['arm64'], 'index.handler']);
    }
  });

  it('never trade live', () => {
    for (const { Environment } of Object.values(functions)) {
      expect(Environment.Variables[environmentNames.liveTrading]).toBe('off');
      expect(Environment.Variables[environmentNames.stage]).toBe(stage);
    }
  });

  it('have variables of the contract only, and no secret among them', () => {
    const contract = new Set<string>(Object.values(environmentNames));
    for (const { Environment } of Object.values(functions)) {
      expect(Object.keys(Environment.Variables).filter((name) => !contract.has(name))).toEqual([]);
      expect(JSON.stringify(Environment.Variables)).not.toContain('resolve:secretsmanager');
    }
  });

  it('have the venues where venues are called or described, and only there', () => {
    const withVenues = Object.entries(functions).filter(([, { Layers }]) => Layers !== undefined);
    expect(withVenues.map(([name]) => name).sort()).toEqual([...callVenues, 'query-desk'].sort());
    for (const [, { Environment }] of withVenues) {
      expect(Environment.Variables[environmentNames.venuesDirectory]).toBe('/opt/venues');
    }
  });

  it('keep logs of their own for as long as the stage says', () => {
    const groups = Object.values(desks[stage].templates).flatMap((template) =>
      Object.values(template.findResources('AWS::Logs::LogGroup')),
    );
    const names = [...functionNames, 'api', 'stream'].map((name) => `/nightdesk/${stage}/${name}`);
    expect(groups.map(({ Properties }) => Properties.LogGroupName).sort()).toEqual(names.sort());
    for (const { Properties } of groups)
      expect(Properties.RetentionInDays).toBe(desks[stage].settings.logRetentionDays);
  });
});

describe('time', () => {
  const functions = functionsOf(desks.prod);

  it('a signal that is executed is not given to a second worker meanwhile', () => {
    const queues = Object.values(desks.prod.templates.trading.findResources('AWS::SQS::Queue'));
    const signals = queues.find(({ Properties }) => Properties.QueueName === 'nightdesk-prod-signals.fifo');
    const visibility = signals?.Properties.VisibilityTimeout;
    expect(visibility).toBeGreaterThan(functions['execute-order']?.Timeout ?? Infinity);
    // A crashed order is to be looked at again before its signal is stale.
    expect(visibility).toBeLessThan(60);
  });

  it('no function behind the API outlasts the 30 s that API Gateway waits', () => {
    for (const name of [
      ...['receive-signal', 'query-desk', 'query-candles', 'query-quotes'],
      'switch-risk',
      'manage-orders',
    ])
      expect(functions[name]?.Timeout).toBeLessThan(30);
  });

  it('the kill switch outlasts what it has canceled, so that it can say what became of it', () => {
    const cancelsMs = (functions['cancel-orders']?.Timeout ?? 0) * 1_000;
    expect(cancelsMs).toBeGreaterThanOrEqual(callMsMax + reportMarginMs);
    expect((functions['switch-risk']?.Timeout ?? 0) * 1_000).toBeGreaterThan(cancelsMs);
  });

  it('what a schedule starts is over before the next start, and is not started again for a start that is past', () => {
    expect(functions['track-orders']?.Timeout).toBeLessThan(60);
    expect(functions['plan-reconciliations']?.Timeout).toBeLessThan(60);
    expect(functions['renew-leases']?.Timeout).toBeLessThan(60);
    expect(functions['plan-candles']?.Timeout).toBeLessThan(60);
    expect(functions['refresh-markets']?.Timeout).toBeLessThan(3_600);
    const configs = Object.values(desks.prod.templates.trading.findResources('AWS::Lambda::EventInvokeConfig'));
    expect(configs.map(({ Properties }) => Properties.MaximumRetryAttempts)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('orders are tracked, venues probed, accounts reconciled and leases renewed every minute, markets refreshed every hour and keys checked every day', () => {
    const schedules = Object.values(desks.prod.templates.trading.findResources('AWS::Scheduler::Schedule'));
    expect(
      Object.fromEntries(schedules.map(({ Properties }) => [Properties.Name, Properties.ScheduleExpression])),
    ).toEqual({
      'nightdesk-prod-track-orders': 'rate(1 minute)',
      'nightdesk-prod-probe-exchanges': 'rate(1 minute)',
      'nightdesk-prod-plan-reconciliations': 'rate(1 minute)',
      'nightdesk-prod-renew-leases': 'rate(1 minute)',
      'nightdesk-prod-refresh-markets': 'rate(60 minutes)',
      'nightdesk-prod-check-keys': 'rate(1440 minutes)',
    });
    for (const { Properties } of schedules) expect(Properties.Target.RetryPolicy.MaximumRetryAttempts).toBe(0);
  });

  it('no schedule is made before the configuration that its first start reads is deployed', () => {
    const { trading } = desks.prod.templates;
    const [deployment] = Object.keys(trading.findResources('AWS::AppConfig::Deployment'));
    const schedules = Object.values(trading.findResources('AWS::Scheduler::Schedule'));
    expect(schedules).toHaveLength(6);
    for (const { DependsOn } of schedules) expect(DependsOn).toContain(deployment);
  });
});

describe('concurrency', () => {
  it('dev reserves nothing, because a new AWS account has nothing to reserve', () => {
    for (const { ReservedConcurrentExecutions } of Object.values(functionsOf(desks.dev))) {
      expect(ReservedConcurrentExecutions).toBeUndefined();
    }
  });

  it('prod keeps room for signals, orders and looks at accounts, and tracks one at a time', () => {
    const functions = functionsOf(desks.prod);
    expect(functions['receive-signal']?.ReservedConcurrentExecutions).toBe(50);
    expect(functions['track-orders']?.ReservedConcurrentExecutions).toBe(1);
    const mappings = Object.values(desks.prod.templates.trading.findResources('AWS::Lambda::EventSourceMapping'));
    for (const [name, id] of [
      ['execute-order', 'ExecuteOrder'],
      ['reconcile-balances', 'ReconciliationReconcileBalances'],
    ] as const) {
      const mapping = mappings.find(({ Properties }) => Properties.FunctionName.Ref.startsWith(`${id}Function`));
      expect(functions[name]?.ReservedConcurrentExecutions).toBeGreaterThanOrEqual(
        mapping?.Properties.ScalingConfig.MaximumConcurrency,
      );
    }
  });
});
