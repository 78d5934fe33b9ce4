import { type DeskConfig, environmentNames } from '@nightdesk/core';
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Artifacts } from '../bundling/artifacts.ts';
import { proxyPortsOf } from '../config/proxy-ports.ts';
import type { StageSettings } from '../config/stage-settings.ts';
import { streamPorts } from '../config/stream-ports.ts';
import { liveFolders } from '../constructs/archive-bucket.ts';
import { DeskFunction } from '../constructs/desk-function.ts';
import { DeskService } from '../constructs/desk-service.ts';
import { OrderNewsQueue } from '../constructs/order-news-queue.ts';
import { StreamNetwork } from '../constructs/stream-network.ts';
import { VenueLayer } from '../constructs/venue-layer.ts';
import type { DataStack } from './data-stack.ts';
import type { TradingStack } from './trading-stack.ts';

export interface StreamStackProps extends StackProps {
  readonly settings: StageSettings;
  readonly config: DeskConfig;
  readonly artifacts: Artifacts;
  readonly data: DataStack;
  readonly trading: TradingStack;
}

/**
 * What venues tell by themselves: the service that listens, and the function that applies what it hears of orders. Apart from trading, which
 * goes on by asking when all of this is gone.
 */
export class StreamStack extends Stack {
  readonly orderNews: OrderNewsQueue;
  readonly service: DeskService;
  readonly applyOrderNews: DeskFunction;
  private readonly props: StreamStackProps;

  constructor(scope: Construct, id: string, props: StreamStackProps) {
    super(scope, id, props);
    this.props = props;
    this.orderNews = new OrderNewsQueue(this, 'OrderNews', props.settings);
    this.applyOrderNews = this.createApplyOrderNews();
    this.orderNews.feed(this.applyOrderNews);
    this.service = this.createService();
  }

  private createApplyOrderNews(): DeskFunction {
    const { settings, artifacts, trading } = this.props;
    const fn = new DeskFunction(this, 'ApplyOrderNews', {
      settings,
      ...(trading.egress && { egress: trading.egress }),
      name: 'apply-order-news',
      description: 'Records what streams tell of orders, and looks after what protects their positions',
      bundles: artifacts.functions,
      // A whole core: what was filled is to be known within milliseconds.
      memoryMb: 1_769,
      // Exits are placed and canceled meanwhile, as tracking does.
      timeout: Duration.seconds(30),
    });
    // A layer of its own: a new one must not have to wait until this stack has let go of the old.
    new VenueLayer(this, 'Venues', artifacts.venueLayer).attachTo(fn);
    trading.grantFollowing(fn);
    return fn;
  }

  private createService(): DeskService {
    const { settings, config, artifacts, data, trading } = this.props;
    const ports = [...new Set([...streamPorts, ...proxyPortsOf(config)])];
    const service = new DeskService(this, 'Stream', {
      settings,
      name: 'stream',
      imageFolder: artifacts.streamImage,
      network: new StreamNetwork(this, 'StreamNetwork', { ports, egress: trading.egress }),
      tasks: settings.streamTasks,
      size: settings.streamTaskSize,
      // Others take over its work meanwhile, and what it holds of files is written.
      stopTimeout: Duration.seconds(60),
      healthCheck: {
        interval: Duration.seconds(30),
        timeout: Duration.seconds(10),
        retries: 3,
        startPeriod: Duration.seconds(60),
      },
    });
    trading.configuration.grantRead(service);
    trading.grantAccounts(service);
    data.markets.grantRead(service);
    // For which markets are traded most.
    data.candles.grantRead(service);
    data.coordination.grantRead(service);
    data.coordination.grantPut(service);
    data.quotes.grantPut(service);
    data.quotes.grantReplace(service);
    data.quotes.grantRemove(service);
    data.archive.grantPut(service, liveFolders);
    this.orderNews.grantSend(service);
    // Tasks of its own network leave from other addresses than functions. Each has one of its own, so counting them as one asks less than it might.
    service.setEnvironment(environmentNames.egressName, trading.egress?.address ?? 'stream');
    return service;
  }
}
