import { environmentNames } from '@nightdesk/core';
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Artifacts } from '../bundling/artifacts.ts';
import type { StageSettings } from '../config/stage-settings.ts';
import { BackfillJobsQueue, CandleJobsQueue } from '../constructs/collection-queues.ts';
import { DeskFunction } from '../constructs/desk-function.ts';
import { DeskSchedule } from '../constructs/desk-schedule.ts';
import { VenueLayer } from '../constructs/venue-layer.ts';
import type { DataStack } from './data-stack.ts';
import type { TradingStack } from './trading-stack.ts';

export interface CollectionStackProps extends StackProps {
  readonly settings: StageSettings;
  readonly artifacts: Artifacts;
  readonly data: DataStack;
  readonly trading: TradingStack;
}

/**
 * Candles, trades and funding: what plans them and what collects them. Apart from trading, so that it can be changed, or taken
 * away, without touching an order. It has no key of any account, and writes to no table of orders.
 */
export class CollectionStack extends Stack {
  readonly jobs: CandleJobsQueue;
  readonly backfills: BackfillJobsQueue;
  readonly planCandles: DeskFunction;
  readonly collectCandles: DeskFunction;
  private readonly props: CollectionStackProps;

  constructor(scope: Construct, id: string, props: CollectionStackProps) {
    super(scope, id, props);
    const { settings, trading } = props;
    this.props = props;
    this.jobs = new CandleJobsQueue(this, 'CandleJobs', settings);
    this.backfills = new BackfillJobsQueue(this, 'BackfillJobs', settings);
    this.planCandles = this.createPlanner();
    this.collectCandles = this.createCollector();
    for (const queue of [this.jobs, this.backfills]) {
      queue.grantSend(this.planCandles);
      // What does not fit into an invocation goes on by a job of its own.
      queue.grantSend(this.collectCandles);
      queue.feed(this.collectCandles);
    }
    const everyMinute = new DeskSchedule(this, 'PlanCandlesSchedule', {
      settings,
      fn: this.planCandles,
      interval: Duration.minutes(1),
    });
    everyMinute.node.addDependency(trading.configuration);
  }

  private createPlanner(): DeskFunction {
    const { settings, artifacts, data, trading } = this.props;
    const fn = new DeskFunction(this, 'PlanCandles', {
      settings,
      name: 'plan-candles',
      description: 'Has collected what is due of candles, trades and funding',
      bundles: artifacts.functions,
      memoryMb: 512,
      // Over before the next one starts.
      timeout: Duration.seconds(50),
      waitMax: Duration.minutes(1),
    });
    trading.configuration.grantRead(fn);
    data.markets.grantRead(fn);
    data.candles.grantRead(fn);
    data.candles.grantPut(fn);
    return fn;
  }

  private createCollector(): DeskFunction {
    const { settings, artifacts, data, trading } = this.props;
    const fn = new DeskFunction(this, 'CollectCandles', {
      settings,
      ...(trading.egress && { egress: trading.egress }),
      name: 'collect-candles',
      description: 'Asks venues for candles, trades and funding, checks them and stores them',
      bundles: artifacts.functions,
      // Files are packed and compressed here.
      memoryMb: 1_769,
      // What is not done by then goes on by a job of its own. Long enough for a backfill to wait for the next minute of a venue's
      // request limit and to use that as well: one that has done nothing is sent on by the planner alone, up to two minutes later.
      timeout: Duration.seconds(120),
    });
    // A layer of its own: a new one must not have to wait until this stack has let go of the old.
    new VenueLayer(this, 'Venues', artifacts.venueLayer).attachTo(fn);
    trading.configuration.grantRead(fn);
    data.markets.grantRead(fn);
    data.candles.grantRead(fn);
    data.candles.grantPut(fn);
    data.candles.grantReplace(fn);
    data.archive.grantReadWrite(fn, ['candles/', 'funding/', 'trades/', 'incoming/']);
    // What a day's file was made of.
    data.archive.grantRemove(fn, ['incoming/']);
    data.journal.grantRead(fn);
    data.journal.grantPut(fn);
    data.coordination.grantRead(fn);
    data.coordination.grantPut(fn);
    // Without an address of its own a function leaves from one of AWS's, which may be the same as another's.
    fn.setEnvironment(environmentNames.egressName, trading.egress?.address ?? 'shared');
    return fn;
  }
}
