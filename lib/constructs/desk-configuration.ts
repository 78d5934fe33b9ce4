import { configDocuments, type DeskConfig, environmentNames } from '@nightdesk/core';
import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import {
  Application,
  ConfigurationContent,
  ConfigurationType,
  DeploymentStrategy,
  Environment,
  HostedConfiguration,
  JsonSchemaValidator,
  RolloutStrategy,
} from 'aws-cdk-lib/aws-appconfig';
import { Construct } from 'constructs';
import type { StageSettings } from '../config/stage-settings.ts';
import type { DeskFunction } from './desk-function.ts';
import { resourceName } from './names.ts';

/** Refuses a version that somebody edits by hand into something else altogether; the functions check all the rest. */
const outline = JSON.stringify({
  $schema: 'http://json-schema.org/draft-04/schema#',
  type: 'object',
  required: configDocuments,
  properties: Object.fromEntries(configDocuments.map((name) => [name, { type: 'object' }])),
  additionalProperties: false,
});

/** The owner's `config/*.yaml` as one JSON document in AppConfig, from which functions read it while they run. */
export class DeskConfiguration extends Construct {
  private readonly application: Application;
  private readonly environment: Environment;
  private readonly profile: HostedConfiguration;
  private readonly settings: StageSettings;

  constructor(scope: Construct, id: string, props: { settings: StageSettings; config: DeskConfig }) {
    super(scope, id);
    const { settings, config } = props;
    this.settings = settings;
    this.application = new Application(this, 'Application', { applicationName: resourceName(settings, 'config') });
    this.environment = new Environment(this, 'Environment', {
      application: this.application,
      environmentName: settings.stage,
    });
    this.profile = new HostedConfiguration(this, 'Desk', {
      application: this.application,
      name: 'desk',
      type: ConfigurationType.FREEFORM,
      content: ConfigurationContent.fromInlineJson(JSON.stringify(config)),
      validators: [JsonSchemaValidator.fromInline(outline)],
      deployTo: [this.environment],
      // At once and done: the document was checked whole before it got here, and limits that were lowered should hold now.
      deploymentStrategy: new DeploymentStrategy(this, 'AtOnce', {
        deploymentStrategyName: resourceName(settings, 'at-once'),
        rolloutStrategy: RolloutStrategy.linear({
          growthFactor: 100,
          deploymentDuration: Duration.minutes(0),
          finalBakeTime: Duration.minutes(0),
        }),
      }),
    });
  }

  grantRead(fn: DeskFunction): void {
    const { applicationId } = this.application;
    const { environmentId } = this.environment;
    const { configurationProfileId } = this.profile;
    fn.allow({
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
    fn.setEnvironment(environmentNames.configApplication, applicationId);
    fn.setEnvironment(environmentNames.configEnvironment, environmentId);
    fn.setEnvironment(environmentNames.configProfile, configurationProfileId);
    fn.setEnvironment(environmentNames.configAgeSeconds, String(this.settings.configAgeSeconds));
  }
}
