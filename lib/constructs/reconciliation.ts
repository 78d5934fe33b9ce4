import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { FunctionBundles } from '../bundling/bundle-functions.ts';
import type { StageSettings } from '../config/stage-settings.ts';
import type { DataStack } from '../stacks/data-stack.ts';
import type { DeskConfiguration } from './desk-configuration.ts';
import { DeskFunction } from './desk-function.ts';
import { DeskSchedule } from './desk-schedule.ts';
import type { FixedEgress } from './fixed-egress.ts';
import { ReconciliationQueue } from './reconciliation-queue.ts';

export interface ReconciliationProps {
  readonly settings: StageSettings;
  readonly bundles: FunctionBundles;
  readonly configuration: DeskConfiguration;
  readonly data: DataStack;
  /** Keys may be bound to an address. */
  readonly egress: FixedEgress | undefined;
}

/**
 * What compares the desk's records with what the venues say, account by account, every minute. Whoever makes it grants
 * `reconcileBalances` what calling venues and following orders takes.
 */
export class Reconciliation extends Construct {
  readonly queue: ReconciliationQueue;
  readonly planReconciliations: DeskFunction;
  readonly reconcileBalances: DeskFunction;
  private readonly props: ReconciliationProps;

  constructor(scope: Construct, id: string, props: ReconciliationProps) {
    super(scope, id);
    this.props = props;
    this.queue = new ReconciliationQueue(this, 'Accounts', props.settings);
    this.planReconciliations = this.createPlanner();
    this.reconcileBalances = this.createReconciler();
    const { settings, configuration } = props;
    const everyMinute = new DeskSchedule(this, 'PlanReconciliationsSchedule', {
      settings,
      fn: this.planReconciliations,
      interval: Duration.minutes(1),
    });
    everyMinute.node.addDependency(configuration);
    this.queue.feed(this.reconcileBalances);
  }

  private createPlanner(): DeskFunction {
    const { settings, bundles, configuration, data } = this.props;
    const fn = new DeskFunction(this, 'PlanReconciliations', {
      settings,
      bundles,
      name: 'plan-reconciliations',
      description: 'Has every account reconciled, sums up what the desk is worth, and tells of configuration changes',
      memoryMb: 512,
      // Over before the next one starts.
      timeout: Duration.seconds(30),
      waitMax: Duration.minutes(1),
    });
    configuration.grantRead(fn);
    this.queue.grantSend(fn);
    data.risk.grantRead(fn);
    data.risk.grantUpdate(fn);
    data.journal.grantRead(fn);
    data.journal.grantPut(fn);
    return fn;
  }

  private createReconciler(): DeskFunction {
    const { settings, bundles, egress, data } = this.props;
    const fn = new DeskFunction(this, 'ReconcileBalances', {
      settings,
      bundles,
      ...(egress && { egress }),
      name: 'reconcile-balances',
      description: 'Asks the venue of an account what it has, and compares that with the records of the desk',
      memoryMb: 1_024,
      // Over before the account's next look, which so never waits for longer than that.
      timeout: Duration.seconds(55),
      reservedConcurrency: settings.reservedConcurrency?.reconcileBalances,
    });
    data.books.grantPut(fn);
    return fn;
  }
}
