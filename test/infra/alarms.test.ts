import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { metricNames, metricNamespace } from '@nightdesk/core';
import { functionNames } from '@nightdesk/infra/config/functions.ts';
import { paths } from '@nightdesk/infra/config/paths.ts';
import { describe, expect, it } from 'vitest';
import { sampleConfig, synthesizeDesk } from './synthesized-desk.ts';

interface AlarmProperties {
  AlarmName: string;
  AlarmDescription: string;
  AlarmActions: { Ref: string }[];
  OKActions: { Ref: string }[];
  Threshold: number;
  Statistic?: string;
  EvaluationPeriods: number;
  ComparisonOperator: string;
  TreatMissingData: string;
  MetricName?: string;
  Metrics?: unknown[];
  Namespace?: string;
  Dimensions?: { Name: string; Value: unknown }[];
}

const { ops } = synthesizeDesk('prod').templates;
const alarms = new Map(
  Object.values(ops.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => {
    const properties = Properties as AlarmProperties;
    return [properties.AlarmName.replace('nightdesk-prod-', ''), properties];
  }),
);
const alarm = (name: string): AlarmProperties => {
  const found = alarms.get(name);
  if (!found) throw new Error(`no alarm ${name}`);
  return found;
};

describe('alarms', () => {
  it('watch the queue, the orders, the API and every function', () => {
    expect([...alarms.keys()].sort()).toEqual(
      [
        'dead-letters',
        'signals-waiting',
        'orders-unknown',
        'tracking-stopped',
        'rate-limited',
        'api-errors',
        'throttles',
        'key-too-old',
        'venue-failing',
        'notices-lost',
        'notices-late',
        'notices-throttled',
        'notices-unreadable',
        'outsider-trading',
        'drift',
        'differences-confirmed',
        'breaker-tripped',
        'breaker-blind',
        'accounts-unanswered',
        'reconciliation-late',
        'reconciliation-given-up',
        'reconciliation-stopped',
        'reconciliation-throttled',
        'candles-late',
        'series-failing',
        'candles-quarantined',
        'candle-jobs-waiting',
        'candle-jobs-given-up',
        'collection-stopped',
        'collection-throttled',
        'streams-stopped',
        'streams-silent',
        'streams-breaking',
        'streams-refused',
        'streams-rate-limited',
        'streams-late',
        'streams-unplaced',
        'streams-busy',
        'streams-memory',
        'streams-throttled',
        'books-lost',
        'quotes-late',
        'order-news-given-up',
        'order-news-late',
        'leases-failing',
        'leases-throttled',
        'halt-throttled',
        ...functionNames.map((name) => `${name}-errors`),
      ].sort(),
    );
  });

  it.each([...alarms.keys()])('%s: says how urgent it is, and what to do is in the runbook', (name) => {
    const { AlarmDescription } = alarm(name);
    expect(AlarmDescription).toMatch(/^\[(critical|warning)\] [A-Z].*\. See docs\/runbook\.md#/);
    expect(AlarmDescription.endsWith(`#${name}`)).toBe(true);
    expect(runbookHeadings()).toContain(name);
  });

  it.each([...alarms.keys()])('%s: tells the topic when it starts and when it ends', (name) => {
    const [topic] = Object.keys(ops.findResources('AWS::SNS::Topic'));
    expect(alarm(name).AlarmActions).toEqual([{ Ref: topic }]);
    expect(alarm(name).OKActions).toEqual([{ Ref: topic }]);
  });

  it('rings for the first dead letter', () => {
    expect(alarm('dead-letters')).toMatchObject({
      Threshold: 1,
      EvaluationPeriods: 1,
      MetricName: 'ApproximateNumberOfMessagesVisible',
    });
  });

  it('rings for an order that stays unknown, by the metric that track-orders writes', () => {
    expect(alarm('orders-unknown')).toMatchObject({
      Namespace: metricNamespace,
      MetricName: metricNames.ordersUnknown,
      Dimensions: [
        { Name: 'service', Value: 'track-orders' },
        { Name: 'stage', Value: 'prod' },
      ],
      Threshold: 1,
    });
  });

  it('rings for the first answer of a venue that it was asked too much, whichever function it was given to', () => {
    const { Threshold, EvaluationPeriods, Metrics } = alarm('rate-limited');
    expect({ Threshold, EvaluationPeriods }).toEqual({ Threshold: 1, EvaluationPeriods: 1 });
    const watched = JSON.stringify(Metrics);
    expect(watched).toContain(metricNames.rateLimitAnswers);
    const askers = ['execute-order', 'track-orders', 'refresh-markets', 'probe-exchanges', 'check-keys', 'rotate-key'];
    askers.push('reconcile-balances', 'renew-leases', 'cancel-orders', 'collect-candles');
    for (const name of askers) expect(watched).toContain(name);
    const ofStreams = JSON.stringify(alarm('streams-rate-limited').Metrics);
    for (const name of ['"stream"', 'apply-order-news']) expect(ofStreams).toContain(name);
  });

  it('rings for the first order, fill or position of somebody else, and the first drift', () => {
    for (const [name, metric] of [
      ['outsider-trading', metricNames.outsidersConfirmed],
      ['drift', metricNames.driftsConfirmed],
    ] as const) {
      expect(alarm(name)).toMatchObject({
        ...{ Namespace: metricNamespace, MetricName: metric, Threshold: 1, EvaluationPeriods: 1 },
        Dimensions: [
          { Name: 'service', Value: 'reconcile-balances' },
          { Name: 'stage', Value: 'prod' },
        ],
      });
    }
  });

  it('rings for a stream service that tells nothing, and for one that hears nothing, but not where none is to run', () => {
    expect(alarm('streams-stopped')).toMatchObject({
      ...{ Namespace: metricNamespace, MetricName: metricNames.streamMemoryBytes, Threshold: 1 },
      ComparisonOperator: 'LessThanThreshold',
      Dimensions: [
        { Name: 'service', Value: 'stream' },
        { Name: 'stage', Value: 'prod' },
      ],
    });
    const watched = JSON.stringify(alarm('streams-silent').Metrics);
    expect(watched).toContain('IF(FILL(subscriptions, 0) > 0 AND FILL(updates, 0) < 1, 1, 0)');
    expect(watched).toContain(metricNames.streamSubscriptions);
    expect(watched).toContain(metricNames.streamUpdates);
    const namesOf = ({ templates }: ReturnType<typeof synthesizeDesk>) =>
      Object.values(templates.ops.findResources('AWS::CloudWatch::Alarm'))
        .map(({ Properties }) => String(Properties.AlarmName).replace('nightdesk-dev-', ''))
        .filter((name) => ['streams-stopped', 'streams-silent', 'order-news-given-up'].includes(name));
    expect(namesOf(synthesizeDesk('dev', { streamTasks: 0 }))).toEqual(['order-news-given-up']);
  });

  it('rings for a single book that one of several tasks has lost', () => {
    expect(alarm('books-lost')).toMatchObject({ Statistic: 'Average', Threshold: 1 });
    const { ops: several } = synthesizeDesk('dev', { streamTasks: 4 }).templates;
    several.hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmName: 'nightdesk-dev-books-lost', Threshold: 0.25 });
  });

  it('rings for figures that get too old while limits still go by them', () => {
    const { MetricName, Threshold, EvaluationPeriods } = alarm('reconciliation-late');
    expect([MetricName, EvaluationPeriods]).toEqual([metricNames.figuresAgeSeconds, 1]);
    const { figuresAgeSecondsMax } = sampleConfig.risk.default;
    expect(Threshold).toBeLessThan(figuresAgeSecondsMax);
  });

  it('takes silence for health everywhere but where silence is what is wrong', () => {
    for (const [name, { TreatMissingData }] of alarms) {
      expect([name, TreatMissingData]).toEqual([name, /-stopped$/.test(name) ? 'breaching' : 'notBreaching']);
    }
  });

  it('the runbook has no chapter of an alarm that is gone', () => {
    expect(runbookHeadings().filter((heading) => /^[a-z-]+$/.test(heading) && !alarms.has(heading))).toEqual([]);
  });
});

describe('the topic', () => {
  it('is encrypted with the desk’s key and refuses plain HTTP', () => {
    const [topic] = Object.values(ops.findResources('AWS::SNS::Topic'));
    expect(JSON.stringify(topic?.Properties.KmsMasterKeyId)).toContain('DataKey');
    const [policy] = Object.values(ops.findResources('AWS::SNS::TopicPolicy'));
    expect(JSON.stringify(policy?.Properties.PolicyDocument)).toContain('"aws:SecureTransport":"false"');
  });

  it('can be published to by alarms: the key lets CloudWatch of this account in', () => {
    const { data } = synthesizeDesk('prod').templates;
    const [key] = Object.values(data.findResources('AWS::KMS::Key'));
    expect(key?.Properties.KeyPolicy.Statement).toContainEqual(
      expect.objectContaining({
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      }),
    );
  });
});

it('the dashboard shows every alarm and every metric of the contract', () => {
  const [dashboard] = Object.values(ops.findResources('AWS::CloudWatch::Dashboard'));
  const body = JSON.stringify(dashboard?.Properties.DashboardBody);
  for (const name of Object.values(metricNames)) expect(body).toContain(name);
  expect(body).toContain('Alarms');
});

function runbookHeadings(): string[] {
  const text = readFileSync(join(paths.root, 'docs/runbook.md'), 'utf8');
  return [...text.matchAll(/^## (.+)$/gm)].map((match) => match[1] ?? '');
}
