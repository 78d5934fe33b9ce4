/** The environment of a task. */
import { defaultRegion, isolatedEnvironment } from '../isolated-environment.ts';
import type { TaskSettings } from './definition.ts';

/**
 * Later groups win: isolation, then what every task of this cloud gets, then the task definition's own variables, then what is said about
 * this machine, then what Fargate defines. Not there, since nothing answers them here: the addresses of a task's metadata and credentials
 * (`ECS_CONTAINER_METADATA_URI_V4`, `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`).
 */
export function buildTaskEnvironment(
  { variables }: Pick<TaskSettings, 'variables'>,
  { shared, overrides }: Readonly<Record<'shared' | 'overrides', Readonly<Record<string, string>>>>,
): Record<string, string> {
  return {
    ...isolatedEnvironment(),
    ...shared,
    ...variables,
    ...overrides,
    AWS_DEFAULT_REGION: variables.AWS_REGION ?? shared.AWS_REGION ?? defaultRegion,
    AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
  };
}
