/** Secrets that a template defines: made once, kept over restarts, changed only when the template changes. */
import { createHash, randomUUID } from 'node:crypto';
import { type ResolvedResource, readProperties } from '../resolved-resource.ts';
import { generateSecretString, type RandomInteger } from './generate-secret-string.ts';
import { readTags } from './input.ts';
import { addVersion, type Secret } from './secret.ts';
import type { SecretStore } from './store.ts';

export interface TemplateSecretContext {
  readonly store: SecretStore;
  readonly nowMs: number;
  readonly mintArn: (name: string) => string;
  readonly random: RandomInteger;
}

/**
 * Creates the secret of a resolved `AWS::SecretsManager::Secret`, or brings an existing one up to date. A generated
 * value is never generated again; a literal `SecretString` becomes a new version when the template's text changed,
 * so that a value put by hand outlives a restart.
 * @throws Error naming the property that is wrong.
 */
export function defineTemplateSecret(resource: ResolvedResource, context: TemplateSecretContext): Secret {
  const { store, nowMs, mintArn, random } = context;
  const properties = readProperties(resource);
  const name = properties.optionalText('Name') ?? resource.physicalId.split(':').at(-1) ?? resource.logicalId;
  const existing = store.has(name) ? store.find(name) : undefined;
  const described: Secret = {
    arn: existing?.arn ?? mintArn(name),
    name,
    description: properties.optionalText('Description'),
    kmsKeyId: properties.optionalText('KmsKeyId'),
    tags: readTags(properties) ?? [],
    createdMs: existing?.createdMs ?? nowMs,
    changedMs: existing?.changedMs ?? nowMs,
    deletion: existing?.deletion,
    versions: existing?.versions ?? [],
    templateHash: existing?.templateHash,
    rotation: existing?.rotation,
  };

  const literal = properties.optionalText('SecretString');
  const generate = properties.optionalChild('GenerateSecretString');
  if (literal !== undefined && generate !== undefined) {
    throw new Error(`${resource.type} ${resource.logicalId}: use SecretString or GenerateSecretString, not both`);
  }
  let secret = described;
  if (literal !== undefined) secret = setLiteral(described, literal, nowMs);
  else if (generate !== undefined && described.versions.length === 0) {
    secret = addText(described, generateSecretString(generate, random), nowMs);
  }
  store.save(secret);
  return secret;
}

function setLiteral(secret: Secret, text: string, nowMs: number): Secret {
  const templateHash = createHash('sha256').update(text).digest('hex');
  return templateHash === secret.templateHash ? secret : { ...addText(secret, text, nowMs), templateHash };
}

function addText(secret: Secret, text: string, createdMs: number): Secret {
  return addVersion(secret, { id: randomUUID(), value: { text }, createdMs });
}
