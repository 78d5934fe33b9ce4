import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  RotateSecretCommand,
  SecretsManagerClient,
  type SecretsManagerClientConfig,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { type SecretStage, SecretUnavailableError, type SecretVersion, type SecretVersions } from '@nightdesk/core';
import { clientOptions } from './clients.ts';

/** @param config where Secrets Manager is, for who does not run on Lambda */
export const createSecretsManagerClient = (config: SecretsManagerClientConfig = {}): SecretsManagerClient =>
  new SecretsManagerClient({ ...clientOptions(), ...config });

/** The versions of secrets in Secrets Manager, none of them cached. */
export function createSecretVersions(client: SecretsManagerClient): SecretVersions {
  return {
    describe: async (secretId) => {
      const { Name = secretId, VersionIdsToStages = {} } = await client
        .send(new DescribeSecretCommand({ SecretId: secretId }))
        .catch(refuse(secretId));
      return { name: Name, stages: new Map(Object.entries(VersionIdsToStages)) };
    },
    read: (secretId, stage, versionId) => read(client, { secretId, stage, versionId }),
    async put(secretId, { value, stage, versionId }) {
      const command = new PutSecretValueCommand({
        ...{ SecretId: secretId, SecretString: value, VersionStages: [stage] },
        ...(versionId !== undefined && { ClientRequestToken: versionId }),
      });
      await client.send(command).catch(refuse(secretId));
    },
    async moveStage(secretId, stage, { from, to }) {
      const command = new UpdateSecretVersionStageCommand({
        ...{ SecretId: secretId, VersionStage: stage },
        ...(from !== undefined && { RemoveFromVersionId: from }),
        ...(to !== undefined && { MoveToVersionId: to }),
      });
      await client.send(command).catch(refuse(secretId));
    },
    async rotate(secretId) {
      await client.send(new RotateSecretCommand({ SecretId: secretId })).catch(refuse(secretId));
    },
  };
}

async function read(
  client: SecretsManagerClient,
  { secretId, stage, versionId }: { secretId: string; stage: SecretStage; versionId: string | undefined },
): Promise<SecretVersion | undefined> {
  const command = new GetSecretValueCommand({
    ...{ SecretId: secretId, VersionStage: stage },
    ...(versionId !== undefined && { VersionId: versionId }),
  });
  const answer = await client.send(command).catch((error: unknown) => {
    // Both a secret that is not there and a version that is not there, or that has no value yet, answer this.
    if (error instanceof ResourceNotFoundException) return undefined;
    return refuse(secretId)(error);
  });
  const { SecretString: value, VersionId, CreatedDate } = answer ?? {};
  if (value === undefined || VersionId === undefined || CreatedDate === undefined) return undefined;
  return { id: VersionId, value, createdAtMs: CreatedDate.getTime() };
}

/** The SDK's own message may quote the request; only its class is told. */
const refuse =
  (secretId: string) =>
  (error: unknown): never => {
    throw new SecretUnavailableError(secretId, error instanceof Error ? error.name : 'cannot be used');
  };
