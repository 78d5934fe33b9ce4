import { environmentNames } from '@nightdesk/core';
import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { FunctionBundles } from '../bundling/bundle-functions.ts';
import type { StageSettings } from '../config/stage-settings.ts';
import type { DeskConfiguration } from './desk-configuration.ts';
import { DeskFunction, type DeskFunctionProps } from './desk-function.ts';
import { DeskSchedule } from './desk-schedule.ts';
import type { DeskTable } from './desk-table.ts';
import type { FixedEgress } from './fixed-egress.ts';
import type { SecretGroup } from './secret-group.ts';
import type { VenueLayer } from './venue-layer.ts';

export interface KeyCareProps {
  readonly settings: StageSettings;
  readonly bundles: FunctionBundles;
  readonly configuration: DeskConfiguration;
  readonly venues: VenueLayer;
  /** Where requests to venues are counted, and keys take turns. */
  readonly coordination: DeskTable;
  /** Keys that are bound to an address are to be tried from that one. */
  readonly egress: FixedEgress | undefined;
  readonly secrets: SecretGroup;
}

/** What replaces trading keys and watches those in use. */
export class KeyCare extends Construct {
  readonly rotateKey: DeskFunction;
  readonly checkKeys: DeskFunction;
  private readonly props: KeyCareProps;

  constructor(scope: Construct, id: string, props: KeyCareProps) {
    super(scope, id);
    this.props = props;
    this.rotateKey = this.create('RotateKey', {
      name: 'rotate-key',
      description: 'Tests a new trading key at its venue and puts it in the place of the one before',
      memoryMb: 1_024,
      timeout: Duration.minutes(1),
    });
    this.checkKeys = this.create('CheckKeys', {
      name: 'check-keys',
      description: 'Asks the venues what the keys in use may do, and tells how old they are',
      memoryMb: 1_024,
      timeout: Duration.minutes(5),
      waitMax: Duration.hours(1),
    });
    props.secrets.rotateBy(this.rotateKey);
    props.secrets.grantRead(this.checkKeys);
    const { settings, configuration } = props;
    const daily = new DeskSchedule(this, 'CheckKeysSchedule', {
      settings,
      fn: this.checkKeys,
      interval: Duration.days(1),
    });
    daily.node.addDependency(configuration);
  }

  private create(id: string, rest: Omit<DeskFunctionProps, 'settings' | 'bundles' | 'egress'>): DeskFunction {
    const { settings, bundles, egress, venues, configuration, coordination } = this.props;
    const fn = new DeskFunction(this, id, { settings, bundles, ...(egress && { egress }), ...rest });
    venues.attachTo(fn);
    configuration.grantRead(fn);
    coordination.grantRead(fn);
    coordination.grantPut(fn);
    fn.setEnvironment(environmentNames.egressName, egress?.address ?? 'shared');
    return fn;
  }
}
