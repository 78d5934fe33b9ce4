/** AWS Secrets Manager, as far as a desk and its operators use it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { localPlace } from '../../assembly/pseudo-parameters.ts';
import type { CloudClock } from '../clock.ts';
import { type AwsService, jsonTarget, readBody, sendJson, sendJsonError } from '../http.ts';
import { PropertyError, type PropertyReader, readJsonObject } from '../property-reader.ts';
import type { ResolvedResource } from '../resolved-resource.ts';
import { SecretsError } from './errors.ts';
import { createRandomInteger } from './random.ts';
import * as read from './read-operations.ts';
import { createRotations, type Rotations } from './rotations.ts';
import { openSecretStore, type SecretStore } from './store.ts';
import { defineTemplateSecret } from './template-secret.ts';
import * as write from './write-operations.ts';

export interface SecretsOptions {
  readonly clock: CloudClock;
  readonly log: (message: string) => void;
  /** Where secrets are kept, readable by the owner only; absent keeps them in memory. */
  readonly directory?: string;
  /** Makes ARN suffixes and generated passwords the same in every run. For tests only. */
  readonly seed?: string;
}

export interface Secrets extends AwsService {
  /**
   * Creates or updates the secret of a resolved `AWS::SecretsManager::Secret`.
   * @throws Error naming the property that is wrong.
   */
  defineSecret(resource: ResolvedResource): { readonly arn: string; readonly name: string };
  readonly rotations: Pick<Rotations, 'define' | 'runBy' | 'settled'>;
}

const contentType = 'application/x-amz-json-1.1';
const arnSuffixLength = 6;
const arnSuffixCharacters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

const reads: Readonly<Record<string, (input: PropertyReader, store: SecretStore) => object>> = {
  GetSecretValue: read.getSecretValue,
  BatchGetSecretValue: read.batchGetSecretValue,
  DescribeSecret: read.describeSecret,
  ListSecrets: read.listSecrets,
};

const writes: Readonly<Record<string, (input: PropertyReader, context: write.WriteContext) => object>> = {
  CreateSecret: write.createSecret,
  PutSecretValue: write.putSecretValue,
  UpdateSecret: write.updateSecret,
  UpdateSecretVersionStage: write.updateSecretVersionStage,
  DeleteSecret: write.deleteSecret,
  RestoreSecret: write.restoreSecret,
};

export function createSecrets({ clock, log, directory, seed }: SecretsOptions): Secrets {
  const store = openSecretStore(directory, clock);
  const random = createRandomInteger(seed);
  const rotations = createRotations({ store, clock, log });

  function mintArn(name: string): string {
    const suffix = Array.from(
      { length: arnSuffixLength },
      () => arnSuffixCharacters[random(arnSuffixCharacters.length)],
    );
    const { partition, region, accountId } = localPlace;
    return `arn:${partition}:secretsmanager:${region}:${accountId}:secret:${name}-${suffix.join('')}`;
  }

  /** `undefined` for an operation that is not emulated. */
  function run(operation: string, input: PropertyReader): object | undefined {
    if (operation === 'RotateSecret') return rotations.rotate(input);
    if (operation === 'CancelRotateSecret') return rotations.cancel(input);
    return reads[operation]?.(input, store) ?? writes[operation]?.(input, { store, nowMs: clock.nowMs(), mintArn });
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const operation = jsonTarget(request)?.operation ?? '';
    try {
      const result = run(operation, readJsonObject(operation, (await readBody(request)).toString()));
      if (result !== undefined) return sendJson(response, { status: 200, body: result, contentType });
      log(`secretsmanager: NOT EMULATED: ${operation}`);
      sendJsonError(response, {
        status: 400,
        type: 'UnknownOperationException',
        message: `${operation} is not emulated locally`,
      });
    } catch (error) {
      if (error instanceof SecretsError)
        return sendJsonError(response, { status: 400, type: error.name, message: error.message });
      if (error instanceof PropertyError)
        return sendJsonError(response, { status: 400, type: 'ValidationException', message: error.message });
      throw error;
    }
  }

  return {
    name: 'secretsmanager',
    matches: (request) => jsonTarget(request)?.prefix === 'secretsmanager',
    handle,
    rotations,
    defineSecret(resource) {
      const { arn, name } = defineTemplateSecret(resource, { store, nowMs: clock.nowMs(), mintArn, random });
      return { arn, name };
    },
  };
}
