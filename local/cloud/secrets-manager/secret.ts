/** One secret: its versions and the staging labels on them. Changes are made by pure functions. */
import { invalidParameter, SecretsError, versionNotFound } from './errors.ts';

export interface SecretVersion {
  readonly id: string;
  /** Absent on the version that a rotation has only just made. */
  readonly value?: SecretValue | undefined;
  readonly stages: readonly string[];
  /** Epoch milliseconds. */
  readonly createdMs: number;
}

/** Exactly one of the two; the binary form is base64. */
export type SecretValue = { readonly text: string } | { readonly base64: string };

export interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly description: string | undefined;
  readonly kmsKeyId: string | undefined;
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
  readonly createdMs: number;
  readonly changedMs: number;
  /** When the secret was marked for deletion and when it goes for good; `undefined` while it is in use. */
  readonly deletion: { readonly markedMs: number; readonly purgeMs: number } | undefined;
  /** Oldest first. */
  readonly versions: readonly SecretVersion[];
  /** Hash of the value a template gave, by which a changed template is told from a restart. */
  readonly templateHash: string | undefined;
  readonly rotation?: Rotation | undefined;
}

/** By which function a secret is rotated, and when. */
export interface Rotation {
  readonly enabled: boolean;
  readonly functionArn: string;
  readonly everyMs: number;
  /** The rules as they were given, to be told again. */
  readonly rules: { readonly AutomaticallyAfterDays?: number; readonly ScheduleExpression?: string };
  readonly lastMs?: number;
  readonly nextMs: number;
}

export const currentStage = 'AWSCURRENT';
export const pendingStage = 'AWSPENDING';
const previousStage = 'AWSPREVIOUS';

/** AWS drops versions without a label beyond this number. */
const versionsMax = 100;

/** The version with an id, a stage, or both; without either the current one. @throws SecretsError */
export function findVersion(secret: Secret, versionId: string | undefined, stage: string | undefined): SecretVersion {
  const byId = versionId === undefined ? undefined : secret.versions.find((version) => version.id === versionId);
  if (versionId !== undefined && byId === undefined) throw versionNotFound(`VersionId: ${versionId}`);
  if (byId !== undefined && (stage === undefined || byId.stages.includes(stage))) return byId;
  if (byId !== undefined) {
    throw new SecretsError(
      'InvalidRequestException',
      'You provided a VersionStage that is not associated to the VersionId',
    );
  }
  const wanted = stage ?? currentStage;
  const byStage = secret.versions.find((version) => version.stages.includes(wanted));
  if (byStage === undefined) throw versionNotFound(`staging label: ${wanted}`);
  return byStage;
}

/**
 * Adds a version with its stages. The same id and value again changes nothing, as the SDK repeats a call whose answer
 * it lost; a version that a rotation made without a value takes it. The first version of a secret is current whatever its
 * stages.
 * @throws SecretsError when the id belongs to another value.
 */
export function addVersion(
  secret: Secret,
  version: Omit<SecretVersion, 'stages'>,
  stages: readonly string[] = [currentStage],
): Secret {
  const existing = secret.versions.find((each) => each.id === version.id);
  if (existing !== undefined && existing.value !== undefined) {
    if (JSON.stringify(existing.value) === JSON.stringify(version.value)) return secret;
    throw new SecretsError(
      'ResourceExistsException',
      `You can't use ClientRequestToken ${version.id} because that value is already in use for a version of secret ${secret.arn}.`,
    );
  }
  const others = secret.versions.filter(({ id }) => id !== version.id);
  const versions = [...others, { ...version, stages: existing?.stages ?? [] }];
  const wanted = new Set(secret.versions.length === 0 ? [...stages, currentStage] : stages);
  let staged: Secret = { ...secret, changedMs: version.createdMs, versions };
  for (const stage of wanted) staged = moveStage(staged, stage, version.id);
  return { ...staged, versions: dropOldest(staged.versions) };
}

/**
 * Puts a stage on one version and takes it off every other; `undefined` takes it off all. When the current stage
 * moves, the version that loses it becomes the previous one.
 */
export function moveStage(secret: Secret, stage: string, toVersionId: string | undefined): Secret {
  const fromVersionId = secret.versions.find((version) => version.stages.includes(stage))?.id;
  if (fromVersionId === toVersionId) return secret;
  const versions = secret.versions.map((version) => {
    const others = version.stages.filter((each) => each !== stage);
    return { ...version, stages: version.id === toVersionId ? [...others, stage] : others };
  });
  const moved = { ...secret, versions };
  return stage === currentStage && fromVersionId !== undefined ? moveStage(moved, previousStage, fromVersionId) : moved;
}

/**
 * `UpdateSecretVersionStage`: the caller has to name the version that loses the stage, so that two callers cannot
 * both move it from a state they have not seen.
 * @throws SecretsError
 */
export function changeStage(
  secret: Secret,
  stage: string,
  { from, to }: { from: string | undefined; to: string | undefined },
): Secret {
  for (const id of [from, to]) if (id !== undefined) findVersion(secret, id, undefined);
  const holder = secret.versions.find((version) => version.stages.includes(stage))?.id;
  if (holder !== from && holder !== to) {
    throw invalidParameter(
      `The parameter RemoveFromVersionId must name the version that staging label ${stage} is attached to: ${holder ?? 'none'}.`,
    );
  }
  if (stage === currentStage && to === undefined) {
    throw invalidParameter(`The staging label ${currentStage} can only be moved to another version, not removed.`);
  }
  return moveStage(secret, stage, to);
}

function dropOldest(versions: readonly SecretVersion[]): readonly SecretVersion[] {
  let excess = versions.length - versionsMax;
  return versions.filter((version) => version.stages.length > 0 || excess-- <= 0);
}
