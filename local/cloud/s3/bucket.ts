/** Buckets as CloudFormation defines them. */
import { createPropertyReader } from '../property-reader.ts';
import { type LifecycleRule, readRules } from './lifecycle.ts';

export interface BucketDefinition {
  readonly BucketName: string;
  readonly [property: string]: unknown;
}

export interface Bucket {
  readonly name: string;
  /** Whether ETags are no MD5, which they are not under a key of KMS. */
  readonly hasKey: boolean;
  readonly rules: readonly LifecycleRule[];
}

/** Properties of `AWS::S3::Bucket` that are emulated, or change nothing on one machine that one account reaches. */
const knownProperties: ReadonlySet<string> = new Set([
  'BucketName',
  'BucketEncryption',
  'LifecycleConfiguration',
  'OwnershipControls',
  'PublicAccessBlockConfiguration',
  'Tags',
  'VersioningConfiguration',
]);

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const namePattern = /^(?=.{3,63}$)[a-z0-9](?:[a-z0-9-]|\.(?=[a-z0-9]))*[a-z0-9]$/;

/** @throws Error naming the bucket and what is not emulated or not allowed. */
export function readBucket(definition: BucketDefinition): Bucket {
  const { BucketName: name } = definition;
  const owner = `AWS::S3::Bucket ${name}`;
  if (!namePattern.test(name)) throw new Error(`${owner}: a name must be 3 to 63 lower-case letters, digits, . and -`);
  const unknown = Object.keys(definition).filter((property) => !knownProperties.has(property));
  if (unknown.length > 0) throw new Error(`${owner}: ${unknown.join(', ')} is not emulated`);
  const properties = createPropertyReader(owner, definition);
  if (properties.optionalChild('VersioningConfiguration')?.text('Status') === 'Enabled') {
    throw new Error(`${owner}: versioning is not emulated`);
  }
  const encryption = properties
    .optionalChild('BucketEncryption')
    ?.optionalChildren('ServerSideEncryptionConfiguration');
  const algorithms = (encryption ?? []).map((rule) =>
    rule.optionalChild('ServerSideEncryptionByDefault')?.text('SSEAlgorithm'),
  );
  return {
    name,
    hasKey: algorithms.some((algorithm) => algorithm?.startsWith('aws:kms') ?? false),
    rules: readRules(owner, properties.optionalChild('LifecycleConfiguration'), ruleProperties(definition)),
  };
}

/** Names of the properties that each lifecycle rule has. */
function ruleProperties({ LifecycleConfiguration: configuration }: BucketDefinition): string[][] {
  const { Rules: rules } = (configuration ?? {}) as { Rules?: unknown };
  return Array.isArray(rules) ? rules.map((rule) => Object.keys(rule ?? {})) : [];
}
