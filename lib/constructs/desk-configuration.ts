import {
  type DeskConfig,
  environmentNames,
  type MetricName,
  markChecked,
  metricNames,
  metricNamespace,
  sha256Hex,
  validatorSchema,
} from '@nightdesk/core';
import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import {
  Application,
  ConfigurationContent,
  ConfigurationType,
  DeploymentStrategy,
  Environment,
  HostedConfiguration,
  JsonSchemaValidator,
  Monitor,
  RolloutStrategy,
} from 'aws-cdk-lib/aws-appconfig';
import { Alarm, ComparisonOperator, MathExpression, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { FunctionName } from '../config/functions.ts';
import type { StageSettings } from '../config/stage-settings.ts';
import type { Grantee } from './grantee.ts';
import { resourceName } from './names.ts';
import { acknowledge } from './rules.ts';

export interface DeskConfigurationProps {
  readonly settings: StageSettings;
  /** Checked whole. */
  readonly config: DeskConfig;
  /** The rules it was checked by. */
  readonly configRules: string;
}

/** The owner's `config/*.yaml` as one JSON document in AppConfig, from which functions read it while they run. */
export class DeskConfiguration extends Construct {
  private readonly application: Application;
  private readonly environment: Environment;
  private readonly profile: HostedConfiguration;
  private readonly settings: StageSettings;

  constructor(scope: Construct, id: string, props: DeskConfigurationProps) {
    super(scope, id);
    const { settings, config, configRules } = props;
    this.settings = settings;
    this.application = new Application(this, 'Application', { applicationName: resourceName(settings, 'config') });
    this.environment = new Environment(this, 'Environment', {
      application: this.application,
      environmentName: settings.stage,
      ...(settings.configRollout.bakeMinutes > 0 && { monitors: [Monitor.fromCloudWatchAlarm(this.createAlarm())] }),
    });
    acknowledge(this.environment, {
      'AwsSolutions-IAM5[Resource::*]':
        'AppConfig watches its alarm by this role, which may describe alarms, nothing else.',
    });
    this.profile = new HostedConfiguration(this, 'Desk', {
      application: this.application,
      name: 'desk',
      type: ConfigurationType.FREEFORM,
      content: ConfigurationContent.fromInlineJson(JSON.stringify(markChecked(config, configRules, sha256Hex))),
      // For versions that somebody edits by hand: what comes from here was checked whole before.
      validators: [JsonSchemaValidator.fromInline(JSON.stringify(validatorSchema()))],
      deployTo: [this.environment],
      deploymentStrategy: new DeploymentStrategy(this, 'Rollout', {
        deploymentStrategyName: resourceName(settings, 'config-rollout'),
        rolloutStrategy: RolloutStrategy.linear({
          growthFactor: settings.configRollout.stepPercent,
          deploymentDuration: Duration.minutes(settings.configRollout.minutes),
          finalBakeTime: Duration.minutes(settings.configRollout.bakeMinutes),
        }),
      }),
    });
  }

  /**
   * Rings when signals are not taken or not executed, and takes a configuration back that is being rolled out. An alarm of
   * its own rather than those of the operations stack: that one is made last, and AppConfig wants its alarms first.
   */
  private createAlarm(): Alarm {
    const { stage } = this.settings;
    // By name: the functions are made after what they read.
    const failuresOf = (service: FunctionName, metricName: MetricName) =>
      new Metric({
        namespace: metricNamespace,
        metricName,
        dimensionsMap: { service, stage },
        statistic: Stats.SUM,
        period: Duration.minutes(1),
      });
    return new Alarm(this, 'Failures', {
      alarmName: resourceName(this.settings, 'config-failures'),
      alarmDescription:
        'Takes a configuration back that is being rolled out. See docs/runbook.md, A configuration was taken back',
      metric: new MathExpression({
        expression: 'FILL(deliveries, 0) + FILL(requests, 0)',
        usingMetrics: {
          deliveries: failuresOf('execute-order', metricNames.deliveriesFailed),
          requests: failuresOf('receive-signal', metricNames.requestsFailed),
        },
        period: Duration.minutes(1),
      }),
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  grantRead(grantee: Grantee): void {
    const { applicationId } = this.application;
    const { environmentId } = this.environment;
    const { configurationProfileId } = this.profile;
    grantee.allow({
      actions: ['appconfig:StartConfigurationSession', 'appconfig:GetLatestConfiguration'],
      resources: [
        Stack.of(this).formatArn({
          service: 'appconfig',
          resource: 'application',
          arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
          resourceName: `${applicationId}/environment/${environmentId}/configuration/${configurationProfileId}`,
        }),
      ],
    });
    grantee.setEnvironment(environmentNames.configApplication, applicationId);
    grantee.setEnvironment(environmentNames.configEnvironment, environmentId);
    grantee.setEnvironment(environmentNames.configProfile, configurationProfileId);
    grantee.setEnvironment(environmentNames.configAgeSeconds, String(this.settings.configAgeSeconds));
  }
}
