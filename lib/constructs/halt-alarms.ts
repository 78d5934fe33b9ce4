import { Duration } from 'aws-cdk-lib';
import { MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { DeskAlarmProps } from './desk-alarm.ts';
import type { DeskFunction } from './desk-function.ts';

const aMinute = { period: Duration.minutes(1) };

/** What calls a person when the kill switch may not be there. Its functions have no concurrency of their own. */
export function haltAlarms(functions: {
  switchRisk: DeskFunction;
  cancelOrders: DeskFunction;
}): Omit<DeskAlarmProps, 'settings' | 'action'>[] {
  const throttles = ({ lambda }: DeskFunction) => lambda.metricThrottles({ ...aMinute, statistic: Stats.SUM });
  return [
    {
      ...{ name: 'halt-throttled', severity: 'critical', threshold: 1, evaluationPeriods: 1 },
      meaning: 'AWS did not start a function of the kill switch, for want of concurrency.',
      metric: new MathExpression({
        expression: 'FILL(sets, 0) + FILL(cancels, 0)',
        usingMetrics: { sets: throttles(functions.switchRisk), cancels: throttles(functions.cancelOrders) },
        label: 'throttles of the kill switch',
        ...aMinute,
      }),
    },
  ];
}
