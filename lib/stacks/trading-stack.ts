import { type DeskConfig, environmentNames } from '@nightdesk/core';
import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Artifacts } from '../bundling/artifacts.ts';
import { proxyPortsOf } from '../config/proxy-ports.ts';
import type { StageSettings } from '../config/stage-settings.ts';
import { DeskConfiguration } from '../constructs/desk-configuration.ts';
import { DeskFunction, type DeskFunctionProps } from '../constructs/desk-function.ts';
import { DeskSchedule } from '../constructs/desk-schedule.ts';
import { accountSecrets } from '../constructs/desk-secrets.ts';
import { FixedEgress } from '../constructs/fixed-egress.ts';
import type { Grantee } from '../constructs/grantee.ts';
import { KeyCare } from '../constructs/key-care.ts';
import { leaseRenewal } from '../constructs/lease-renewal.ts';
import { NoticeDelivery } from '../constructs/notice-delivery.ts';
import { Reconciliation } from '../constructs/reconciliation.ts';
import { SecretGroup } from '../constructs/secret-group.ts';
import { SignalsQueue } from '../constructs/signals-queue.ts';
import { VenueLayer } from '../constructs/venue-layer.ts';
import type { DataStack } from './data-stack.ts';

export interface TradingStackProps extends StackProps {
  readonly settings: StageSettings;
  readonly config: DeskConfig;
  readonly artifacts: Artifacts;
  readonly data: DataStack;
}

type VenueFunctionProps = Omit<DeskFunctionProps, 'settings' | 'bundles' | 'egress'>;

/** From the queue to the venues: what executes orders, follows them up and keeps the markets known. */
export class TradingStack extends Stack {
  readonly configuration: DeskConfiguration;
  readonly queue: SignalsQueue;
  readonly executeOrder: DeskFunction;
  readonly trackOrders: DeskFunction;
  readonly cancelOrders: DeskFunction;
  readonly refreshMarkets: DeskFunction;
  readonly probeExchanges: DeskFunction;
  readonly reconciliation: Reconciliation;
  readonly renewLeases: DeskFunction;
  readonly keyCare: KeyCare;
  readonly notices: NoticeDelivery;
  private readonly props: TradingStackProps;
  readonly venues: VenueLayer;
  readonly egress: FixedEgress | undefined;
  private readonly secrets: SecretGroup;

  constructor(scope: Construct, id: string, props: TradingStackProps) {
    super(scope, id, props);
    const { settings, config, artifacts, data } = props;
    this.props = props;
    this.configuration = new DeskConfiguration(this, 'Configuration', {
      ...{ settings, config, configRules: artifacts.configRules },
    });
    this.queue = new SignalsQueue(this, 'Signals', settings);
    this.venues = new VenueLayer(this, 'Venues', artifacts.venueLayer);
    this.egress = settings.fixedEgress ? new FixedEgress(this, 'Egress', proxyPortsOf(config)) : undefined;
    if (this.egress) new CfnOutput(this, 'EgressAddress', { value: this.egress.address });
    this.secrets = new SecretGroup(this, 'TradingSecrets', {
      settings,
      key: data.key,
      entries: accountSecrets(settings, config),
    });
    this.executeOrder = this.createExecuteOrder();
    this.trackOrders = this.createTrackOrders();
    this.cancelOrders = this.createCancelOrders();
    this.refreshMarkets = this.createRefreshMarkets();
    this.probeExchanges = this.createProbeExchanges();
    this.grantMarkets(this.refreshMarkets);
    for (const fn of [this.executeOrder, this.trackOrders, this.cancelOrders]) this.grantTrading(fn);
    this.reconciliation = this.createReconciliation();
    this.renewLeases = this.createVenueFunction('RenewLeases', leaseRenewal);
    this.secrets.grantRead(this.renewLeases);
    this.keyCare = this.createKeyCare(this.secrets);
    this.notices = this.createNotices();
    this.queue.feed(this.executeOrder);
    // A leg whose venue does not answer goes back onto the queue, for an account at another.
    this.queue.grantSend(this.executeOrder);
    // A schedule starts its function as soon as it is made, and the markets would be known an hour later if that failed.
    const schedule = (scheduleId: string, fn: DeskFunction, interval: Duration) =>
      new DeskSchedule(this, scheduleId, { settings, fn, interval }).node.addDependency(this.configuration);
    schedule('TrackOrdersSchedule', this.trackOrders, Duration.minutes(1));
    schedule('RefreshMarketsSchedule', this.refreshMarkets, Duration.hours(1));
    schedule('ProbeExchangesSchedule', this.probeExchanges, Duration.minutes(1));
    schedule('RenewLeasesSchedule', this.renewLeases, Duration.minutes(1));
  }

  private createExecuteOrder(): DeskFunction {
    return this.createVenueFunction('ExecuteOrder', {
      name: 'execute-order',
      description: 'Turns a signal into orders: intent first, then the venue, then what became of it',
      // A whole core, because signing and TLS stand between a signal and its order.
      memoryMb: 1_769,
      // Three venue calls that each run into their timeout, the longest one that exchanges.yaml allows being 8 s.
      timeout: Duration.seconds(30),
      reservedConcurrency: this.props.settings.reservedConcurrency?.executeOrder,
    });
  }

  private createTrackOrders(): DeskFunction {
    return this.createVenueFunction('TrackOrders', {
      name: 'track-orders',
      description: 'Asks the venues about every order that is not final',
      memoryMb: 1_024,
      // Over before the next one starts.
      timeout: Duration.seconds(55),
      waitMax: Duration.minutes(1),
      reservedConcurrency: this.props.settings.reservedConcurrency?.trackOrders,
    });
  }

  private createCancelOrders(): DeskFunction {
    return this.createVenueFunction('CancelOrders', {
      name: 'cancel-orders',
      description: 'Cancels what is open, where the kill switch asks for it',
      // Signing and TLS of many cancels at once, at every venue.
      memoryMb: 1_769,
      // The report is due 25 s after the call of the switch, which waits for two more.
      timeout: Duration.seconds(27),
    });
  }

  private createRefreshMarkets(): DeskFunction {
    return this.createVenueFunction('RefreshMarkets', {
      name: 'refresh-markets',
      description: 'Stores what can be traded at each venue, so that an execution need not ask',
      // Venues list thousands of markets, and answer with megabytes that are parsed whole.
      memoryMb: 1_769,
      timeout: Duration.minutes(5),
      waitMax: Duration.minutes(30),
    });
  }

  private createProbeExchanges(): DeskFunction {
    return this.createVenueFunction('ProbeExchanges', {
      name: 'probe-exchanges',
      description: 'Asks every venue for a sign of life, and writes down how it is',
      memoryMb: 512,
      // All at once, each within the longest timeout that exchanges.yaml allows and the opening of its class.
      timeout: Duration.seconds(30),
      waitMax: Duration.minutes(1),
    });
  }

  private createReconciliation(): Reconciliation {
    const { settings, artifacts, data } = this.props;
    const { configuration, egress } = this;
    const reconciliation = new Reconciliation(this, 'Reconciliation', {
      ...{ settings, bundles: artifacts.functions, configuration, data, egress },
    });
    this.grantVenues(reconciliation.reconcileBalances);
    this.grantTrading(reconciliation.reconcileBalances);
    return reconciliation;
  }

  private createKeyCare(secrets: SecretGroup): KeyCare {
    const { settings, artifacts, data } = this.props;
    const { configuration, venues, egress } = this;
    return new KeyCare(this, 'Keys', {
      settings,
      bundles: artifacts.functions,
      configuration,
      venues,
      coordination: data.coordination,
      egress,
      secrets,
    });
  }

  private createNotices(): NoticeDelivery {
    const { settings, config, artifacts, data } = this.props;
    const { configuration } = this;
    return new NoticeDelivery(this, 'Notices', { settings, config, bundles: artifacts.functions, configuration, data });
  }

  private createVenueFunction(id: string, rest: VenueFunctionProps): DeskFunction {
    const { settings, artifacts } = this.props;
    const fn = new DeskFunction(this, id, { settings, bundles: artifacts.functions, egress: this.egress, ...rest });
    this.grantVenues(fn);
    return fn;
  }

  /** What following orders takes, for a function of another stack, which runs in `egress` and has the venues. */
  grantFollowing(fn: DeskFunction): void {
    this.grantLimits(fn);
    this.grantTrading(fn);
  }

  /** The keys of all accounts. */
  grantAccounts(grantee: Grantee): void {
    this.secrets.grantRead(grantee);
  }

  /** What calling any venue takes, within the limits that all functions share. The function runs in `egress`. */
  private grantVenues(fn: DeskFunction): void {
    this.venues.attachTo(fn);
    this.grantLimits(fn);
  }

  private grantLimits(fn: DeskFunction): void {
    const { coordination } = this.props.data;
    this.configuration.grantRead(fn);
    coordination.grantRead(fn);
    coordination.grantPut(fn);
    // Without an address of its own a function leaves from one of AWS's, which may be the same as another's.
    fn.setEnvironment(environmentNames.egressName, this.egress?.address ?? 'shared');
  }

  /** Also those that place and follow orders: what is not stored yet they ask of the venue, and store. */
  private grantMarkets(fn: DeskFunction): void {
    const { markets } = this.props.data;
    markets.grantRead(fn);
    markets.grantReplace(fn);
  }

  /** What following orders at their venues takes, and writing down what becomes of them: trading keys above all. */
  private grantTrading(fn: DeskFunction): void {
    this.secrets.grantRead(fn);
    this.grantMarkets(fn);
    const { orders, positions, journal, risk, paper, books } = this.props.data;
    for (const table of [orders, positions, risk]) {
      table.grantRead(fn);
      // What lanes that are worked on side by side need at the same moment is read in one request.
      table.grantReadRows(fn);
    }
    for (const table of [orders, positions, journal]) table.grantPut(fn);
    risk.grantUpdate(fn);
    books.grantRead(fn);
    // An account is put whole, and an order's new fills are added to those that are there.
    paper.grantRead(fn);
    paper.grantPut(fn);
    paper.grantUpdate(fn);
  }
}
