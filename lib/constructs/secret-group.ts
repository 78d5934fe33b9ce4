import { environmentNames } from '@nightdesk/core';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { CfnRotationSchedule, Secret, type SecretProps } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { StageSettings } from '../config/stage-settings.ts';
import type { DataKey } from './data-key.ts';
import type { DeskFunction } from './desk-function.ts';
import type { Grantee } from './grantee.ts';
import { secretsPrefix } from './names.ts';
import { acknowledge } from './rules.ts';

/** One secret: how it is named and described, and where its first value comes from. */
export interface SecretEntry {
  /** Unique within the group; part of the construct's id. */
  readonly id: string;
  readonly secretName: string;
  readonly description: string;
  readonly value: Pick<SecretProps, 'generateSecretString' | 'secretObjectValue'>;
  /** After how many days a function looks for a new value, or why none ever does. */
  readonly rotation: { readonly afterDays: number } | { readonly never: string };
}

export interface SecretGroupProps {
  readonly settings: StageSettings;
  readonly key: DataKey;
  readonly entries: readonly SecretEntry[];
}

/** Secrets that the same functions may read. */
export class SecretGroup extends Construct {
  private readonly props: SecretGroupProps;
  private readonly secrets: Secret[];
  private readonly rotated: { readonly secret: Secret; readonly afterDays: number }[] = [];

  constructor(scope: Construct, id: string, props: SecretGroupProps) {
    super(scope, id);
    this.props = props;
    this.secrets = props.entries.map((entry) => this.create(entry));
  }

  /** Lets a grantee read these secrets' values and no others, and tells it how they are named. */
  grantRead(grantee: Grantee): void {
    if (this.secrets.length > 0) {
      const resources = this.secrets.map((secret) => secret.secretArn);
      grantee.allow({ actions: ['secretsmanager:GetSecretValue'], resources });
      this.props.key.grantDecrypt(grantee, 'secretsmanager');
    }
    grantee.setEnvironment(environmentNames.secretsPrefix, secretsPrefix(this.props.settings));
  }

  /** Has a function rotate those of these secrets that are to be. */
  rotateBy(fn: DeskFunction): void {
    if (this.rotated.length === 0) return;
    fn.allow({
      actions: [
        'secretsmanager:DescribeSecret',
        'secretsmanager:GetSecretValue',
        'secretsmanager:PutSecretValue',
        'secretsmanager:UpdateSecretVersionStage',
      ],
      resources: this.rotated.map(({ secret }) => secret.secretArn),
    });
    this.props.key.grantEncryptDecrypt(fn, 'secretsmanager');
    fn.setEnvironment(environmentNames.secretsPrefix, secretsPrefix(this.props.settings));
    const permission = new CfnPermission(this, 'MayRotate', {
      action: 'lambda:InvokeFunction',
      functionName: fn.lambda.functionArn,
      principal: 'secretsmanager.amazonaws.com',
      sourceAccount: Stack.of(this).account,
    });
    for (const { secret, afterDays } of this.rotated) {
      const schedule = new CfnRotationSchedule(secret, 'Rotation', {
        secretId: secret.secretArn,
        rotationLambdaArn: fn.lambda.functionArn,
        rotationRules: { automaticallyAfterDays: afterDays },
        // A deployment replaces no key; AWS tries out the step that tests one, which then has nothing to test.
        rotateImmediatelyOnUpdate: false,
      });
      schedule.node.addDependency(permission, fn);
    }
  }

  private create(entry: SecretEntry): Secret {
    const { settings, key } = this.props;
    const secret = new Secret(this, entry.id, {
      secretName: entry.secretName,
      description: entry.description,
      encryptionKey: key.key,
      removalPolicy: settings.retainData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      ...entry.value,
    });
    if ('never' in entry.rotation) acknowledge(secret, { 'AwsSolutions-SMG4': entry.rotation.never });
    else this.rotated.push({ secret, afterDays: entry.rotation.afterDays });
    return secret;
  }
}
