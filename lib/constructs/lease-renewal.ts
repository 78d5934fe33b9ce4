import { metricNames } from '@nightdesk/core';
import { Duration } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { DeskAlarmProps } from './desk-alarm.ts';
import type { DeskFunction, DeskFunctionProps } from './desk-function.ts';
import { deskMetric } from './desk-metric.ts';

/** What keeps dead man's switches from going off while the desk is alive. */
export const leaseRenewal = {
  name: 'renew-leases',
  description: "Renews the dead man's switches of accounts that have one at their venue",
  memoryMb: 512,
  // Over before the next one starts: two tries for every kind of market, each within the longest timeout of exchanges.yaml.
  timeout: Duration.seconds(55),
  waitMax: Duration.minutes(1),
} satisfies Omit<DeskFunctionProps, 'settings' | 'bundles' | 'egress'>;

const aMinute = { period: Duration.minutes(1) };
/** The switch goes off after the second renewal that is missing, so the first one rings. */
const first = { severity: 'critical', threshold: 1, evaluationPeriods: 1 } as const;

/** What calls a person before a venue cancels the orders of a desk that is alive. */
export const leaseAlarms = (renewLeases: DeskFunction): Omit<DeskAlarmProps, 'settings' | 'action'>[] => [
  {
    ...{ name: 'leases-failing', ...first },
    meaning: "A dead man's switch was not renewed; its venue is about to cancel all orders of the account.",
    metric: deskMetric(renewLeases, metricNames.leasesFailed, { ...aMinute, statistic: Stats.SUM }),
  },
  {
    ...{ name: 'leases-throttled', ...first },
    meaning: "AWS did not start the function that renews dead man's switches, for want of concurrency.",
    metric: renewLeases.lambda.metricThrottles({ ...aMinute, statistic: Stats.SUM }),
  },
];
