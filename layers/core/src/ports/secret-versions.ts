/** The versions of one secret, and the stages by which they are told apart. For who replaces keys; all others use `Secrets`. */

export const secretStages = {
  current: 'AWSCURRENT',
  /** On the version that a rotation is testing. Only a rotation puts it on one. */
  pending: 'AWSPENDING',
  /** Nightdesk's own: on a key that its owner has put there for the next rotation. */
  next: 'NEXT',
} as const;
export type SecretStage = (typeof secretStages)[keyof typeof secretStages];

export interface SecretVersion {
  id: string;
  value: string;
  /** When it was put there; UTC epoch milliseconds. */
  createdAtMs: number;
}

/** Each call names a secret by its name or its ARN. @throws SecretUnavailableError naming the secret, never a value. */
export interface SecretVersions {
  describe(secretId: string): Promise<{ name: string; stages: ReadonlyMap<string, readonly string[]> }>;
  /** `undefined` where no version has the stage, or the one that has it holds no text. */
  read(secretId: string, stage: SecretStage, versionId?: string): Promise<SecretVersion | undefined>;
  /** @param version.versionId makes a repetition of the same call harmless */
  put(secretId: string, version: { value: string; stage: SecretStage; versionId?: string }): Promise<void>;
  /** Takes a stage off one version, or puts it on another. */
  moveStage(secretId: string, stage: SecretStage, move: { from?: string; to?: string }): Promise<void>;
  /** Starts a rotation, which goes on by itself. */
  rotate(secretId: string): Promise<void>;
}
