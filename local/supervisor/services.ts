/** The emulated AWS services behind one endpoint. */
import { environmentNames } from '@nightdesk/core';
import { type AppConfig, createAppConfig } from '../cloud/app-config/app-config.ts';
import { type CloudClock, systemClock } from '../cloud/clock.ts';
import { createDynamoDb, type DynamoDb } from '../cloud/dynamodb/index.ts';
import { createEcs, type Ecs } from '../cloud/ecs/index.ts';
import { createAwsEndpoint } from '../cloud/endpoint.ts';
import type { AwsService } from '../cloud/http.ts';
import { createLambda, type Lambda } from '../cloud/lambda/index.ts';
import type { ResolvedResource } from '../cloud/resolved-resource.ts';
import { createS3, type S3 } from '../cloud/s3/index.ts';
import { createSecrets, type Secrets } from '../cloud/secrets-manager/secrets.ts';
import { createSns, type Sns } from '../cloud/sns/index.ts';
import { createSqs, type Sqs } from '../cloud/sqs/index.ts';
import { bundleCodeCache } from './code-cache.ts';
import { guardedNodeOptions } from './guard.ts';
import type { StatePaths } from './state-directory.ts';

export interface Services {
  clock: CloudClock;
  /** Origin of the endpoint. */
  url: string;
  dynamoDb: DynamoDb;
  sqs: Sqs;
  sns: Sns;
  s3: S3;
  secrets: Secrets;
  /** Starts what needs to know the resources of the template, or the endpoint's address. */
  completeWith(
    app: { resources: readonly ResolvedResource[]; assemblyDirectory: string },
    onFunctionLog: FunctionLog,
  ): { lambda: Lambda; ecs: Ecs; appConfig: AppConfig };
  /** Stops listening and closes what is stored. Lambda and ECS have to be closed before. */
  close(): Promise<void>;
}

/** Takes whole lines of the log of a function or a task. */
export type FunctionLog = (functionName: string, text: string) => void;

export interface ServicesOptions {
  /** Absent keeps everything in memory. */
  paths: StatePaths | undefined;
  log: (message: string) => void;
}

/** Opens the stores and starts to listen on a free loopback port. */
export async function openServices({ paths, log }: ServicesOptions): Promise<Services> {
  const clock = systemClock;
  let url = '';
  const dynamoDb = createDynamoDb({ clock, directory: paths?.dynamoDb });
  const sqs = createSqs({ clock, origin: () => url, ...(paths && { directory: paths.sqs }) });
  const sns = createSns({ clock, log, directory: paths?.sns });
  const s3 = createS3({ clock, log, directory: paths?.s3 });
  const secrets = createSecrets({ clock, log, ...(paths && { directory: paths.secrets }) });
  const late = { appConfig: createLateService('appconfigdata'), lambda: createLateService('lambda') };
  const endpoint = await createAwsEndpoint({
    services: [dynamoDb, s3, sqs, sns, secrets, late.appConfig, late.lambda],
    log,
  });
  url = endpoint.url;
  return {
    ...{ clock, url, dynamoDb, sqs, sns, s3, secrets },
    completeWith({ resources, assemblyDirectory }, onFunctionLog) {
      const appConfig = createAppConfig({ resources, clock });
      late.appConfig.become(appConfig);
      const environment = { ...bundleCodeCache(assemblyDirectory), ...codeEnvironment(url) };
      const placeOf = (folder: 'lambda' | 'ecs') =>
        paths ? { stateDirectory: paths[folder] } : { onLog: onFunctionLog };
      const lambda = createLambda({ clock, environment, ...placeOf('lambda') });
      const ecs = createEcs({ clock, log, environment, overrides: taskOverrides, ...placeOf('ecs') });
      late.lambda.become(lambda.service);
      secrets.rotations.runBy(async (functionName, payload) => {
        const { functionError } = await lambda.invoke({ functionName, payload });
        return { failed: functionError !== undefined };
      });
      return { lambda, ecs, appConfig };
    },
    close: () => endpoint.close(),
  };
}

/** Nobody asks for the health of a task here, and several of them would want the same port. */
const taskOverrides = { [environmentNames.healthPort]: '0' };

/** What sandboxes and tasks get beneath their own variables, beside credentials that are not real. */
function codeEnvironment(url: string): Record<string, string> {
  return { AWS_ENDPOINT_URL: url, NODE_OPTIONS: guardedNodeOptions };
}

/** A place behind the endpoint for a service that can only be made once the endpoint's address is known. */
function createLateService(name: string): AwsService & { become(service: AwsService): void } {
  let actual: AwsService | undefined;
  return {
    name,
    matches: (request) => actual?.matches(request) ?? false,
    handle: (request, response) => actual?.handle(request, response),
    become(service) {
      actual = service;
    },
  };
}
