import { type EnvironmentName, environmentNames } from '@nightdesk/core';
import { type Duration, RemovalPolicy, Size, Stack } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import {
  AwsLogDriverMode,
  Cluster,
  type ContainerDefinition,
  ContainerImage,
  ContainerInsights,
  CpuArchitecture,
  FargateService,
  FargateTaskDefinition,
  type HealthCheck,
  LogDrivers,
  OperatingSystemFamily,
} from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement, type PolicyStatementProps, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { imageCommand, imageDirectory } from '../bundling/bundle-service.ts';
import type { StageName, StageSettings, TaskSize } from '../config/stage-settings.ts';
import type { Grantee } from './grantee.ts';
import { resourceName } from './names.ts';
import { acknowledge } from './rules.ts';
import type { StreamNetwork } from './stream-network.ts';

export interface DeskServiceProps {
  readonly settings: StageSettings;
  /** E.g. `stream`; also the dimension `service` of the metrics that it writes. */
  readonly name: string;
  /** What `bundleService` made. */
  readonly imageFolder: string;
  readonly network: StreamNetwork;
  /** Tasks that run at the same time. */
  readonly tasks: number;
  readonly size: TaskSize;
  /** How long a task may take to hand over and end. */
  readonly stopTimeout: Duration;
  readonly healthCheck: Omit<HealthCheck, 'command'>;
}

/** What ECS keeps of a task's output while CloudWatch does not take it. */
const logBuffer = Size.mebibytes(4);

/**
 * A program that runs all the time, as tasks of Fargate on ARM, with a role and a log group of its own. It may do nothing but log until a
 * construct grants more.
 *
 * What it writes on standard output goes to its log group, where CloudWatch takes metrics out of lines in embedded metric format, as it
 * does for functions (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format.html).
 */
export class DeskService extends Construct implements Grantee {
  readonly name: string;
  readonly stage: StageName;
  /** That run at the same time. */
  readonly tasks: number;
  readonly service: FargateService;
  private readonly role: Role;
  private readonly container: ContainerDefinition;

  constructor(scope: Construct, id: string, props: DeskServiceProps) {
    super(scope, id);
    const { settings, name } = props;
    this.name = name;
    this.stage = settings.stage;
    this.tasks = props.tasks;
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      description: `What ${name} may do`,
    });
    const definition = this.createDefinition(props);
    this.container = this.createContainer(definition, props);
    this.service = this.createService(definition, props);
    this.setEnvironment(environmentNames.stage, settings.stage);
    this.setEnvironment(environmentNames.liveTrading, settings.liveTrading ? 'on' : 'off');
    this.setEnvironment(environmentNames.venuesDirectory, `${imageDirectory}/venues`);
  }

  allow(statement: PolicyStatementProps): void {
    this.role.addToPolicy(new PolicyStatement(statement));
  }

  setEnvironment(name: EnvironmentName, value: string): void {
    this.container.addEnvironment(name, value);
  }

  private createDefinition({ settings, name, size }: DeskServiceProps): FargateTaskDefinition {
    const definition = new FargateTaskDefinition(this, 'Task', {
      family: resourceName(settings, name),
      cpu: size.cpuUnits,
      memoryLimitMiB: size.memoryMb,
      // A fifth cheaper than x86 for the same speed, and nothing here is native code.
      runtimePlatform: { cpuArchitecture: CpuArchitecture.ARM64, operatingSystemFamily: OperatingSystemFamily.LINUX },
      taskRole: this.role,
    });
    acknowledge(definition, {
      'AwsSolutions-ECS2': 'What is set there are names of tables and queues; secrets are read from Secrets Manager.',
    });
    acknowledge(definition.obtainExecutionRole(), {
      'AwsSolutions-IAM5[Resource::*]':
        'ECR gives the token to pull any image on "*" only; which images is said beside it.',
    });
    return definition;
  }

  private createContainer(definition: FargateTaskDefinition, props: DeskServiceProps): ContainerDefinition {
    const { settings, name, imageFolder, stopTimeout, healthCheck } = props;
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/nightdesk/${settings.stage}/${name}`,
      retention: settings.logRetentionDays,
      // Logs hold nothing that the journal does not, so they may go with the stack.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return definition.addContainer('Container', {
      containerName: name,
      image: ContainerImage.fromAsset(imageFolder, { platform: Platform.LINUX_ARM64 }),
      // As in the image. Said here as well for whoever runs the folder without building one.
      command: [...imageCommand],
      workingDirectory: imageDirectory,
      // Set by Fargate too; here so that it holds wherever the folder runs.
      environment: { AWS_REGION: Stack.of(this).region },
      readonlyRootFilesystem: true,
      stopTimeout,
      healthCheck: { command: ['CMD', ...imageCommand, '--health'], ...healthCheck },
      // The service must not stand still because its log is not taken.
      logging: LogDrivers.awsLogs({
        ...{ logGroup, streamPrefix: 'task', mode: AwsLogDriverMode.NON_BLOCKING, maxBufferSize: logBuffer },
      }),
    });
  }

  private createService(taskDefinition: FargateTaskDefinition, props: DeskServiceProps): FargateService {
    const { settings, name, network, tasks } = props;
    const cluster = new Cluster(this, 'Cluster', {
      clusterName: resourceName(settings, name),
      vpc: network.vpc,
      containerInsightsV2: ContainerInsights.DISABLED,
    });
    acknowledge(cluster, {
      'AwsSolutions-ECS4': 'The service tells its own figures, and ECS those of memory and CPU without paid insights.',
    });
    const service = new FargateService(this, 'Service', {
      serviceName: resourceName(settings, name),
      cluster,
      taskDefinition,
      desiredCount: tasks,
      // A deployment starts the new tasks first, which take the work over before the old ones are asked to end.
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      circuitBreaker: { rollback: true },
      enableExecuteCommand: false,
      assignPublicIp: network.hasPublicAddresses,
      vpcSubnets: network.subnets,
      securityGroups: [network.securityGroup],
    });
    // The first task would fail to get its image if the way out came later.
    service.node.addDependency(network);
    return service;
  }
}
