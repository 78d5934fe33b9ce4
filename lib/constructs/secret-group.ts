import { environmentNames } from '@nightdesk/core';
import { RemovalPolicy } from 'aws-cdk-lib';
import { Secret, type SecretProps } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { StageSettings } from '../config/stage-settings.ts';
import type { DataKey } from './data-key.ts';
import type { DeskFunction } from './desk-function.ts';
import { secretsPrefix } from './names.ts';
import { acknowledge } from './rules.ts';

/** One secret: how it is named and described, and where its first value comes from. */
export interface SecretEntry {
  /** Unique within the group; part of the construct's id. */
  readonly id: string;
  readonly secretName: string;
  readonly description: string;
  readonly value: Pick<SecretProps, 'generateSecretString' | 'secretObjectValue'>;
  /** Why AWS does not rotate it. */
  readonly rotation: string;
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

  constructor(scope: Construct, id: string, props: SecretGroupProps) {
    super(scope, id);
    this.props = props;
    this.secrets = props.entries.map((entry) => this.create(entry));
  }

  /** Lets a function read these secrets' values and no others, and tells it how they are named. */
  grantRead(fn: DeskFunction): void {
    if (this.secrets.length > 0) {
      const resources = this.secrets.map((secret) => secret.secretArn);
      fn.allow({ actions: ['secretsmanager:GetSecretValue'], resources });
      this.props.key.grantDecrypt(fn, 'secretsmanager');
    }
    fn.setEnvironment(environmentNames.secretsPrefix, secretsPrefix(this.props.settings));
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
    acknowledge(secret, { 'AwsSolutions-SMG4': entry.rotation });
    return secret;
  }
}
