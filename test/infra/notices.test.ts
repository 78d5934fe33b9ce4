import { environmentNames, orderStates, quietStates, toldEventTypes } from '@nightdesk/core';
import { sendPauseSeconds } from '@nightdesk/functions/send-notice/batch.ts';
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { sampleConfig, synthesizeDesk } from './synthesized-desk.ts';

const { trading, ops } = synthesizeDesk('dev').templates;
const resources = (type: string, template = trading) => Object.values(template.findResources(type));
const queue = (name: string) => {
  const [found] = resources('AWS::SQS::Queue').filter(
    ({ Properties }) => Properties.QueueName === `nightdesk-dev-${name}`,
  );
  return found?.Properties;
};

describe('the changes of orders and the journal', () => {
  const mappings = resources('AWS::Lambda::EventSourceMapping')
    .map(({ Properties }) => Properties)
    .filter(({ StartingPosition }) => StartingPosition !== undefined);

  it('go to notify from the first on, and only the one that fails is handed back', () => {
    expect(mappings).toHaveLength(2);
    for (const mapping of mappings) {
      expect(mapping).toMatchObject({
        FunctionName: { Ref: expect.stringMatching(/^NoticesNotifyFunction/) },
        StartingPosition: 'TRIM_HORIZON',
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        BisectBatchOnFunctionError: true,
      });
    }
  });

  it('are tried for an hour, and then their place is written down', () => {
    for (const { MaximumRecordAgeInSeconds, MaximumRetryAttempts, DestinationConfig } of mappings) {
      expect(MaximumRecordAgeInSeconds).toBe(3_600);
      // Lambda's pauses grow to a minute, so the hour ends before the tries do.
      expect(MaximumRetryAttempts).toBeGreaterThan(60);
      expect(JSON.stringify(DestinationConfig.OnFailure)).toContain('LostChanges');
    }
    expect(queue('notices-lost-changes')).toMatchObject({ MessageRetentionPeriod: 14 * 86_400 });
  });

  it('are left out where nobody is told of them', () => {
    const patterns = mappings.map(({ FilterCriteria }) => JSON.parse(FilterCriteria.Filters[0].Pattern));
    expect(patterns).toEqual([
      { eventName: ['INSERT', 'MODIFY'], dynamodb: { NewImage: { state: { S: [{ 'anything-but': quietStates }] } } } },
      { eventName: ['INSERT'], dynamodb: { NewImage: { type: { S: toldEventTypes } } } },
    ]);
    // Nothing that is written with each order or signal.
    expect(toldEventTypes.filter((type) => !/^(risk|books|breaker|config)\./.test(type))).toEqual([]);
    expect(orderStates).toEqual(expect.arrayContaining([...quietStates]));
  });
});

describe('the queue of notices', () => {
  it('is a standard one, whose messages are tried for about an hour and then kept for 14 days', () => {
    const { FifoQueue, RedrivePolicy } = queue('notices') ?? {};
    expect(FifoQueue).toBeUndefined();
    const tries = Array.from({ length: RedrivePolicy.maxReceiveCount - 1 }, (_, index) => index + 1);
    const seconds = tries.reduce((sum, receiveCount) => sum + sendPauseSeconds(receiveCount, undefined), 0);
    expect(seconds).toBeGreaterThan(3_000);
    expect(seconds).toBeLessThan(4_200);
    expect(queue('notices-dead')).toMatchObject({
      MessageRetentionPeriod: 14 * 86_400,
      RedriveAllowPolicy: { redrivePermission: 'byQueue' },
    });
  });

  it('feeds send-notice, single messages of a batch may fail, and a slow channel leaves room for others', () => {
    trading.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      FunctionName: { Ref: Match.stringLikeRegexp('^NoticesSendNoticeFunction') },
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 5 },
    });
  });

  it('does not hand a message to a second worker while the first may be at it', () => {
    const [sender] = resources('AWS::Lambda::Function').filter(
      ({ Properties }) => Properties.FunctionName === 'nightdesk-dev-send-notice',
    );
    expect(queue('notices')?.VisibilityTimeout).toBeGreaterThanOrEqual(2 * sender?.Properties.Timeout);
  });
});

describe('the topic of notices', () => {
  const topicArnOf = (template: typeof trading) =>
    resources('AWS::Lambda::Function', template)
      .map(({ Properties }) => Properties.Environment.Variables[environmentNames.noticesTopicArn])
      .find((value) => value !== undefined);

  it('is encrypted, refuses plain HTTP, and is not that of the alarms', () => {
    const [topic, ...more] = resources('AWS::SNS::Topic');
    expect(more).toEqual([]);
    expect(topic?.Properties.TopicName).toBe('nightdesk-dev-notices');
    expect(JSON.stringify(topic?.Properties.KmsMasterKeyId)).toContain('DataKey');
    const [policy] = resources('AWS::SNS::TopicPolicy');
    expect(JSON.stringify(policy?.Properties.PolicyDocument)).toContain('"aws:SecureTransport":"false"');
    expect(resources('AWS::SNS::Topic', ops).map(({ Properties }) => Properties.TopicName)).toEqual([
      'nightdesk-dev-alarms',
    ]);
    expect(topicArnOf(trading)).toEqual({ Ref: expect.stringMatching(/^NoticesTopic/) });
  });

  it('is there only where a channel publishes to it', () => {
    const config = { ...sampleConfig, notifications: { channels: {} } };
    const { templates, findings } = synthesizeDesk('dev', {}, config);
    expect(resources('AWS::SNS::Topic', templates.trading)).toEqual([]);
    expect(topicArnOf(templates.trading)).toBe('none');
    expect(findings).toEqual([]);
  });
});
