import { environmentNames } from '@nightdesk/core';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { StageSettings } from '../config/stage-settings.ts';
import type { DataKey } from './data-key.ts';
import type { Grantee } from './grantee.ts';
import { acknowledge } from './rules.ts';

export interface ArchiveBucketProps {
  readonly settings: StageSettings;
  readonly key: DataKey;
}

/** What every name in the archive begins with one of. */
export const archiveFolders = [
  ...(['candles/', 'funding/', 'trades/', 'incoming/'] as const),
  ...(['live-books/', 'live-trades/', 'live-funding/', 'live-liquidations/'] as const),
] as const;
export type ArchiveFolder = (typeof archiveFolders)[number];

/** What streams bring. */
export const liveFolders = archiveFolders.filter((folder) => folder.startsWith('live-'));
/** What is recorded tick by tick: most of the bytes, and of use for weeks. */
const tickFolders: readonly ArchiveFolder[] = ['trades/', 'incoming/', ...liveFolders];

/**
 * The Parquet files of candles, trades, funding and what streams bring: encrypted with the desk's key, over TLS only, and out of reach for anybody
 * outside of the account. Reached only through the grants below, each for the folders that a function has to do with.
 *
 * Without versions: a file is replaced as a whole whenever its period is sealed again, and every version would be kept and paid for.
 * What a file holds can be asked of its venue again.
 */
export class ArchiveBucket extends Construct {
  readonly bucket: Bucket;
  private readonly key: DataKey;

  constructor(scope: Construct, id: string, { settings, key }: ArchiveBucketProps) {
    super(scope, id);
    this.key = key;
    // Without a name of its own: a retained bucket must not stand in the way of the next deployment.
    this.bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.KMS,
      encryptionKey: key.key,
      // One call to KMS for many objects instead of one for each.
      bucketKeyEnabled: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: false,
      lifecycleRules: [
        ...tickFolders.map((prefix) => ({
          id: `expire-${prefix.slice(0, -1)}`,
          prefix,
          expiration: Duration.days(settings.tickDays),
        })),
        // Parts of an upload that nobody ended are in no list, and are paid for.
        { id: 'abort-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
      removalPolicy: settings.retainData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    acknowledge(this.bucket, {
      'AwsSolutions-S1':
        'The files are public market data; logs of each access would be more objects than the files themselves.',
    });
  }

  /** Reads files in the folders, and the names of all files. */
  grantRead(grantee: Grantee, folders: readonly ArchiveFolder[]): void {
    this.allow(grantee, ['s3:GetObject'], folders);
    this.finish(grantee);
    this.key.grantDecrypt(grantee, 's3');
  }

  /** Puts files into the folders, and reads none: not even whether one is there. */
  grantPut(grantee: Grantee, folders: readonly ArchiveFolder[]): void {
    this.allow(grantee, ['s3:PutObject'], folders);
    grantee.setEnvironment(environmentNames.archiveBucket, this.bucket.bucketName);
    this.key.grantEncryptDecrypt(grantee, 's3');
  }

  /** Reads files in the folders and replaces them, by the condition that they are still what was read; does not remove any. */
  grantReadWrite(grantee: Grantee, folders: readonly ArchiveFolder[]): void {
    this.allow(grantee, ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'], folders);
    this.finish(grantee);
    this.key.grantEncryptDecrypt(grantee, 's3');
  }

  /** Removes files in the folders, for what is made into others. Comes with one of the grants above. */
  grantRemove(grantee: Grantee, folders: readonly ArchiveFolder[]): void {
    this.allow(grantee, ['s3:DeleteObject'], folders);
  }

  private allow(grantee: Grantee, actions: string[], folders: readonly ArchiveFolder[]): void {
    grantee.allow({ actions, resources: folders.map((folder) => this.bucket.arnForObjects(`${folder}*`)) });
    const reason = 'Files are named after markets and days, which come and go without a deployment.';
    for (const arn of this.arnsInFindings()) {
      for (const folder of folders)
        acknowledge(grantee, { [`AwsSolutions-IAM5[Resource::${arn}/${folder}*]`]: reason });
    }
  }

  /** How the rules spell the bucket's ARN in a policy of another stack, before CDK has linked the stacks and after. */
  private arnsInFindings(): string[] {
    const stack = Stack.of(this);
    const { bucketArn } = this.bucket;
    const { 'Fn::GetAtt': attribute } = stack.resolve(bucketArn) as { 'Fn::GetAtt': string[] };
    const { 'Fn::ImportValue': name } = stack.resolve(stack.exportValue(bucketArn)) as { 'Fn::ImportValue': string };
    return [`<${attribute.join('.')}>`, name];
  }

  private finish(grantee: Grantee): void {
    // For the whole bucket: only who may list it is told that a file is not there (404), instead of nothing (403); and a condition on
    // the prefix of a list does not hold where a file is asked for (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html).
    grantee.allow({ actions: ['s3:ListBucket'], resources: [this.bucket.bucketArn] });
    grantee.setEnvironment(environmentNames.archiveBucket, this.bucket.bucketName);
  }
}
