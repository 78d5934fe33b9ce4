import { type MetricName, metricNames } from '@nightdesk/core';
import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, type IMetric, MathExpression, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { StreamStack } from '../stacks/stream-stack.ts';
import type { DeskAlarmProps } from './desk-alarm.ts';
import type { DeskFunction } from './desk-function.ts';
import { deskMetric } from './desk-metric.ts';

type AlarmSpecification = Omit<DeskAlarmProps, 'settings' | 'action'>;
/** What is watched: the stack's parts, and who answers with what they bring. */
export type Streamed = Pick<StreamStack, 'service' | 'applyOrderNews' | 'orderNews'> & { queryQuotes: DeskFunction };

const aMinute = { period: Duration.minutes(1) };
const fiveMinutes = { period: Duration.minutes(5) };
/** A venue that restarts drops every connection once, and each of its books has a gap then: this is far beyond that. */
const breaksAlarmed = 500;
/** From the venue's clock to the desk. A few hundred are the way around the world, the rest is a desk that does not keep up. */
const lagMsAlarmed = 5_000;
const publishMsAlarmed = 1_000;
const eventLoopDelayMsAlarmed = 250;
/** ECS kills a task that reaches 100. */
const memoryPercentAlarmed = 85;
const newsAgeSecondsAlarmed = 60;

/** What calls a person when what venues tell by themselves is missing, late or lost. Orders and limits do without it. */
export function streamAlarms(streamed: Streamed): AlarmSpecification[] {
  const always = [...feedAlarms(streamed), ...loadAlarms(streamed), ...newsAlarms(streamed)];
  // Where no task is to run, nothing is missing.
  return streamed.service.tasks === 0 ? always : [presenceAlarm(streamed), silenceAlarm(streamed), ...always];
}

const sumOf = (metrics: Readonly<Record<string, IMetric>>, label: string, { period } = aMinute) => {
  const expression = Object.keys(metrics)
    .map((id) => `FILL(${id}, 0)`)
    .join(' + ');
  return new MathExpression({ expression, usingMetrics: { ...metrics }, label, period });
};

function presenceAlarm({ service }: Streamed): AlarmSpecification {
  return {
    ...{ name: 'streams-stopped', severity: 'warning', threshold: 1, evaluationPeriods: 1 },
    meaning: 'No task of the stream service tells of itself: quotes are not live, and orders are followed by asking.',
    metric: deskMetric(service, metricNames.streamMemoryBytes, { ...fiveMinutes, statistic: Stats.SAMPLE_COUNT }),
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    // Silence is the bad news.
    treatMissingData: TreatMissingData.BREACHING,
  };
}

/** Only streams of markets are counted: of an account nothing may come for days. */
function silenceAlarm({ service }: Streamed): AlarmSpecification {
  const { streamSubscriptions, streamUpdates } = metricNames;
  return {
    ...{ name: 'streams-silent', severity: 'warning', threshold: 1, evaluationPeriods: 1 },
    meaning: 'Streams are subscribed and nothing comes; all quotes are stale.',
    metric: new MathExpression({
      expression: 'IF(FILL(subscriptions, 0) > 0 AND FILL(updates, 0) < 1, 1, 0)',
      usingMetrics: {
        subscriptions: deskMetric(service, streamSubscriptions, { ...fiveMinutes, statistic: Stats.MAXIMUM }),
        updates: deskMetric(service, streamUpdates, { ...fiveMinutes, statistic: Stats.SUM }),
      },
      label: 'subscribed and silent',
      ...fiveMinutes,
    }),
  };
}

/** What befalls streams on their way. */
function feedAlarms({ service, applyOrderNews }: Streamed): AlarmSpecification[] {
  const counted = (fn: Parameters<typeof deskMetric>[0], name: MetricName) =>
    deskMetric(fn, name, { ...fiveMinutes, statistic: Stats.SUM });
  const { streamGaps, streamReconnects, rateLimitAnswers } = metricNames;
  return [
    {
      ...{ name: 'streams-breaking', severity: 'warning', threshold: breaksAlarmed, evaluationPeriods: 3 },
      meaning: 'Connections break or books have gaps again and again; quotes come and go.',
      metric: sumOf(
        { gaps: counted(service, streamGaps), reconnects: counted(service, streamReconnects) },
        ...(['gaps and reconnects', fiveMinutes] as const),
      ),
    },
    {
      ...{ name: 'streams-refused', severity: 'warning', threshold: 1, evaluationPeriods: 3 },
      meaning: 'A venue refuses a subscription or the key of an account, and goes on refusing it.',
      metric: counted(service, metricNames.streamRefusals),
    },
    {
      ...{ name: 'streams-rate-limited', severity: 'warning', threshold: 1, evaluationPeriods: 1 },
      meaning:
        'A venue said that it was asked too much by what belongs to streams, and is not asked at all for a while.',
      metric: sumOf(
        { service: counted(service, rateLimitAnswers), news: counted(applyOrderNews, rateLimitAnswers) },
        ...(['rate-limit answers of all venues', fiveMinutes] as const),
      ),
    },
    {
      ...{ name: 'books-lost', severity: 'warning', evaluationPeriods: 10 },
      meaning: 'A book that is streamed has not been usable for minutes; it has no quote.',
      metric: deskMetric(service, metricNames.booksLost, { ...aMinute, statistic: Stats.AVERAGE }),
      // Each task tells of its own: one book that is lost all the time is so much on average of them.
      threshold: 1 / Math.max(1, service.tasks),
    },
    {
      ...{ name: 'streams-late', severity: 'warning', threshold: lagMsAlarmed, evaluationPeriods: 5 },
      meaning: 'What a venue tells arrives seconds after its own clock says that it happened.',
      metric: deskMetric(service, metricNames.streamLagMs, { ...aMinute, statistic: Stats.MAXIMUM }),
    },
  ];
}

/** Whether the tasks are large enough and enough of them. */
function loadAlarms({ service }: Streamed): AlarmSpecification[] {
  const highest = (name: MetricName) => deskMetric(service, name, { ...aMinute, statistic: Stats.MAXIMUM });
  const forMinutes = { severity: 'warning', evaluationPeriods: 5 } as const;
  return [
    {
      ...{ name: 'streams-unplaced', ...forMinutes, threshold: 1 },
      meaning: 'More is to be streamed than the tasks may have connections for; the rest is not streamed.',
      metric: highest(metricNames.streamUnitsUnplaced),
    },
    {
      ...{ name: 'quotes-late', ...forMinutes, threshold: publishMsAlarmed },
      meaning: 'Quotes are written a second after their book came in, or later.',
      metric: highest(metricNames.quotePublishMs),
    },
    {
      ...{ name: 'streams-busy', ...forMinutes, threshold: eventLoopDelayMsAlarmed },
      meaning: 'A task of the stream service has more to do than its processor gets done.',
      metric: highest(metricNames.streamEventLoopDelayMs),
    },
    {
      ...{ name: 'streams-memory', ...forMinutes, threshold: memoryPercentAlarmed },
      meaning: 'A task of the stream service is about to run out of memory, and would be replaced then.',
      metric: service.service.metricMemoryUtilization({ ...aMinute, statistic: Stats.MAXIMUM }),
    },
  ];
}

/** Whether what accounts' streams tell of orders is applied. Tracking asks about each order beside that. */
function newsAlarms({ applyOrderNews, queryQuotes, orderNews }: Streamed): AlarmSpecification[] {
  const throttles = ({ lambda }: DeskFunction) => lambda.metricThrottles({ ...aMinute, statistic: Stats.SUM });
  return [
    {
      ...{ name: 'order-news-given-up', severity: 'warning', threshold: 1, evaluationPeriods: 1 },
      meaning: 'News of an order could not be applied again and again; tracking finds what they said.',
      metric: orderNews.deadLetters.metricApproximateNumberOfMessagesVisible({ ...aMinute, statistic: Stats.MAXIMUM }),
    },
    {
      ...{ name: 'order-news-late', severity: 'warning', threshold: newsAgeSecondsAlarmed, evaluationPeriods: 3 },
      meaning: 'News of orders wait longer than tracking takes to find the same by asking.',
      metric: orderNews.queue.metricApproximateAgeOfOldestMessage({ ...aMinute, statistic: Stats.MAXIMUM }),
    },
    {
      ...{ name: 'streams-throttled', severity: 'warning', threshold: 1, evaluationPeriods: 3 },
      meaning: 'AWS did not start the functions that apply order news and answer with quotes, for want of concurrency.',
      metric: sumOf({ news: throttles(applyOrderNews), quotes: throttles(queryQuotes) }, 'throttles'),
    },
  ];
}
