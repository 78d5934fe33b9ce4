import { type MetricName, metricNames, metricNamespace } from '@nightdesk/core';
import { Duration } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IAlarm,
  type IMetric,
  type IWidget,
  MathExpression,
  PeriodOverride,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { StageSettings } from '../config/stage-settings.ts';
import type { CollectionStack } from '../stacks/collection-stack.ts';
import type { StreamStack } from '../stacks/stream-stack.ts';
import type { DeskFunction } from './desk-function.ts';
import { deskMetric } from './desk-metric.ts';
import { resourceName } from './names.ts';
import type { NoticeDelivery } from './notice-delivery.ts';
import type { Reconciliation } from './reconciliation.ts';
import type { SignalsQueue } from './signals-queue.ts';

export interface DeskDashboardProps {
  readonly settings: StageSettings;
  readonly alarms: readonly IAlarm[];
  readonly functions: readonly DeskFunction[];
  readonly api: HttpApi;
  readonly queue: SignalsQueue;
  readonly receiveSignal: DeskFunction;
  readonly executeOrder: DeskFunction;
  readonly trackOrders: DeskFunction;
  readonly refreshMarkets: DeskFunction;
  readonly probeExchanges: DeskFunction;
  readonly checkKeys: DeskFunction;
  readonly reconciliation: Reconciliation;
  readonly collection: CollectionStack;
  readonly stream: StreamStack;
  readonly renewLeases: DeskFunction;
  readonly notices: NoticeDelivery;
}

/** CloudWatch's grid is 24 columns wide; three graphs stand side by side. */
const graphSize = { width: 8, height: 6 };
const perMinute = { period: Duration.minutes(1), statistic: Stats.SUM };

const graph = (title: string, left: IMetric[]): IWidget => new GraphWidget({ title, left, ...graphSize });

/** One page that answers, from top to bottom: is something wrong, what is traded, where does time go. */
export class DeskDashboard extends Construct {
  constructor(scope: Construct, id: string, props: DeskDashboardProps) {
    super(scope, id);
    new Dashboard(this, 'Dashboard', {
      dashboardName: resourceName(props.settings, 'desk'),
      defaultInterval: Duration.hours(12),
      periodOverride: PeriodOverride.AUTO,
      widgets: [
        [alarmRow(props)],
        tradingRow(props),
        latencyRow(props),
        venueRow(props),
        reconciliationRow(props),
        collectionRow(props),
        streamRow(props),
        healthRow(props),
        noticesRow(props),
      ],
    });
  }
}

const alarmRow = ({ alarms }: DeskDashboardProps): IWidget =>
  new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: 24, height: 3 });

function tradingRow({ receiveSignal, executeOrder, trackOrders, queue }: DeskDashboardProps): IWidget[] {
  const counts = (fn: DeskFunction, names: MetricName[]) =>
    names.map((name) => deskMetric(fn, name, { ...perMinute, label: name }));
  const { signalsAccepted, signalsDuplicate, signalsRefused, ordersAccepted, ordersRejected, ordersDenied } =
    metricNames;
  return [
    graph('Signals', counts(receiveSignal, [signalsAccepted, signalsDuplicate, signalsRefused])),
    graph('Orders', [
      ...counts(executeOrder, [ordersAccepted, ordersRejected, ordersDenied]),
      ...counts(trackOrders, [metricNames.ordersUnknown, metricNames.ordersNotPlaced]),
    ]),
    graph('Queue', [
      queue.queue.metricApproximateNumberOfMessagesVisible({ label: 'waiting' }),
      queue.queue.metricApproximateAgeOfOldestMessage({ label: 'oldest, seconds' }),
      queue.deadLetters.metricApproximateNumberOfMessagesVisible({ label: 'given up' }),
    ]),
  ];
}

function latencyRow({ receiveSignal, executeOrder, api, functions }: DeskDashboardProps): IWidget[] {
  const percentiles = [50, 99].map((percentile) => ({ statistic: Stats.percentile(percentile), percentile }));
  return [
    graph(
      'Signal to accepted order, ms',
      percentiles.map(({ statistic, percentile }) =>
        deskMetric(executeOrder, metricNames.signalToAcceptedMs, { statistic, label: `p${percentile}` }),
      ),
    ),
    graph('API', [
      ...percentiles.map(({ statistic, percentile }) => api.metricLatency({ statistic, label: `p${percentile} ms` })),
      api.metricClientError({ ...perMinute, label: '4xx' }),
      api.metricServerError({ ...perMinute, label: '5xx' }),
    ]),
    graph('Failures', [
      ...functions.map((fn) => fn.lambda.metricErrors({ ...perMinute, label: fn.name })),
      deskMetric(receiveSignal, metricNames.requestsFailed, { ...perMinute, label: 'signals answered 500' }),
      deskMetric(executeOrder, metricNames.deliveriesFailed, { ...perMinute, label: 'signals to be tried again' }),
    ]),
  ];
}

/** Whether venues are there, and how soon they answer. */
function healthRow({ settings, executeOrder, probeExchanges }: DeskDashboardProps): IWidget[] {
  return [
    graph('Venue latency, ms', [ofEachVenue(settings, metricNames.venueLatencyMs, Stats.percentile(50))]),
    graph('Probes that failed', [deskMetric(probeExchanges, metricNames.probesFailed, { ...perMinute, label: 'all' })]),
    graph('Signals that failed over', [
      deskMetric(executeOrder, metricNames.signalsFailedOver, { ...perMinute, label: 'to another account' }),
    ]),
  ];
}

/** Whether the books agree with the venues. */
function reconciliationRow({ reconciliation, renewLeases }: DeskDashboardProps): IWidget[] {
  const { planReconciliations: planner, reconcileBalances: reconciler, queue } = reconciliation;
  const count = (name: MetricName, label: string) => deskMetric(reconciler, name, { ...perMinute, label });
  const perMinuteMax = { period: Duration.minutes(1), statistic: Stats.MAXIMUM };
  return [
    graph('Accounts', [
      deskMetric(planner, metricNames.accountsPlanned, { ...perMinute, label: 'to be reconciled' }),
      count(metricNames.accountsReconciled, 'reconciled'),
      count(metricNames.accountsUnanswered, 'not answered by their venue'),
      queue.deadLetters.metricApproximateNumberOfMessagesVisible({ label: 'given up' }),
      deskMetric(renewLeases, metricNames.leasesRenewed, { ...perMinute, label: "dead man's switches renewed" }),
      deskMetric(renewLeases, metricNames.leasesFailed, { ...perMinute, label: "dead man's switches not renewed" }),
    ]),
    graph('Differences', [
      count(metricNames.differencesConfirmed, 'confirmed'),
      count(metricNames.driftsConfirmed, 'not explained'),
      count(metricNames.outsidersConfirmed, 'made by somebody else'),
      count(metricNames.breakersTripped, 'breakers that tripped'),
      count(metricNames.breakersBlind, 'breakers that see nothing'),
    ]),
    graph('Reconciliation', [
      deskMetric(planner, metricNames.figuresAgeSeconds, { ...perMinuteMax, label: 'age of figures, seconds' }),
      deskMetric(reconciler, metricNames.reconciliationMs, { ...perMinuteMax, label: 'longest look, ms' }),
    ]),
  ];
}

/** Whether candles, trades and funding are collected. */
function collectionRow({ collection }: DeskDashboardProps): IWidget[] {
  const { planCandles, collectCandles, jobs, backfills } = collection;
  const highest = { period: Duration.minutes(1), statistic: Stats.MAXIMUM };
  const planned = (name: MetricName, label: string) => deskMetric(planCandles, name, { ...highest, label });
  const collected = (name: MetricName, label: string) => deskMetric(collectCandles, name, { ...perMinute, label });
  return [
    graph('Collection', [
      planned(metricNames.seriesPlanned, 'series'),
      planned(metricNames.seriesFailing, 'series that fail'),
      planned(metricNames.gapsOpen, 'candles missing, not found out why'),
      deskMetric(collectCandles, metricNames.laneLagSeconds, { ...highest, label: 'behind, seconds' }),
    ]),
    graph('Collected', [
      collected(metricNames.candlesCollected, 'candles that are new'),
      collected(metricNames.candlesBackfilled, 'candles of the past'),
      collected(metricNames.candlesRevised, 'candles changed by their venue'),
      collected(metricNames.candlesQuarantined, 'candles that make no sense'),
    ]),
    graph('Queues of collecting', [
      jobs.queue.metricApproximateAgeOfOldestMessage({ label: 'oldest job, seconds' }),
      backfills.queue.metricApproximateNumberOfMessagesVisible({ label: 'backfills waiting' }),
      jobs.deadLetters.metricApproximateNumberOfMessagesVisible({ label: 'jobs given up' }),
      backfills.deadLetters.metricApproximateNumberOfMessagesVisible({ label: 'backfills given up' }),
    ]),
  ];
}

/** Whether what venues tell by themselves arrives. */
function streamRow({ settings, stream }: DeskDashboardProps): IWidget[] {
  const { service, applyOrderNews, orderNews } = stream;
  const highest = { period: Duration.minutes(1), statistic: Stats.MAXIMUM };
  const top = (name: MetricName, label: string) => deskMetric(service, name, { ...highest, label });
  const count = (name: MetricName, label: string) => deskMetric(service, name, { ...perMinute, label });
  const applied = (name: MetricName, label: string) => deskMetric(applyOrderNews, name, { ...perMinute, label });
  return [
    graph('Streams', [
      ofEachVenue(settings, metricNames.streamSubscriptions, Stats.MAXIMUM),
      ofEachVenue(settings, metricNames.streamUpdates, Stats.SUM),
      count(metricNames.streamGaps, 'gaps'),
      count(metricNames.streamReconnects, 'reconnects'),
      count(metricNames.streamRefusals, 'refusals'),
      top(metricNames.booksLost, 'books lost'),
      top(metricNames.streamUnitsUnplaced, 'units that nobody has room for'),
    ]),
    graph('Time of streams, ms', [
      ofEachVenue(settings, metricNames.streamLagMs, Stats.MAXIMUM),
      top(metricNames.quotePublishMs, 'book to quote, p99'),
      top(metricNames.streamEventLoopDelayMs, 'timers late, p99'),
    ]),
    graph('Stream service and order news', [
      service.service.metricMemoryUtilization({ ...highest, label: 'memory, %' }),
      service.service.metricCpuUtilization({ ...highest, label: 'CPU, %' }),
      top(metricNames.streamMemoryBytes, 'memory, bytes'),
      count(metricNames.orderNewsSent, 'order news sent'),
      applied(metricNames.orderNewsApplied, 'applied'),
      applied(metricNames.orderNewsDropped, 'dropped'),
      orderNews.queue.metricApproximateAgeOfOldestMessage({ label: 'oldest, seconds' }),
      orderNews.deadLetters.metricApproximateNumberOfMessagesVisible({ label: 'given up' }),
    ]),
  ];
}

/** Whether people are told. */
function noticesRow({ notices: { queue, notify, sendNotice } }: DeskDashboardProps): IWidget[] {
  return [
    graph('Notices', [
      deskMetric(notify, metricNames.noticesQueued, { ...perMinute, label: 'to be sent' }),
      deskMetric(sendNotice, metricNames.noticesSent, { ...perMinute, label: 'sent' }),
      deskMetric(sendNotice, metricNames.noticesFailed, { ...perMinute, label: 'tries that failed' }),
      deskMetric(notify, metricNames.changesUnreadable, { ...perMinute, label: 'changes that could not be read' }),
    ]),
    graph('Queue of notices', [
      queue.queue.metricApproximateNumberOfMessagesVisible({ label: 'waiting' }),
      queue.queue.metricApproximateAgeOfOldestMessage({ label: 'oldest, seconds' }),
      queue.deadLetters.metricApproximateNumberOfMessagesVisible({ label: 'given up' }),
    ]),
    graph('Age of the last change read, ms', [
      notify.lambda.metric('IteratorAge', { ...perMinute, statistic: Stats.MAXIMUM, label: 'oldest' }),
    ]),
  ];
}

function venueRow({ settings, executeOrder, trackOrders, refreshMarkets, checkKeys }: DeskDashboardProps): IWidget[] {
  const answers = [executeOrder, trackOrders, refreshMarkets].map((fn) =>
    deskMetric(fn, metricNames.rateLimitAnswers, { ...perMinute, label: fn.name }),
  );
  return [
    graph('Request limits used, %', [ofEachVenue(settings, metricNames.requestLimitUsed, Stats.MAXIMUM)]),
    graph('Rate-limit answers', answers),
    graph('Age of the oldest trading key, days', [
      deskMetric(checkKeys, metricNames.keyAgeDays, { period: Duration.days(1), statistic: Stats.MAXIMUM }),
    ]),
  ];
}

/** One line per venue and function, whichever there are: venues come and go with the configuration. */
const ofEachVenue = ({ stage }: StageSettings, name: MetricName, statistic: string) =>
  new MathExpression({
    expression: `SEARCH('{${metricNamespace},service,stage,venue} MetricName="${name}" stage="${stage}"', '${statistic}', 60)`,
    usingMetrics: {},
    label: '',
  });
