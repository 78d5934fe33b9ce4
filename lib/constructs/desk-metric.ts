import { type MetricName, metricNamespace } from '@nightdesk/core';
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { DeskFunction } from './desk-function.ts';

/** A metric that a function writes itself, under its own name as the dimension `service`. */
export function deskMetric(fn: DeskFunction, name: MetricName, options: MetricOptions): Metric {
  const dimensionsMap = { service: fn.name };
  return new Metric({ namespace: metricNamespace, metricName: name, dimensionsMap, ...options });
}
