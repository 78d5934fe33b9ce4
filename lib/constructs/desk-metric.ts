import { type MetricName, metricNamespace } from '@nightdesk/core';
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { DeskFunction } from './desk-function.ts';

/** A metric that a function writes itself: its own name is the dimension `service`, that of its desk the dimension `stage`. */
export function deskMetric(fn: DeskFunction, name: MetricName, options: MetricOptions): Metric {
  const dimensionsMap = { service: fn.name, stage: fn.stage };
  return new Metric({ namespace: metricNamespace, metricName: name, dimensionsMap, ...options });
}
