import { type DeskConfig, environmentNames } from '@nightdesk/core';
import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Artifacts } from '../bundling/artifacts.ts';
import type { StageSettings } from '../config/stage-settings.ts';
import { DeskFunction } from '../constructs/desk-function.ts';
import { sourceSecrets, tokenSecrets } from '../constructs/desk-secrets.ts';
import { resourceName } from '../constructs/names.ts';
import { acknowledge } from '../constructs/rules.ts';
import { SecretGroup } from '../constructs/secret-group.ts';
import type { DataStack } from './data-stack.ts';
import type { TradingStack } from './trading-stack.ts';

export interface ApiStackProps extends StackProps {
  readonly settings: StageSettings;
  readonly config: DeskConfig;
  readonly artifacts: Artifacts;
  readonly data: DataStack;
  readonly trading: TradingStack;
}

/**
 * One line per request. Never the path, which holds the token of senders that cannot sign: the route's key says as much.
 */
const accessLogFormat = AccessLogFormat.custom(
  JSON.stringify({
    requestId: '$context.requestId',
    requestTime: '$context.requestTime',
    sourceIp: '$context.identity.sourceIp',
    routeKey: '$context.routeKey',
    status: '$context.status',
    responseLatencyMs: '$context.responseLatency',
    integrationError: '$context.integrationErrorMessage',
  }),
);

/** What the world can reach: the HTTP API and the functions behind it. */
export class ApiStack extends Stack {
  readonly api: HttpApi;
  readonly receiveSignal: DeskFunction;
  readonly queryDesk: DeskFunction;
  readonly queryCandles: DeskFunction;
  readonly queryQuotes: DeskFunction;
  readonly switchRisk: DeskFunction;
  readonly manageOrders: DeskFunction;
  private readonly props: ApiStackProps;

  constructor(scope: Construct, id: string, props: ApiStackProps) {
    super(scope, id, props);
    const { settings, config, data } = props;
    this.props = props;
    const tokens = new SecretGroup(this, 'Tokens', { settings, key: data.key, entries: tokenSecrets(settings) });
    const sources = new SecretGroup(this, 'Sources', {
      settings,
      key: data.key,
      entries: sourceSecrets(settings, config),
    });
    this.receiveSignal = this.createReceiveSignal(sources);
    this.queryDesk = this.createQueryDesk(tokens);
    this.queryCandles = this.createQueryCandles(tokens);
    this.queryQuotes = this.createQueryQuotes(tokens);
    this.switchRisk = this.createSwitchRisk(tokens);
    this.manageOrders = this.createManageOrders(tokens);
    this.api = this.createApi();
    this.createRoutes();
    new CfnOutput(this, 'ApiUrl', { value: this.api.apiEndpoint });
  }

  private createReceiveSignal(sources: SecretGroup): DeskFunction {
    const { settings, artifacts, data, trading } = this.props;
    const fn = new DeskFunction(this, 'ReceiveSignal', {
      settings,
      name: 'receive-signal',
      description: 'Takes a signal: proves the sender, reads it, queues it, answers',
      bundles: artifacts.functions,
      // TradingView hangs up after 3 s, a cold start included, and a start is as fast as its CPU.
      memoryMb: 1_024,
      // Beyond 3 s nobody waits for the answer. The rest lets a signal that is being queued get its row as well.
      timeout: Duration.seconds(5),
      reservedConcurrency: settings.reservedConcurrency?.receiveSignal,
    });
    trading.configuration.grantRead(fn);
    trading.queue.grantSend(fn);
    sources.grantRead(fn);
    data.signals.grantRead(fn);
    data.signals.grantPut(fn);
    data.signals.grantUpdate(fn);
    data.journal.grantPut(fn);
    data.markets.grantRead(fn);
    return fn;
  }

  private createQueryDesk(tokens: SecretGroup): DeskFunction {
    const { settings, artifacts, data, trading } = this.props;
    const fn = new DeskFunction(this, 'QueryDesk', {
      settings,
      name: 'query-desk',
      description: 'Answers what became of signals and orders, and whether the desk is well',
      bundles: artifacts.functions,
      memoryMb: 512,
      timeout: Duration.seconds(10),
    });
    trading.configuration.grantRead(fn);
    trading.queue.grantInspect(fn);
    tokens.grantRead(fn);
    // For what a venue can do; it calls none.
    trading.venues.attachTo(fn);
    const { signals, orders, positions, journal, risk, books, coordination } = data;
    for (const table of [signals, orders, positions, journal, risk, books, coordination]) {
      table.grantRead(fn);
      table.grantInspect(fn);
    }
    risk.grantReadRows(fn);
    return fn;
  }

  private createQueryCandles(tokens: SecretGroup): DeskFunction {
    const { settings, artifacts, data } = this.props;
    const fn = new DeskFunction(this, 'QueryCandles', {
      settings,
      name: 'query-candles',
      description: 'Answers questions about candles, from the table and from the archive',
      bundles: artifacts.functions,
      // A whole core: pages of a hundred thousand candles are unpacked, written as text and compressed.
      memoryMb: 1_769,
      // Below the 30 s that API Gateway waits; a page takes a fraction of a second.
      timeout: Duration.seconds(29),
    });
    tokens.grantRead(fn);
    data.candles.grantRead(fn);
    data.archive.grantRead(fn, ['candles/']);
    return fn;
  }

  private createQueryQuotes(tokens: SecretGroup): DeskFunction {
    const { settings, artifacts, data } = this.props;
    const fn = new DeskFunction(this, 'QueryQuotes', {
      settings,
      name: 'query-quotes',
      description: 'Answers what streams have brought last, and how they are',
      bundles: artifacts.functions,
      // A quote is soon old, and an answer is as fast as its CPU.
      memoryMb: 1_024,
      timeout: Duration.seconds(10),
    });
    tokens.grantRead(fn);
    data.quotes.grantRead(fn);
    data.quotes.grantReadRows(fn);
    return fn;
  }

  private createSwitchRisk(tokens: SecretGroup): DeskFunction {
    const { settings, artifacts, data, trading } = this.props;
    const fn = new DeskFunction(this, 'SwitchRisk', {
      settings,
      name: 'switch-risk',
      description: 'Sets kill switches, and has canceled what is open where it is asked to',
      bundles: artifacts.functions,
      memoryMb: 512,
      // API Gateway waits for 30 s, and the function itself for 27 for what has been canceled.
      timeout: Duration.seconds(29),
    });
    trading.configuration.grantRead(fn);
    tokens.grantRead(fn);
    data.risk.grantRead(fn);
    data.risk.grantUpdate(fn);
    data.journal.grantPut(fn);
    // For the switch of a row that was lost: its chain of events goes on.
    data.journal.grantRead(fn);
    // With no keys and no network of its own, nothing about venues can keep a switch from being set.
    trading.cancelOrders.grantCall(fn, environmentNames.cancelOrdersFunction);
    return fn;
  }

  private createManageOrders(tokens: SecretGroup): DeskFunction {
    const { settings, artifacts, data, trading } = this.props;
    const fn = new DeskFunction(this, 'ManageOrders', {
      settings,
      name: 'manage-orders',
      description: 'Takes what people order, change and cancel themselves, and queues it as signals',
      bundles: artifacts.functions,
      memoryMb: 512,
      timeout: Duration.seconds(10),
    });
    trading.configuration.grantRead(fn);
    trading.queue.grantSend(fn);
    tokens.grantRead(fn);
    data.orders.grantRead(fn);
    data.signals.grantRead(fn);
    data.signals.grantPut(fn);
    data.signals.grantUpdate(fn);
    data.journal.grantPut(fn);
    data.markets.grantRead(fn);
    return fn;
  }

  private createApi(): HttpApi {
    const { settings } = this.props;
    const api = new HttpApi(this, 'Api', {
      apiName: resourceName(settings, 'api'),
      description: `Nightdesk ${settings.stage}`,
      createDefaultStage: false,
    });
    const accessLog = new LogGroup(this, 'AccessLog', {
      logGroupName: `/nightdesk/${settings.stage}/api`,
      retention: settings.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new HttpStage(this, 'Stage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      // Above this the answer is 429, which senders such as TradingView do not resend: wide enough never to be met by
      // honest traffic, low enough to bound what a flood costs.
      throttle: { rateLimit: settings.throttle.requestsPerSecond, burstLimit: settings.throttle.burst },
      accessLogSettings: { destination: new LogGroupLogDestination(accessLog), format: accessLogFormat },
    });
    return api;
  }

  private createRoutes(): void {
    this.route(this.receiveSignal, HttpMethod.POST, ['/signals/{source}/{token}', '/signals/{source}']);
    this.route(this.queryDesk, HttpMethod.GET, [
      '/signals/{signalId}',
      '/orders',
      '/orders/{id}',
      '/orders/{id}/events',
      '/positions',
      '/balances',
      '/pnl',
      '/reconciliation',
      '/risk',
      '/exchanges',
      '/exchanges/{venue}',
      '/health',
    ]);
    this.route(this.queryCandles, HttpMethod.GET, ['/candles', '/candles/coverage']);
    this.route(this.queryQuotes, HttpMethod.GET, ['/quotes', '/streams']);
    this.route(this.switchRisk, HttpMethod.PUT, ['/risk/{account}/switch']);
    this.route(this.manageOrders, HttpMethod.POST, ['/orders']);
    this.route(this.manageOrders, HttpMethod.PATCH, ['/orders/{id}']);
    this.route(this.manageOrders, HttpMethod.DELETE, ['/orders', '/orders/{id}']);
  }

  private route(fn: DeskFunction, method: HttpMethod, paths: string[]): void {
    const integration = new HttpLambdaIntegration(`${fn.name}-integration`, fn.lambda);
    for (const path of paths) {
      for (const route of this.api.addRoutes({ path, methods: [method], integration })) {
        acknowledge(route, {
          'AwsSolutions-APIG4': 'The function authenticates: bearer token, path token or signature.',
        });
      }
    }
  }
}
