/** Operations that only read: GetSecretValue, BatchGetSecretValue, DescribeSecret and ListSecrets. */
import type { PropertyReader } from '../property-reader.ts';
import { invalidParameter, SecretsError, versionNotFound } from './errors.ts';
import { findVersion, type Rotation, type Secret } from './secret.ts';
import type { SecretStore } from './store.ts';

const batchIdsMax = 20;
const pageSizeDefault = 100;

export function getSecretValue(input: PropertyReader, store: SecretStore): object {
  const secret = store.findUsable(input.text('SecretId'));
  return describeValue(secret, input.optionalText('VersionId'), input.optionalText('VersionStage'));
}

/** What cannot be read is listed under `Errors` and does not fail the others. */
export function batchGetSecretValue(input: PropertyReader, store: SecretStore): object {
  const ids = input.optionalTexts('SecretIdList');
  const filters = input.optionalChildren('Filters');
  if ((ids === undefined) === (filters === undefined)) {
    throw invalidParameter('Either SecretIdList or Filters must be provided, not both.');
  }
  if (ids !== undefined && ids.length > batchIdsMax) {
    throw invalidParameter(`SecretIdList can have at most ${batchIdsMax} entries.`);
  }
  const { page, nextToken } = paginate(ids ?? selectSecrets(store, filters).map((secret) => secret.arn), input);
  const values: object[] = [];
  const errors: object[] = [];
  for (const id of page) {
    try {
      values.push(describeValue(store.findUsable(id)));
    } catch (error) {
      if (!(error instanceof SecretsError)) throw error;
      errors.push({ SecretId: id, ErrorCode: error.name, Message: error.message });
    }
  }
  return { SecretValues: values, Errors: errors, NextToken: nextToken };
}

export function describeSecret(input: PropertyReader, store: SecretStore): object {
  const secret = store.find(input.text('SecretId'));
  return { ...summarize(secret), VersionIdsToStages: stagesById(secret) };
}

export function listSecrets(input: PropertyReader, store: SecretStore): object {
  const withDeleted = input.optionalBoolean('IncludePlannedDeletion') ?? false;
  const selected = selectSecrets(store, input.optionalChildren('Filters')).filter(
    (secret) => withDeleted || secret.deletion === undefined,
  );
  const newestFirst = input.optionalText('SortOrder') !== 'asc';
  const { page, nextToken } = paginate(newestFirst ? selected.toReversed() : selected, input);
  const list = page.map((secret) => ({ ...summarize(secret), SecretVersionsToStages: stagesById(secret) }));
  return { SecretList: list, NextToken: nextToken };
}

function describeValue(secret: Secret, versionId?: string, stage?: string): object {
  const version = findVersion(secret, versionId, stage);
  if (version.value === undefined)
    throw versionNotFound(stage ? `staging label: ${stage}` : `VersionId: ${version.id}`);
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.id,
    VersionStages: version.stages,
    CreatedDate: toEpochSeconds(version.createdMs),
    ...('text' in version.value ? { SecretString: version.value.text } : { SecretBinary: version.value.base64 }),
  };
}

function summarize(secret: Secret): object {
  return {
    ARN: secret.arn,
    Name: secret.name,
    Description: secret.description,
    KmsKeyId: secret.kmsKeyId,
    Tags: secret.tags,
    CreatedDate: toEpochSeconds(secret.createdMs),
    LastChangedDate: toEpochSeconds(secret.changedMs),
    DeletedDate: secret.deletion && toEpochSeconds(secret.deletion.markedMs),
    ...(secret.rotation && describeRotation(secret.rotation)),
  };
}

function describeRotation({ enabled, functionArn, rules, lastMs, nextMs }: Rotation): object {
  return {
    RotationEnabled: enabled,
    RotationLambdaARN: functionArn,
    RotationRules: rules,
    LastRotatedDate: lastMs && toEpochSeconds(lastMs),
    NextRotationDate: enabled ? toEpochSeconds(nextMs) : undefined,
  };
}

/** Versions without a stage are deprecated and not shown, as in AWS. */
function stagesById(secret: Secret): Record<string, readonly string[]> {
  const staged = secret.versions.filter((version) => version.stages.length > 0);
  return Object.fromEntries(staged.map((version) => [version.id, version.stages]));
}

/** Secrets that match all filters, oldest first. Values match by prefix, and `!` at the start negates. */
function selectSecrets(store: SecretStore, filters: readonly PropertyReader[] = []): readonly Secret[] {
  const matchers = filters.map((filter) => {
    const textsOf = filterTexts(filter.text('Key'));
    const values = filter.optionalTexts('Values') ?? [];
    return (secret: Secret) => values.some((value) => matchesPrefix(textsOf(secret), value));
  });
  return store.all().filter((secret) => matchers.every((matches) => matches(secret)));
}

function filterTexts(key: string): (secret: Secret) => readonly string[] {
  switch (key) {
    case 'name':
      return (secret) => [secret.name];
    case 'description':
      return (secret) => [secret.description ?? ''];
    case 'tag-key':
      return (secret) => secret.tags.map((tag) => tag.Key);
    case 'tag-value':
      return (secret) => secret.tags.map((tag) => tag.Value);
    default:
      throw invalidParameter(`The filter key ${key} is not emulated: use name, description, tag-key or tag-value.`);
  }
}

function matchesPrefix(texts: readonly string[], value: string): boolean {
  if (value.startsWith('!')) return !matchesPrefix(texts, value.slice(1));
  return texts.some((text) => text.startsWith(value));
}

/** The token is the number of entries already given. */
function paginate<Item>(items: readonly Item[], input: PropertyReader): { page: readonly Item[]; nextToken?: string } {
  const start = Number(input.optionalText('NextToken') ?? 0);
  if (!Number.isInteger(start) || start < 0) throw invalidParameter('The parameter NextToken is not valid.');
  const end = start + (input.optionalNumber('MaxResults') ?? pageSizeDefault);
  return { page: items.slice(start, end), ...(end < items.length && { nextToken: String(end) }) };
}

/** AWS's JSON protocol sends times as seconds with a fraction. */
export function toEpochSeconds(timeMs: number): number {
  return timeMs / 1000;
}
