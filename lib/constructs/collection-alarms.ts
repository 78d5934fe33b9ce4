import { type MetricName, metricNames } from '@nightdesk/core';
import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, MathExpression, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { CollectionStack } from '../stacks/collection-stack.ts';
import type { DeskAlarmProps } from './desk-alarm.ts';
import type { DeskFunction } from './desk-function.ts';
import { deskMetric } from './desk-metric.ts';
import type { WorkQueue } from './work-queue.ts';

type AlarmSpecification = Omit<DeskAlarmProps, 'settings' | 'action'>;
type Collected = Pick<CollectionStack, 'planCandles' | 'collectCandles' | 'jobs' | 'backfills'>;

const aMinute = { period: Duration.minutes(1) };
/** Well above the time that a lane takes, and the pause after a venue did not answer once. */
const lateSecondsAlarmed = 900;
const waitingSecondsAlarmed = 600;

/** What calls a person when candles, trades or funding are not collected as they should be. No order depends on them. */
export function collectionAlarms(collection: Collected): AlarmSpecification[] {
  const { planCandles, collectCandles } = collection;
  const highest = (fn: DeskFunction, name: MetricName) =>
    deskMetric(fn, name, { ...aMinute, statistic: Stats.MAXIMUM });
  return [
    {
      ...{ name: 'candles-late', severity: 'warning', threshold: lateSecondsAlarmed, evaluationPeriods: 3 },
      meaning: 'What is collected is a quarter of an hour behind, for one venue at least.',
      metric: highest(collectCandles, metricNames.laneLagSeconds),
    },
    {
      ...{ name: 'series-failing', severity: 'warning', threshold: 1, evaluationPeriods: 30 },
      meaning: 'A series could not be collected for half an hour, while others of its venue are.',
      metric: highest(planCandles, metricNames.seriesFailing),
    },
    {
      ...{ name: 'candles-quarantined', severity: 'warning', threshold: 1, evaluationPeriods: 1 },
      meaning: 'A venue sent candles that make no sense; they were set aside.',
      metric: deskMetric(collectCandles, metricNames.candlesQuarantined, {
        period: Duration.hours(1),
        statistic: Stats.SUM,
      }),
    },
    ...queueAlarms(collection),
    {
      ...{ name: 'collection-stopped', severity: 'warning', threshold: 1, evaluationPeriods: 1 },
      meaning: 'Nothing is collected, because the function that has it done is not started.',
      metric: planCandles.lambda.metricInvocations({ period: Duration.minutes(5) }),
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      // Silence is the bad news.
      treatMissingData: TreatMissingData.BREACHING,
    },
  ];
}

function queueAlarms({ jobs, backfills }: Collected): AlarmSpecification[] {
  const given = ({ deadLetters }: WorkQueue) =>
    deadLetters.metricApproximateNumberOfMessagesVisible({ ...aMinute, statistic: Stats.MAXIMUM });
  return [
    {
      ...{ name: 'candle-jobs-waiting', severity: 'warning', evaluationPeriods: 3 },
      meaning: 'Collecting does not keep up with what is due.',
      metric: jobs.queue.metricApproximateAgeOfOldestMessage({ ...aMinute, statistic: Stats.MAXIMUM }),
      threshold: waitingSecondsAlarmed,
    },
    {
      ...{ name: 'candle-jobs-given-up', severity: 'warning', threshold: 1, evaluationPeriods: 1 },
      meaning: 'A piece of collecting failed again and again, for a reason that is not its venue.',
      metric: new MathExpression({
        expression: 'FILL(jobs, 0) + FILL(backfills, 0)',
        usingMetrics: { jobs: given(jobs), backfills: given(backfills) },
        label: 'jobs given up',
        ...aMinute,
      }),
    },
  ];
}
