import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { StageSettings } from '../config/stage-settings.ts';
import type { DeskFunction } from './desk-function.ts';
import { resourceName } from './names.ts';

export interface DeskScheduleProps {
  readonly settings: StageSettings;
  readonly fn: DeskFunction;
  readonly interval: Duration;
}

/** Starts a function at a fixed interval. What was missed is not made up for: the next start does the same work. */
export class DeskSchedule extends Construct {
  constructor(scope: Construct, id: string, { settings, fn, interval }: DeskScheduleProps) {
    super(scope, id);
    const { functionArn } = fn.lambda;
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      description: `Starts ${fn.name}`,
    });
    role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] }));
    const minutes = interval.toMinutes();
    const schedule = new CfnSchedule(this, 'Schedule', {
      name: resourceName(settings, fn.name),
      description: `Starts ${fn.name}`,
      scheduleExpression: `rate(${minutes} ${minutes === 1 ? 'minute' : 'minutes'})`,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: functionArn,
        roleArn: role.roleArn,
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: Duration.minutes(1).toSeconds() },
      },
    });
    // The first start would fail if the permission came later than the schedule.
    schedule.node.addDependency(role);
  }
}
