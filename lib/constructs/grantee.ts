import type { EnvironmentName } from '@nightdesk/core';
import type { PolicyStatementProps } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { StageName } from '../config/stage-settings.ts';

/**
 * What runs the desk's code: a function, or a service. It may do nothing but log until a construct grants it more, which takes
 * both of the methods below: the permission, and the variable in which it finds what it may use.
 */
export interface Grantee extends IConstruct {
  /** Also the dimension `service` of the metrics that it writes. */
  readonly name: string;
  readonly stage: StageName;
  /** Adds to its role. For the `grant…` of constructs; a stack calls those instead. */
  allow(statement: PolicyStatementProps): void;
  /** Sets one variable of the contract between infrastructure and code. */
  setEnvironment(name: EnvironmentName, value: string): void;
}
