import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { StageSettings } from '../config/stage-settings.ts';
import type { Grantee } from './grantee.ts';
import { resourceName } from './names.ts';

/** AWS services through which a function may use the key. */
export type KeyUser = 'dynamodb' | 's3' | 'secretsmanager' | 'sns';

/** The stage's own key: tables, files, secrets and alarm messages are encrypted with it. */
export class DataKey extends Construct {
  readonly key: Key;

  constructor(scope: Construct, id: string, settings: StageSettings) {
    super(scope, id);
    this.key = new Key(this, 'Key', {
      alias: resourceName(settings, 'data'),
      description: `Nightdesk ${settings.stage}: tables, secrets and alarm messages`,
      enableKeyRotation: true,
      // Without the key every table, file and backup is lost, so there is the longest time AWS offers to change one's mind.
      pendingWindow: Duration.days(30),
      removalPolicy: settings.retainData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    // An alarm cannot publish to an encrypted topic unless the key lets CloudWatch in.
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsMayPublish',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
  }

  /** Lets a function read what a service keeps under this key, and only by way of that service. */
  grantDecrypt(grantee: Grantee, service: KeyUser): void {
    this.grant(grantee, service, ['kms:Decrypt', 'kms:DescribeKey']);
  }

  /** As `grantDecrypt`, and for what the function writes. */
  grantEncryptDecrypt(grantee: Grantee, service: KeyUser): void {
    // What AWS lists for writers to an encrypted table, spelled out instead of `ReEncrypt*` and `GenerateDataKey*`.
    const writing = ['kms:Encrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo', 'kms:GenerateDataKey'];
    this.grant(grantee, service, ['kms:Decrypt', 'kms:DescribeKey', ...writing, 'kms:GenerateDataKeyWithoutPlaintext']);
  }

  private grant(grantee: Grantee, service: KeyUser, actions: string[]): void {
    const { region, urlSuffix } = Stack.of(this);
    grantee.allow({
      actions,
      resources: [this.key.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `${service}.${region}.${urlSuffix}` } },
    });
  }
}
