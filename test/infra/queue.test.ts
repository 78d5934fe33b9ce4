import { retryPauseSeconds } from '@nightdesk/functions/shared/lane-batch.ts';
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { synthesizeDesk } from './synthesized-desk.ts';

const { trading } = synthesizeDesk('dev').templates;

describe('the signals queue', () => {
  it('is FIFO in high-throughput mode, lane by lane', () => {
    trading.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'nightdesk-dev-signals.fifo',
      FifoQueue: true,
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
    });
  });

  it('deduplicates by the id that the sender gives, never by content: two honest equal signals are two', () => {
    for (const { Properties } of Object.values(trading.findResources('AWS::SQS::Queue'))) {
      expect(Properties.ContentBasedDeduplication).toBeUndefined();
    }
  });

  it('sets aside after a hundred tries what cannot be executed, for 14 days, and takes nothing from other queues', () => {
    trading.hasResourceProperties('AWS::SQS::Queue', {
      RedrivePolicy: {
        maxReceiveCount: 100,
        deadLetterTargetArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^SignalsDeadLetters'), 'Arn'] },
      },
    });
    trading.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'nightdesk-dev-signals-dead.fifo',
      FifoQueue: true,
      MessageRetentionPeriod: 14 * 86_400,
      RedriveAllowPolicy: {
        redrivePermission: 'byQueue',
        sourceQueueArns: [
          { 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp(':nightdesk-dev-signals\\.fifo$')])] },
        ],
      },
    });
  });

  it('tries a signal for longer than any lives, so that none is set aside for what is in front of it in its lane', () => {
    const name = 'nightdesk-dev-signals.fifo';
    const [queue] = Object.values(trading.findResources('AWS::SQS::Queue', { Properties: { QueueName: name } }));
    const receivesMax: number = queue?.Properties.RedrivePolicy.maxReceiveCount;
    const pauses = Array.from({ length: receivesMax }, (_, index) => retryPauseSeconds(index + 1));
    const triedSeconds = pauses.reduce((sum, pause) => sum + pause, 0);
    const [lagSecondsMax, clockLeadSecondsMax] = [3_600, 300];
    expect(triedSeconds).toBeGreaterThan(lagSecondsMax + clockLeadSecondsMax);
  });

  it('is encrypted and refuses plain HTTP, as its dead letters do', () => {
    const queues = Object.values(trading.findResources('AWS::SQS::Queue'));
    expect(queues.map(({ Properties }) => Properties.SqsManagedSseEnabled)).toEqual(queues.map(() => true));
    const policies = Object.values(trading.findResources('AWS::SQS::QueuePolicy'));
    expect(policies).toHaveLength(queues.length);
    for (const { Properties } of policies) {
      expect(Properties.PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      );
    }
  });

  it('feeds execute-order in batches of ten, of which single messages may fail', () => {
    trading.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      FunctionName: { Ref: Match.stringLikeRegexp('^ExecuteOrderFunction') },
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 4 },
    });
  });
});

describe('the queue of accounts to be reconciled', () => {
  const [look] = Object.values(trading.findResources('AWS::Lambda::Function')).filter(
    ({ Properties }) => Properties.FunctionName === 'nightdesk-dev-reconcile-balances',
  );

  it('is FIFO, account by account, and forgets what newer messages have taken the place of', () => {
    trading.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'nightdesk-dev-reconciliations.fifo',
      FifoQueue: true,
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
      MessageRetentionPeriod: 600,
      RedrivePolicy: {
        maxReceiveCount: 3,
        deadLetterTargetArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ReconciliationAccountsDeadLetters'), 'Arn'] },
      },
    });
    trading.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'nightdesk-dev-reconciliations-dead.fifo',
      FifoQueue: true,
      MessageRetentionPeriod: 14 * 86_400,
      RedriveAllowPolicy: { redrivePermission: 'byQueue' },
    });
  });

  it('gives an account to nobody else while a look at it may be under way, and the look is over within 55 s', () => {
    const [queue] = Object.values(
      trading.findResources('AWS::SQS::Queue', { Properties: { QueueName: 'nightdesk-dev-reconciliations.fifo' } }),
    );
    expect(look?.Properties.Timeout).toBe(55);
    expect(queue?.Properties.VisibilityTimeout).toBeGreaterThan(look?.Properties.Timeout);
  });

  it('feeds reconcile-balances one account at a time, several side by side', () => {
    trading.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      FunctionName: { Ref: Match.stringLikeRegexp('^ReconciliationReconcileBalancesFunction') },
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    });
  });
});

describe('the queues of collecting', () => {
  const { collection } = synthesizeDesk('dev').templates;
  const queueOf = (name: string) =>
    Object.values(
      collection.findResources('AWS::SQS::Queue', { Properties: { QueueName: `nightdesk-dev-${name}` } }),
    )[0]?.Properties;
  const [collector] = Object.values(collection.findResources('AWS::Lambda::Function')).filter(
    ({ Properties }) => Properties.FunctionName === 'nightdesk-dev-collect-candles',
  );

  it.each(['candle-jobs', 'backfill-jobs'])(
    '%s: is FIFO, lane by lane or series by series, and keeps what was given up',
    (name) => {
      expect(queueOf(`${name}.fifo`)).toMatchObject({
        FifoQueue: true,
        DeduplicationScope: 'messageGroup',
        FifoThroughputLimit: 'perMessageGroupId',
        SqsManagedSseEnabled: true,
        RedrivePolicy: { maxReceiveCount: 5 },
      });
      expect(queueOf(`${name}.fifo`)?.ContentBasedDeduplication).toBeUndefined();
      expect(queueOf(`${name}-dead.fifo`)).toMatchObject({ FifoQueue: true, MessageRetentionPeriod: 14 * 86_400 });
    },
  );

  it.each(['candle-jobs', 'backfill-jobs'])('%s: gives a job to nobody else while it may be under way', (name) => {
    expect(queueOf(`${name}.fifo`)?.VisibilityTimeout).toBeGreaterThanOrEqual(collector?.Properties.Timeout + 10);
  });

  it('feed one function apart, so that the past holds up nothing new', () => {
    const mappings = Object.values(collection.findResources('AWS::Lambda::EventSourceMapping'));
    const sizes = mappings.map(({ Properties }) => [JSON.stringify(Properties.EventSourceArn), Properties.BatchSize]);
    expect(sizes.sort()).toEqual([
      [expect.stringContaining('BackfillJobs'), 1],
      [expect.stringContaining('CandleJobs'), 10],
    ]);
    for (const { Properties } of mappings) {
      expect(Properties.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
      expect(Properties.ScalingConfig).toEqual({ MaximumConcurrency: 2 });
    }
  });
});
