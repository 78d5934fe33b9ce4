import { GetSecretValueCommand, paginateListSecrets, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

/** Every value that a running desk keeps secret: tokens, signing secrets, keys at venues. */
export async function readSecretValues(aws: string): Promise<string[]> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new SecretsManagerClient({ endpoint: aws, region: 'us-east-1', credentials });
  const values: string[] = [];
  for await (const { SecretList = [] } of paginateListSecrets({ client }, {})) {
    for (const { ARN } of SecretList) {
      const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId: ARN }));
      values.push(...partsOf(SecretString));
    }
  }
  client.destroy();
  return values;
}

/** A secret of several parts is a JSON object of texts. */
const partsOf = (secret: string): string[] =>
  secret.startsWith('{') ? Object.values(JSON.parse(secret) as Record<string, string>) : [secret];
