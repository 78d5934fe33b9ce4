import { keyAgeDaysMax, metricNames } from '@nightdesk/core';
import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { ComparisonOperator, type IMetric, MathExpression, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { StageSettings } from '../config/stage-settings.ts';
import { AlarmTopic } from '../constructs/alarm-topic.ts';
import { collectionAlarms } from '../constructs/collection-alarms.ts';
import { DeskAlarm, type DeskAlarmProps } from '../constructs/desk-alarm.ts';
import { DeskDashboard } from '../constructs/desk-dashboard.ts';
import type { DeskFunction } from '../constructs/desk-function.ts';
import { deskMetric } from '../constructs/desk-metric.ts';
import { failures } from '../constructs/function-failures.ts';
import { haltAlarms } from '../constructs/halt-alarms.ts';
import { leaseAlarms } from '../constructs/lease-renewal.ts';
import { reconciliationAlarms } from '../constructs/reconciliation-alarms.ts';
import { streamAlarms } from '../constructs/stream-alarms.ts';
import type { ApiStack } from './api-stack.ts';
import type { CollectionStack } from './collection-stack.ts';
import type { DataStack } from './data-stack.ts';
import type { StreamStack } from './stream-stack.ts';
import type { TradingStack } from './trading-stack.ts';

export interface OpsStackProps extends StackProps {
  readonly settings: StageSettings;
  readonly data: DataStack;
  readonly trading: TradingStack;
  readonly collection: CollectionStack;
  readonly stream: StreamStack;
  readonly api: ApiStack;
}

const aMinute = { period: Duration.minutes(1) };
const fiveMinutes = { period: Duration.minutes(5) };

/** Metrics added up, where one without data counts nothing. */
const sumOf = (
  metrics: readonly (readonly [id: string, metric: IMetric])[],
  options: { label: string; period: Duration },
) =>
  new MathExpression({
    expression: metrics.map(([id]) => `FILL(${id}, 0)`).join(' + '),
    usingMetrics: Object.fromEntries(metrics),
    ...options,
  });

/** Tells a person when the desk needs one. */
export class OpsStack extends Stack {
  private readonly props: OpsStackProps;
  private readonly topic: AlarmTopic;
  private readonly alarms: DeskAlarm[] = [];

  constructor(scope: Construct, id: string, props: OpsStackProps) {
    super(scope, id, props);
    this.props = props;
    const { settings, data, trading, api } = props;
    const functions = this.allFunctions();
    this.topic = new AlarmTopic(this, 'Alarms', { settings, key: data.key });
    this.watchQueue();
    this.watchOrders();
    this.watchLimits();
    this.watchVenues();
    this.watchKeys();
    this.watchNotices();
    this.watchParts();
    this.watchApi();
    this.watchFunctions(functions);
    new DeskDashboard(this, 'Dashboard', {
      settings,
      alarms: this.alarms.map(({ alarm }) => alarm),
      functions,
      api: api.api,
      queue: trading.queue,
      receiveSignal: api.receiveSignal,
      executeOrder: trading.executeOrder,
      trackOrders: trading.trackOrders,
      refreshMarkets: trading.refreshMarkets,
      probeExchanges: trading.probeExchanges,
      checkKeys: trading.keyCare.checkKeys,
      reconciliation: trading.reconciliation,
      collection: this.props.collection,
      stream: this.props.stream,
      renewLeases: trading.renewLeases,
      notices: trading.notices,
    });
    new CfnOutput(this, 'AlarmTopicArn', { value: this.topic.topic.topicArn });
  }

  private allFunctions(): DeskFunction[] {
    const { trading, collection, stream, api } = this.props;
    return [
      api.receiveSignal,
      trading.executeOrder,
      trading.trackOrders,
      trading.cancelOrders,
      trading.refreshMarkets,
      trading.probeExchanges,
      trading.reconciliation.planReconciliations,
      trading.reconciliation.reconcileBalances,
      trading.renewLeases,
      collection.planCandles,
      collection.collectCandles,
      stream.applyOrderNews,
      trading.keyCare.rotateKey,
      trading.keyCare.checkKeys,
      trading.notices.notify,
      trading.notices.sendNotice,
      api.queryDesk,
      api.queryCandles,
      api.queryQuotes,
      api.switchRisk,
      api.manageOrders,
    ];
  }

  private watchQueue(): void {
    const { queue, deadLetters } = this.props.trading.queue;
    this.alarm('dead-letters', {
      severity: 'critical',
      meaning: 'A signal was given up after its last try.',
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({ ...aMinute, statistic: Stats.MAXIMUM }),
      threshold: 1,
      evaluationPeriods: 1,
    });
    this.alarm('signals-waiting', {
      severity: 'critical',
      meaning: 'Signals wait in the queue longer than most of them are good for.',
      // Twice the time that a lane stands still after one crash, which is not yet worth a call.
      metric: queue.metricApproximateAgeOfOldestMessage({ ...aMinute, statistic: Stats.MAXIMUM }),
      threshold: 120,
      evaluationPeriods: 1,
    });
  }

  private watchOrders(): void {
    const { trackOrders } = this.props.trading;
    this.alarm('orders-unknown', {
      severity: 'critical',
      meaning: 'The venue has not told for minutes whether it has an order.',
      metric: deskMetric(trackOrders, metricNames.ordersUnknown, { ...aMinute, statistic: Stats.MAXIMUM }),
      threshold: 1,
      // Most are resolved by the next run or the one after it.
      evaluationPeriods: 3,
    });
    this.alarm('tracking-stopped', {
      severity: 'critical',
      meaning: 'Orders are not followed up, because the function that does so is not started.',
      metric: trackOrders.lambda.metricInvocations({ period: Duration.minutes(5) }),
      threshold: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      // The one alarm for which silence is the bad news.
      treatMissingData: TreatMissingData.BREACHING,
      evaluationPeriods: 1,
    });
  }

  private watchLimits(): void {
    const { executeOrder, trackOrders, refreshMarkets, probeExchanges, keyCare, reconciliation } = this.props.trading;
    const askers = [executeOrder, trackOrders, refreshMarkets, probeExchanges, keyCare.checkKeys, keyCare.rotateKey];
    askers.push(reconciliation.reconcileBalances, this.props.trading.renewLeases, this.props.trading.cancelOrders);
    askers.push(this.props.collection.collectCandles);
    const answers = askers.map((fn, index) => {
      const metric = deskMetric(fn, metricNames.rateLimitAnswers, { ...fiveMinutes, statistic: Stats.SUM });
      return [`answers${index}`, metric] as const;
    });
    this.alarm('rate-limited', {
      severity: 'warning',
      meaning: 'A venue said that it was asked too much, and is not asked at all for a while.',
      metric: sumOf(answers, { label: 'rate-limit answers of all venues', ...fiveMinutes }),
      threshold: 1,
      evaluationPeriods: 1,
    });
  }

  private watchParts(): void {
    const { trading, collection, stream, api } = this.props;
    const { service, applyOrderNews, orderNews } = stream;
    const ofHalt = haltAlarms({ switchRisk: api.switchRisk, cancelOrders: trading.cancelOrders });
    const parts = [...reconciliationAlarms(trading.reconciliation), ...leaseAlarms(trading.renewLeases), ...ofHalt];
    parts.push(...collectionAlarms(collection));
    parts.push(...streamAlarms({ service, applyOrderNews, orderNews, queryQuotes: api.queryQuotes }));
    for (const { name, ...rest } of parts) this.alarm(name, rest);
  }

  private watchVenues(): void {
    const { probeExchanges } = this.props.trading;
    this.alarm('venue-failing', {
      severity: 'warning',
      meaning: 'A venue does not answer; orders there fail, or go elsewhere where their source allows it.',
      metric: deskMetric(probeExchanges, metricNames.probesFailed, { ...aMinute, statistic: Stats.SUM }),
      threshold: 1,
      // One lost answer is no outage.
      evaluationPeriods: 3,
    });
  }

  private watchKeys(): void {
    this.alarm('key-too-old', {
      severity: 'warning',
      meaning: `A trading key is older than ${keyAgeDaysMax} days.`,
      metric: deskMetric(this.props.trading.keyCare.checkKeys, metricNames.keyAgeDays, {
        // It is told once a day.
        ...{ period: Duration.days(1), statistic: Stats.MAXIMUM },
      }),
      threshold: keyAgeDaysMax + 1,
      evaluationPeriods: 1,
    });
  }

  private watchNotices(): void {
    const { queue, notify } = this.props.trading.notices;
    const lost = [queue.deadLetters, queue.lostChanges].map(
      (dead, index) =>
        [
          `lost${index}`,
          dead.metricApproximateNumberOfMessagesVisible({ ...aMinute, statistic: Stats.MAXIMUM }),
        ] as const,
    );
    this.alarm('notices-lost', {
      severity: 'critical',
      meaning: 'People were not told of something that happened.',
      metric: sumOf(lost, { label: 'notices given up', ...aMinute }),
      threshold: 1,
      evaluationPeriods: 1,
    });
    this.alarm('notices-late', {
      severity: 'warning',
      meaning: 'Changes of orders and switches wait minutes until people are told of them.',
      metric: notify.lambda.metric('IteratorAge', { ...aMinute, statistic: Stats.MAXIMUM }),
      threshold: Duration.minutes(5).toMilliseconds(),
      evaluationPeriods: 3,
    });
    this.alarm('notices-unreadable', {
      severity: 'critical',
      meaning: 'A change of an order or a switch could not be read, so nobody was told of it.',
      metric: deskMetric(notify, metricNames.changesUnreadable, { ...aMinute, statistic: Stats.SUM }),
      threshold: 1,
      evaluationPeriods: 1,
    });
  }

  private watchApi(): void {
    this.alarm('api-errors', {
      severity: 'critical',
      meaning: 'Requests, signals among them, were answered with 5xx.',
      metric: this.props.api.api.metricServerError({ ...aMinute, statistic: Stats.SUM }),
      threshold: 1,
      evaluationPeriods: 1,
    });
  }

  private watchFunctions(functions: readonly DeskFunction[]): void {
    for (const fn of functions) {
      this.alarm(`${fn.name}-errors`, {
        ...failures[fn.name],
        metric: fn.lambda.metricErrors(aMinute),
        threshold: 1,
        evaluationPeriods: 1,
      });
    }
    const { notices, reconciliation, renewLeases, cancelOrders } = this.props.trading;
    const ofNotices = [notices.notify, notices.sendNotice];
    const ofReconciliation = [reconciliation.planReconciliations, reconciliation.reconcileBalances];
    const ofCollection = [this.props.collection.planCandles, this.props.collection.collectCandles];
    const apart = [...ofNotices, ...ofReconciliation, ...ofCollection, renewLeases, cancelOrders];
    apart.push(this.props.api.switchRisk, this.props.api.queryQuotes, this.props.stream.applyOrderNews);
    this.watchThrottles('throttles', {
      functions: functions.filter((fn) => !apart.includes(fn)),
      meaning: 'AWS did not start functions for want of concurrency.',
    });
    this.watchThrottles('notices-throttled', {
      functions: ofNotices,
      meaning: 'AWS did not start the functions that tell people, for want of concurrency.',
    });
    this.watchThrottles('collection-throttled', {
      functions: ofCollection,
      meaning: 'AWS did not start the functions that collect candles, for want of concurrency.',
    });
    this.watchThrottles('reconciliation-throttled', {
      functions: ofReconciliation,
      meaning: 'AWS did not start the functions that compare accounts with their venues, for want of concurrency.',
    });
  }

  /** An alarm adds up ten metrics at most. */
  private watchThrottles(name: string, { functions, meaning }: { functions: DeskFunction[]; meaning: string }): void {
    const throttles = functions.map((fn, index) => [`throttles${index}`, fn.lambda.metricThrottles(aMinute)] as const);
    this.alarm(name, {
      ...{ severity: 'warning', meaning },
      metric: sumOf(throttles, { label: 'throttles', ...aMinute }),
      threshold: 1,
      evaluationPeriods: 3,
    });
  }

  private alarm(name: string, rest: Omit<DeskAlarmProps, 'settings' | 'name' | 'action'>): void {
    const { settings } = this.props;
    this.alarms.push(new DeskAlarm(this, `${name}-alarm`, { settings, name, action: this.topic.action, ...rest }));
  }
}
