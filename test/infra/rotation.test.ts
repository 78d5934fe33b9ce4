import { keyAgeDaysMax, parseDeskConfig } from '@nightdesk/core';
import { settingsOf } from '@nightdesk/infra/config/stages.ts';
import { accountSecrets } from '@nightdesk/infra/constructs/desk-secrets.ts';
import { describe, expect, it } from 'vitest';
import { synthesizeDesk } from './synthesized-desk.ts';

const { trading } = synthesizeDesk('prod').templates;
const [rotateKey] = Object.keys(trading.findResources('AWS::Lambda::Function')).filter((id) =>
  id.includes('RotateKey'),
);

describe('rotation', () => {
  it('is for every trading secret, every 30 days, by the function that tests keys, and replaces none on deployment', () => {
    // A channel's address is its platform's to make anew.
    const isTrading = (id: string) => id.startsWith('TradingSecrets');
    const secrets = Object.keys(trading.findResources('AWS::SecretsManager::Secret')).filter(isTrading);
    const schedules = Object.values(trading.findResources('AWS::SecretsManager::RotationSchedule'));
    expect(schedules.map(({ Properties }) => Properties.SecretId.Ref).sort()).toEqual(secrets.sort());
    for (const { Properties } of schedules) {
      expect(Properties.RotationRules).toEqual({ AutomaticallyAfterDays: keyAgeDaysMax });
      expect(Properties.RotationLambdaARN).toEqual({ 'Fn::GetAtt': [rotateKey, 'Arn'] });
      expect(Properties.RotateImmediatelyOnUpdate).toBe(false);
    }
  });

  it('can be started by Secrets Manager of this account only, and is set up after that is allowed', () => {
    const permissions = Object.entries(trading.findResources('AWS::Lambda::Permission'));
    const [id, permission] =
      permissions.find(([, { Properties }]) => /secretsmanager/.test(Properties.Principal)) ?? [];
    expect(permission?.Properties).toEqual({
      Action: 'lambda:InvokeFunction',
      FunctionName: { 'Fn::GetAtt': [rotateKey, 'Arn'] },
      Principal: 'secretsmanager.amazonaws.com',
      SourceAccount: { Ref: 'AWS::AccountId' },
    });
    for (const { DependsOn } of Object.values(trading.findResources('AWS::SecretsManager::RotationSchedule'))) {
      expect(DependsOn).toContain(id);
    }
  });

  it('leaves a read-only key to its owner, whose secret is made only where an account is to have one', () => {
    const config = parseDeskConfig({
      exchanges: { binance: {} },
      accounts: {
        main: { exchange: 'binance', mode: 'sandbox' },
        split: { exchange: 'binance', mode: 'sandbox', readOnlySecret: true },
        // Its orders reach no venue, so it has no keys.
        play: { exchange: 'binance', mode: 'paper', paper: { balances: { USDT: '100' } } },
      },
      sources: {},
      risk: { default: { orderNotionalMax: '100', openNotionalMax: '1000' } },
    });
    const rotations = accountSecrets(settingsOf('dev'), config).map(({ secretName, rotation }) => [
      secretName.replace('nightdesk/dev/accounts/', ''),
      'afterDays' in rotation,
    ]);
    expect(rotations).toEqual([
      ['main/trading', true],
      ['split/trading', true],
      ['split/read-only', false],
    ]);
  });
});
