import { type MetricName, metricNamespace } from '@nightdesk/core';
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { Grantee } from './grantee.ts';

/** A metric that a function or service writes itself: its own name is the dimension `service`, that of its desk the dimension `stage`. */
export function deskMetric(
  { name: service, stage }: Pick<Grantee, 'name' | 'stage'>,
  name: MetricName,
  options: MetricOptions,
): Metric {
  const dimensionsMap = { service, stage };
  return new Metric({ namespace: metricNamespace, metricName: name, dimensionsMap, ...options });
}
