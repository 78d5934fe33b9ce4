import { type EnvironmentName, environmentNames } from '@nightdesk/core';
import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, type PolicyStatementProps, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { FunctionBundles } from '../bundling/bundle-functions.ts';
import type { FunctionName } from '../config/functions.ts';
import type { StageName, StageSettings } from '../config/stage-settings.ts';
import type { FixedEgress } from './fixed-egress.ts';
import type { Grantee } from './grantee.ts';
import { resourceName } from './names.ts';
import { acknowledge } from './rules.ts';

export interface DeskFunctionProps {
  readonly settings: StageSettings;
  readonly name: FunctionName;
  readonly description: string;
  readonly bundles: FunctionBundles;
  /** CPU comes with memory: 1,769 MB are one core. */
  readonly memoryMb: number;
  readonly timeout: Duration;
  readonly reservedConcurrency?: number;
  /** Where its calls leave from; absent is Lambda's own, changing addresses. */
  readonly egress?: FixedEgress;
  /**
   * For functions that a schedule starts: how old an invocation may be that still waits for its turn. Such invocations
   * are not retried, because the next one does the same work.
   */
  readonly waitMax?: Duration;
}

/** One Lambda function with a role and a log group of its own. It may do nothing but log until a construct grants more. */
export class DeskFunction extends Construct implements Grantee {
  readonly name: FunctionName;
  readonly stage: StageName;
  readonly timeout: Duration;
  readonly lambda: LambdaFunction;
  readonly logGroup: LogGroup;
  private readonly role: Role;

  constructor(scope: Construct, id: string, props: DeskFunctionProps) {
    super(scope, id);
    const { settings, name, egress } = props;
    this.name = name;
    this.stage = props.settings.stage;
    this.timeout = props.timeout;
    this.logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/nightdesk/${settings.stage}/${name}`,
      retention: settings.logRetentionDays,
      // Logs hold nothing that the journal does not, so they may go with the stack.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `What ${name} may do`,
    });
    this.allow({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [this.logGroup.logGroupArn] });
    egress?.allow(this);
    this.lambda = new LambdaFunction(this, 'Function', {
      functionName: resourceName(settings, name),
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      // A fifth cheaper than x86 for the same speed, and nothing here is native code.
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(props.bundles[name]),
      handler: 'index.handler',
      memorySize: props.memoryMb,
      timeout: props.timeout,
      role: this.role,
      logGroup: this.logGroup,
      tracing: settings.tracing ? Tracing.ACTIVE : Tracing.DISABLED,
      ...(props.reservedConcurrency && { reservedConcurrentExecutions: props.reservedConcurrency }),
      ...(props.waitMax && { retryAttempts: 0, maxEventAge: props.waitMax }),
      ...egress?.placement,
    });
    if (settings.tracing) {
      acknowledge(this.role, { 'AwsSolutions-IAM5[Resource::*]': 'X-Ray takes trace segments on "*" only.' });
    }
    this.setEnvironment(environmentNames.stage, settings.stage);
    this.setEnvironment(environmentNames.liveTrading, settings.liveTrading ? 'on' : 'off');
  }

  /** Lets another call this function, and tells it where it is. */
  grantCall(caller: Grantee, environmentName: EnvironmentName): void {
    caller.allow({ actions: ['lambda:InvokeFunction'], resources: [this.lambda.functionArn] });
    caller.setEnvironment(environmentName, this.lambda.functionName);
  }

  allow(statement: PolicyStatementProps): void {
    this.role.addToPolicy(new PolicyStatement(statement));
  }

  setEnvironment(name: EnvironmentName, value: string): void {
    this.lambda.addEnvironment(name, value);
  }
}
