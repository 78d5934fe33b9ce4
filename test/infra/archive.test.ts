import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentNames } from '@nightdesk/core';
import type { FunctionBundles } from '@nightdesk/infra/bundling/bundle-functions.ts';
import { settingsOf } from '@nightdesk/infra/config/stages.ts';
import { type ArchiveBucket, liveFolders } from '@nightdesk/infra/constructs/archive-bucket.ts';
import { DeskFunction } from '@nightdesk/infra/constructs/desk-function.ts';
import { DataStack } from '@nightdesk/infra/stacks/data-stack.ts';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { synthesizeDesk } from './synthesized-desk.ts';

const stages = { local: synthesizeDesk('local'), prod: synthesizeDesk('prod') };

function archiveOf(stage: keyof typeof stages) {
  const [bucket, ...others] = Object.values(stages[stage].templates.data.findResources('AWS::S3::Bucket'));
  expect(others).toEqual([]);
  if (bucket === undefined) throw new Error(`${stage} has no bucket`);
  return bucket;
}

describe('the archive', () => {
  it('is encrypted with the desk’s key, and nothing of it can become public', () => {
    expect(archiveOf('prod').Properties).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: {
              SSEAlgorithm: 'aws:kms',
              KMSMasterKeyID: { 'Fn::GetAtt': [expect.stringMatching(/^DataKey/), 'Arn'] },
            },
          },
        ],
      },
      PublicAccessBlockConfiguration: {
        ...{ BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    });
  });

  it('is reached over TLS only, and by nobody whom its policy lets in', () => {
    const [policy] = Object.values(stages.prod.templates.data.findResources('AWS::S3::BucketPolicy'));
    const statements = policy?.Properties.PolicyDocument.Statement as { Effect: string; Condition: object }[];
    expect(statements.map(({ Effect }) => Effect)).toEqual(statements.map(() => 'Deny'));
    expect(statements.map(({ Condition }) => Condition)).toEqual([
      { Bool: { 'aws:SecureTransport': 'false' } },
      { NumericLessThan: { 's3:TlsVersion': 1.2 } },
    ]);
  });

  it('forgets ticks after the days of the stage and keeps candles and funding; uploads that were left lying go after a day', () => {
    const { Rules } = archiveOf('prod').Properties.LifecycleConfiguration;
    expect(Rules).toEqual([
      { Id: 'expire-trades', Prefix: 'trades/', ExpirationInDays: 90, Status: 'Enabled' },
      { Id: 'expire-incoming', Prefix: 'incoming/', ExpirationInDays: 90, Status: 'Enabled' },
      ...['books', 'trades', 'funding', 'liquidations'].map((kind) => ({
        ...{ Id: `expire-live-${kind}`, Prefix: `live-${kind}/`, ExpirationInDays: 90, Status: 'Enabled' },
      })),
      { Id: 'abort-uploads', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 }, Status: 'Enabled' },
    ]);
    const { templates } = synthesizeDesk('dev', { tickDays: 7 });
    const [short] = Object.values(templates.data.findResources('AWS::S3::Bucket'));
    expect(short?.Properties.LifecycleConfiguration.Rules[0].ExpirationInDays).toBe(7);
  });

  it('outlives its stack, except on one machine, and keeps no versions', () => {
    expect(archiveOf('prod')).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(archiveOf('prod').Properties.VersioningConfiguration).toBeUndefined();
    expect(archiveOf('local').DeletionPolicy).toBe('Delete');
  });
});

describe('what is granted of the archive', () => {
  /** What a function may do with it, beside its log, and what it is told. */
  function granted(grant: (archive: ArchiveBucket, fn: DeskFunction) => void) {
    const directory = mkdtempSync(join(tmpdir(), 'nightdesk-archive-'));
    try {
      mkdirSync(join(directory, 'code'));
      writeFileSync(join(directory, 'code', 'index.mjs'), 'export const handler = async () => {};');
      const app = new App({ outdir: join(directory, 'cdk.out') });
      const settings = settingsOf('dev');
      const { archive } = new DataStack(app, 'Data', { settings });
      const stack = new Stack(app, 'Stack');
      const fn = new DeskFunction(stack, 'Function', {
        ...{ settings, name: 'query-desk', description: 'for this test', memoryMb: 128, timeout: Duration.seconds(1) },
        bundles: { 'query-desk': join(directory, 'code') } as FunctionBundles,
      });
      grant(archive, fn);
      const template = Template.fromStack(stack);
      const [policy] = Object.values(template.findResources('AWS::IAM::Policy'));
      const [lambda] = Object.values(template.findResources('AWS::Lambda::Function'));
      const statements = policy?.Properties.PolicyDocument.Statement as Statement[];
      return {
        statements: statements.slice(1).map(readStatement),
        bucketName: JSON.stringify(lambda?.Properties.Environment.Variables[environmentNames.archiveBucket]),
      };
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
  interface Statement {
    Action: string | string[];
    Resource: unknown;
    Condition?: unknown;
  }
  const readStatement = ({ Action, Resource, Condition }: Statement) => ({
    actions: [Action].flat(),
    on: [Resource]
      .flat()
      .map((one) => /ArchiveBucket[^"]*"\}(?:,"(.*?)"\])?|DataKey/.exec(JSON.stringify(one))?.[1] ?? ''),
    ...(Condition !== undefined && { through: /"kms:ViaService":.*"(\w+)\./.exec(JSON.stringify(Condition))?.[1] }),
  });

  const list = { actions: ['s3:ListBucket'], on: [''] };

  it('reading: files in the folders that are named, names of all', () => {
    const { statements, bucketName } = granted((archive, fn) => archive.grantRead(fn, ['candles/', 'funding/']));
    expect(statements).toEqual([
      { actions: ['s3:GetObject'], on: ['/candles/*', '/funding/*'] },
      list,
      { actions: ['kms:Decrypt', 'kms:DescribeKey'], on: [''], through: 's3' },
    ]);
    expect(bucketName).toContain('ArchiveBucket');
  });

  it('putting adds files and sees none, not even their names', () => {
    const { statements, bucketName } = granted((archive, fn) => archive.grantPut(fn, liveFolders));
    expect(statements).toMatchObject([
      {
        actions: ['s3:PutObject'],
        on: ['books', 'trades', 'funding', 'liquidations'].map((kind) => `/live-${kind}/*`),
      },
      { actions: expect.arrayContaining(['kms:GenerateDataKey']), through: 's3' },
    ]);
    expect(bucketName).toContain('ArchiveBucket');
  });

  it('writing replaces files and removes none; removing is granted by itself', () => {
    const { statements } = granted((archive, fn) => {
      archive.grantReadWrite(fn, ['trades/']);
      archive.grantRemove(fn, ['incoming/']);
    });
    expect(statements).toMatchObject([
      { actions: ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'], on: ['/trades/*'] },
      list,
      { actions: expect.arrayContaining(['kms:GenerateDataKey']), through: 's3' },
      { actions: ['s3:DeleteObject'], on: ['/incoming/*'] },
    ]);
  });
});
