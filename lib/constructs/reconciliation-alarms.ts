import { type MetricName, metricNames } from '@nightdesk/core';
import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { DeskAlarmProps } from './desk-alarm.ts';
import { deskMetric } from './desk-metric.ts';
import type { Reconciliation } from './reconciliation.ts';

type AlarmSpecification = Omit<DeskAlarmProps, 'settings' | 'action'>;

const aMinute = { period: Duration.minutes(1) };
/** Below the 300 s after which limits that need figures deny by default. */
const figuresAgeSecondsAlarmed = 180;

/** What calls a person when the books and the venues do not agree, or cannot be compared. */
export function reconciliationAlarms({
  queue,
  planReconciliations,
  reconcileBalances,
}: Reconciliation): AlarmSpecification[] {
  const counted = (name: MetricName) => deskMetric(reconcileBalances, name, { ...aMinute, statistic: Stats.SUM });
  const first = { threshold: 1, evaluationPeriods: 1 };
  return [
    {
      ...{ name: 'outsider-trading', severity: 'critical', ...first },
      meaning: 'An account has an order, a fill or a position that this desk did not make: somebody else has its key.',
      metric: counted(metricNames.outsidersConfirmed),
    },
    {
      ...{ name: 'drift', severity: 'critical', ...first },
      meaning: 'An account has more or less than the desk can explain.',
      metric: counted(metricNames.driftsConfirmed),
    },
    {
      ...{ name: 'differences-confirmed', severity: 'warning', ...first },
      meaning: 'The records of the desk and what a venue says differed, and were acted upon.',
      metric: counted(metricNames.differencesConfirmed),
    },
    {
      ...{ name: 'breaker-tripped', severity: 'critical', ...first },
      meaning: 'A breaker stopped an account, or told that it would have, and waits for a person.',
      metric: counted(metricNames.breakersTripped),
    },
    {
      ...{ name: 'breaker-blind', severity: 'warning', ...first },
      meaning: 'What a breaker goes by has been missing for minutes: it would not stop the account.',
      metric: counted(metricNames.breakersBlind),
    },
    {
      ...{ name: 'accounts-unanswered', severity: 'warning', threshold: 1 },
      meaning: 'A venue does not tell what an account has; what it said last is getting too old for limits.',
      metric: counted(metricNames.accountsUnanswered),
      // One lost answer is no outage.
      evaluationPeriods: 3,
    },
    {
      ...{ name: 'reconciliation-late', severity: 'critical' },
      meaning: 'Figures that limits are measured by are minutes old; orders are denied when they are too old.',
      metric: deskMetric(planReconciliations, metricNames.figuresAgeSeconds, { ...aMinute, statistic: Stats.MAXIMUM }),
      threshold: figuresAgeSecondsAlarmed,
      evaluationPeriods: 1,
    },
    {
      ...{ name: 'reconciliation-given-up', severity: 'critical', ...first },
      meaning: 'A look at an account failed again and again, for a reason that is not its venue.',
      metric: queue.deadLetters.metricApproximateNumberOfMessagesVisible({ ...aMinute, statistic: Stats.MAXIMUM }),
    },
    {
      ...{ name: 'reconciliation-stopped', severity: 'critical', ...first },
      meaning: 'Accounts are not reconciled, because the function that has it done is not started.',
      metric: planReconciliations.lambda.metricInvocations({ period: Duration.minutes(5) }),
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      // Silence is the bad news.
      treatMissingData: TreatMissingData.BREACHING,
    },
  ];
}
