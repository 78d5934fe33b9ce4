/** The secrets of a desk, as entries of secret groups: bearer tokens, what sources prove themselves with, venue keys. */
import { type DeskConfig, keyAgeDaysMax, roles, secretNames } from '@nightdesk/core';
import { SecretValue } from 'aws-cdk-lib';
import type { StageSettings } from '../config/stage-settings.ts';
import { secretsPrefix } from './names.ts';
import type { SecretEntry } from './secret-group.ts';

/** 43 letters and digits carry 256 bits, and stand in a URL as they are. */
const generated: SecretEntry['value'] = {
  generateSecretString: { passwordLength: 43, excludePunctuation: true, includeSpace: false },
};

/**
 * Two fields for the owner to fill in. Never change this text: CloudFormation would write the new one over the keys that
 * owners have put in its place.
 */
const toBeFilledIn: SecretEntry['value'] = {
  secretObjectValue: { apiKey: SecretValue.unsafePlainText(''), secret: SecretValue.unsafePlainText('') },
};

/** As above, for channels: whichever of these the channel's type needs. Never change this text either. */
const toBeFilledInOfChannels: SecretEntry['value'] = {
  secretObjectValue: {
    url: SecretValue.unsafePlainText(''),
    secret: SecretValue.unsafePlainText(''),
    botToken: SecretValue.unsafePlainText(''),
    chatId: SecretValue.unsafePlainText(''),
  },
};

/** One bearer token per role. */
export function tokenSecrets(settings: StageSettings): SecretEntry[] {
  return roles.map((role) => ({
    id: role,
    secretName: secretNames.token(secretsPrefix(settings), role),
    description: `Nightdesk ${settings.stage}: bearer token of the role ${role}`,
    value: generated,
    rotation: {
      never: 'People and scripts hold this token; it is replaced when one of them leaves, as docs/deploy.md tells.',
    },
  }));
}

/** For every source, what it proves itself with. */
export function sourceSecrets(settings: StageSettings, config: DeskConfig): SecretEntry[] {
  return Object.entries(config.sources).flatMap(([source, { authentication }]) =>
    [...new Set(authentication)].map((kind) => ({
      id: `${source}-${kind}`,
      secretName: secretNames.source(secretsPrefix(settings), source, kind),
      description: `Nightdesk ${settings.stage}: ${kind} secret of the source ${source}`,
      value: generated,
      rotation: {
        never: 'The sender holds a copy, e.g. in the URL of an alert, so a rotation without its owner cuts it off.',
      },
    })),
  );
}

/** For every account but paper ones, the keys it trades with and, where it has them, those it only reads with. */
export function accountSecrets(settings: StageSettings, config: DeskConfig): SecretEntry[] {
  const prefix = secretsPrefix(settings);
  return Object.entries(config.accounts).flatMap(([account, { exchange, mode, readOnlySecret }]) => {
    // Orders of a paper account reach no venue.
    if (mode === 'paper') return [];
    const keys = (what: string) =>
      `Nightdesk ${settings.stage}: ${what} of the ${mode} account ${account} at ${exchange}`;
    const trading: SecretEntry = {
      id: account,
      secretName: secretNames.trading(prefix, account),
      description: keys('keys'),
      value: toBeFilledIn,
      rotation: { afterDays: keyAgeDaysMax },
    };
    const readOnly: SecretEntry = {
      id: `${account}-read-only`,
      secretName: secretNames.readOnly(prefix, account),
      description: keys('read-only keys'),
      value: toBeFilledIn,
      rotation: { never: 'A key that may only read is replaced by its owner; nobody can trade or withdraw with it.' },
    };
    return readOnlySecret ? [trading, readOnly] : [trading];
  });
}

/** For every channel of notifications.yaml but those of AWS's own kind, what proves the right to send there. */
export function channelSecrets(settings: StageSettings, { notifications }: DeskConfig): SecretEntry[] {
  return Object.entries(notifications.channels)
    .filter(([, { type }]) => type !== 'sns')
    .map(([channel, { type }]) => ({
      id: channel,
      secretName: secretNames.channel(secretsPrefix(settings), channel),
      description: `Nightdesk ${settings.stage}: what the ${type} channel ${channel} sends with`,
      value: toBeFilledInOfChannels,
      rotation: { never: 'The platform gives it to its owner, so nobody else can make another one.' },
    }));
}
