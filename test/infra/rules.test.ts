import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkSettings, stageNames } from '@nightdesk/infra/config/stage-settings.ts';
import { settingsOf } from '@nightdesk/infra/config/stages.ts';
import { acknowledge, type Exceptions, enforceRules } from '@nightdesk/infra/constructs/rules.ts';
import { App, Stack } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { describe, expect, it } from 'vitest';
import { synthesizeDesk } from './synthesized-desk.ts';

describe('AWS’s rules', () => {
  it.each(stageNames)('%s breaks none without a recorded reason', (stage) => {
    expect(synthesizeDesk(stage).findings).toEqual([]);
  });

  it('every reason is a sentence', () => {
    const { acknowledgements } = synthesizeDesk('prod', { fixedEgress: true });
    const ours = acknowledgements.filter(({ id }) => id.includes('AwsSolutions-'));
    expect(ours.length).toBeGreaterThan(0);
    for (const { reason } of ours) {
      expect(reason).toMatch(/^[A-Z].{30,}\.$/);
    }
  });

  it('a rule that is broken fails the synthesis, and a recorded reason silences that rule only', () => {
    const synthesizeQueue = (exceptions: Exceptions) => {
      const outdir = mkdtempSync(join(tmpdir(), 'nightdesk-rules-'));
      try {
        const app = new App({ outdir });
        const queue = new Queue(new Stack(app, 'Stack'), 'Queue');
        acknowledge(queue, exceptions);
        enforceRules(app);
        return app.synth();
      } finally {
        rmSync(outdir, { recursive: true });
      }
    };
    const why = 'It is there for this test only, which is why.';
    expect(() => synthesizeQueue({})).toThrow();
    expect(() => synthesizeQueue({ 'AwsSolutions-SQS3': why })).toThrow();
    expect(() => synthesizeQueue({ 'AwsSolutions-SQS3': why, 'AwsSolutions-SQS4': why })).not.toThrow();
  });
});

describe('stage settings', () => {
  it('have live trading off, in every stage', () => {
    for (const stage of stageNames) expect(settingsOf(stage).liveTrading).toBe(false);
  });

  it('refuse a stage that does not exist and name those that do', () => {
    expect(() => settingsOf('staging')).toThrow('stage "staging" does not exist: use one of local, dev, prod');
  });

  it.each([
    ['liveTrading', { stage: 'local', liveTrading: true, retainData: true }],
    ['retainData', { liveTrading: true, retainData: false }],
    ['throttle.requestsPerSecond', { throttle: { requestsPerSecond: 0, burst: 1 } }],
    ['throttle.burst', { throttle: { requestsPerSecond: 10, burst: 9 } }],
    ['executeConcurrencyMax', { executeConcurrencyMax: 1 }],
    ['configAgeSeconds', { configAgeSeconds: 0 }],
    ['tickDays', { tickDays: 0 }],
    ['streamTasks', { streamTasks: -1 }],
    ['streamTasks', { streamTasks: 21 }],
    ['streamTaskSize.memoryMb', { streamTaskSize: { cpuUnits: 512, memoryMb: 512 } }],
    ['configRollout.stepPercent', { configRollout: { stepPercent: 0, minutes: 0, bakeMinutes: 0 } }],
    ['configRollout', { configRollout: { stepPercent: 10, minutes: 60, bakeMinutes: 1 } }],
    [
      'reservedConcurrency.executeOrder',
      {
        executeConcurrencyMax: 5,
        reservedConcurrency: { receiveSignal: 1, executeOrder: 4, reconcileBalances: 2, trackOrders: 1 },
      },
    ],
    [
      'reservedConcurrency.receiveSignal',
      { reservedConcurrency: { receiveSignal: 0, executeOrder: 50, reconcileBalances: 2, trackOrders: 1 } },
    ],
    ['reconcileConcurrencyMax', { reconcileConcurrencyMax: 1_001 }],
    [
      'reservedConcurrency.reconcileBalances',
      { reservedConcurrency: { receiveSignal: 1, executeOrder: 50, reconcileBalances: 1, trackOrders: 1 } },
    ],
  ] as const)('that contradict each other are refused, naming %s', (setting, changes) => {
    expect(() => checkSettings({ ...settingsOf('dev'), ...changes })).toThrow(`.${setting}: `);
  });
});
