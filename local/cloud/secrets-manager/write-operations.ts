/** Operations that change secrets. */
import type { PropertyReader } from '../property-reader.ts';
import { invalidParameter, SecretsError } from './errors.ts';
import { readName, readTags, readValue, readValueToStore, readVersionId } from './input.ts';
import { toEpochSeconds } from './read-operations.ts';
import { addVersion, changeStage, type Secret } from './secret.ts';
import type { SecretStore } from './store.ts';

/** What an operation may use besides its input. */
export interface WriteContext {
  readonly store: SecretStore;
  readonly nowMs: number;
  /** Makes the ARN of a new secret, with its random suffix. */
  readonly mintArn: (name: string) => string;
}

const recoveryDays = { min: 7, max: 30, default: 30 };
const dayMs = 86_400_000;

export function createSecret(input: PropertyReader, { store, nowMs, mintArn }: WriteContext): object {
  const name = readName(input);
  if (store.has(name)) throw nameTaken(store.find(name));
  const secret: Secret = {
    arn: mintArn(name),
    name,
    description: input.optionalText('Description'),
    kmsKeyId: input.optionalText('KmsKeyId'),
    tags: readTags(input) ?? [],
    createdMs: nowMs,
    changedMs: nowMs,
    deletion: undefined,
    versions: [],
    templateHash: undefined,
  };
  const value = readValue(input);
  const id = readVersionId(input);
  store.save(value === undefined ? secret : addVersion(secret, { id, value, createdMs: nowMs }));
  return { ARN: secret.arn, Name: name, VersionId: value && id };
}

export function putSecretValue(input: PropertyReader, { store, nowMs }: WriteContext): object {
  const secret = store.findUsable(input.text('SecretId'));
  const version = { id: readVersionId(input), value: readValueToStore(input), createdMs: nowMs };
  const changed = addVersion(secret, version, input.optionalTexts('VersionStages'));
  store.save(changed);
  const stages = changed.versions.find((each) => each.id === version.id)?.stages;
  return { ARN: secret.arn, Name: secret.name, VersionId: version.id, VersionStages: stages };
}

export function updateSecret(input: PropertyReader, { store, nowMs }: WriteContext): object {
  const secret = store.findUsable(input.text('SecretId'));
  const described: Secret = {
    ...secret,
    description: input.optionalText('Description') ?? secret.description,
    kmsKeyId: input.optionalText('KmsKeyId') ?? secret.kmsKeyId,
    changedMs: nowMs,
  };
  const value = readValue(input);
  const id = readVersionId(input);
  store.save(value === undefined ? described : addVersion(described, { id, value, createdMs: nowMs }));
  return { ARN: secret.arn, Name: secret.name, VersionId: value && id };
}

export function updateSecretVersionStage(input: PropertyReader, { store, nowMs }: WriteContext): object {
  const secret = store.findUsable(input.text('SecretId'));
  const move = { from: input.optionalText('RemoveFromVersionId'), to: input.optionalText('MoveToVersionId') };
  store.save({ ...changeStage(secret, input.text('VersionStage'), move), changedMs: nowMs });
  return { ARN: secret.arn, Name: secret.name };
}

export function deleteSecret(input: PropertyReader, { store, nowMs }: WriteContext): object {
  const secret = store.findUsable(input.text('SecretId'));
  const days = input.optionalNumber('RecoveryWindowInDays');
  if (input.optionalBoolean('ForceDeleteWithoutRecovery')) {
    if (days !== undefined) {
      throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
    }
    store.remove(secret);
    return { ARN: secret.arn, Name: secret.name, DeletionDate: toEpochSeconds(nowMs) };
  }
  if (days !== undefined && (days < recoveryDays.min || days > recoveryDays.max)) {
    throw invalidParameter(`RecoveryWindowInDays must be from ${recoveryDays.min} to ${recoveryDays.max}.`);
  }
  const purgeMs = nowMs + (days ?? recoveryDays.default) * dayMs;
  store.save({ ...secret, deletion: { markedMs: nowMs, purgeMs } });
  return { ARN: secret.arn, Name: secret.name, DeletionDate: toEpochSeconds(purgeMs) };
}

export function restoreSecret(input: PropertyReader, { store }: WriteContext): object {
  const secret = store.find(input.text('SecretId'));
  store.save({ ...secret, deletion: undefined });
  return { ARN: secret.arn, Name: secret.name };
}

function nameTaken(existing: Secret): SecretsError {
  return existing.deletion === undefined
    ? new SecretsError(
        'ResourceExistsException',
        `The operation failed because the secret ${existing.name} already exists.`,
      )
    : new SecretsError(
        'InvalidRequestException',
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
      );
}
