import { environmentNames, tableSchemas } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { pascalCase } from './names.ts';
import { type StackName, synthesizeDesk } from './synthesized-desk.ts';

interface Resource {
  Properties: Record<string, unknown>;
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
}

const stages = { local: synthesizeDesk('local'), dev: synthesizeDesk('dev'), prod: synthesizeDesk('prod') };
const tableNames = Object.keys(tableSchemas) as (keyof typeof tableSchemas)[];

function resourcesOf(stage: keyof typeof stages, stack: StackName, type: string): [string, Resource][] {
  return Object.entries(stages[stage].templates[stack].findResources(type)) as [string, Resource][];
}

function tableOf(stage: keyof typeof stages, name: string): Resource {
  const found = resourcesOf(stage, 'data', 'AWS::DynamoDB::Table').find(([id]) =>
    id.startsWith(`${pascalCase(name)}Table`),
  );
  if (!found) throw new Error(`no table ${name}`);
  return found[1];
}

describe.each(['dev', 'prod'] as const)('data in %s', (stage) => {
  it('outlives its stack: tables, key and secrets are retained', () => {
    const kept = [
      ...resourcesOf(stage, 'data', 'AWS::DynamoDB::Table'),
      ...resourcesOf(stage, 'data', 'AWS::KMS::Key'),
      ...resourcesOf(stage, 'trading', 'AWS::SecretsManager::Secret'),
      ...resourcesOf(stage, 'api', 'AWS::SecretsManager::Secret'),
    ];
    expect(kept).toHaveLength(tableNames.length + 1 + 2 + 2 + 7);
    for (const [id, { DeletionPolicy, UpdateReplacePolicy }] of kept) {
      expect([id, DeletionPolicy, UpdateReplacePolicy]).toEqual([id, 'Retain', 'Retain']);
    }
  });

  it.each(tableNames)(
    '%s: encrypted with the desk’s key, on demand, back to any second but where seconds count',
    (name) => {
      expect(tableOf(stage, name).Properties).toMatchObject({
        BillingMode: 'PAY_PER_REQUEST',
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: name !== 'quotes' },
        SSESpecification: {
          SSEEnabled: true,
          SSEType: 'KMS',
          KMSMasterKeyId: { 'Fn::GetAtt': [expect.stringMatching(/^DataKey/), 'Arn'] },
        },
      });
    },
  );

  it('the records of trading cannot be deleted by accident', () => {
    const isProtected = tableNames.filter((name) => tableOf(stage, name).Properties.DeletionProtectionEnabled === true);
    expect(isProtected.sort()).toEqual(['books', 'candles', 'journal', 'orders', 'paper', 'positions', 'risk']);
  });

  it('orders tell of their changes with the rows before and after, the journal of what it gets', () => {
    const told = tableNames.flatMap((name) => {
      const { StreamSpecification } = tableOf(stage, name).Properties;
      return StreamSpecification === undefined ? [] : [[name, StreamSpecification]];
    });
    expect(Object.fromEntries(told)).toEqual({
      orders: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      journal: { StreamViewType: 'NEW_IMAGE' },
    });
  });

  it('the key rotates', () => {
    const [[, key] = []] = resourcesOf(stage, 'data', 'AWS::KMS::Key');
    expect(key?.Properties).toMatchObject({ EnableKeyRotation: true, PendingWindowInDays: 30 });
  });

  it('secrets are encrypted with the desk’s key', () => {
    for (const stack of ['trading', 'api'] as const) {
      for (const [, { Properties }] of resourcesOf(stage, stack, 'AWS::SecretsManager::Secret')) {
        expect(JSON.stringify(Properties.KmsKeyId)).toContain('DataKey');
      }
    }
  });
});

describe('tables', () => {
  it.each(tableNames)('%s: keys and indexes as the repositories expect them', (name) => {
    const schema = tableSchemas[name] as {
      partitionKey: string;
      sortKey?: string;
      timeToLive?: string;
      indexes?: object;
    };
    const { KeySchema, GlobalSecondaryIndexes, TimeToLiveSpecification } = tableOf('dev', name).Properties;
    const keysOf = ({ partitionKey, sortKey }: { partitionKey: string; sortKey?: string }) => [
      { AttributeName: partitionKey, KeyType: 'HASH' },
      ...(sortKey ? [{ AttributeName: sortKey, KeyType: 'RANGE' }] : []),
    ];
    expect(KeySchema).toEqual(keysOf(schema));
    const indexes = Object.values(schema.indexes ?? {}) as { name: string; partitionKey: string; sortKey: string }[];
    expect(GlobalSecondaryIndexes ?? []).toEqual(
      indexes.map((index) => ({
        IndexName: index.name,
        KeySchema: keysOf(index),
        Projection: { ProjectionType: 'ALL' },
      })),
    );
    expect(TimeToLiveSpecification).toEqual(
      schema.timeToLive ? { AttributeName: schema.timeToLive, Enabled: true } : undefined,
    );
  });

  it('the journal’s sequence is a number, so that ten comes after nine; every other key is a text', () => {
    const attributes = tableNames.flatMap((name) => tableOf('dev', name).Properties.AttributeDefinitions) as {
      AttributeName: string;
      AttributeType: string;
    }[];
    const numbers = attributes
      .filter(({ AttributeType }) => AttributeType === 'N')
      .map(({ AttributeName }) => AttributeName);
    expect(numbers).toEqual([tableSchemas.journal.sortKey]);
  });

  it('every function that may use a table is told its name', () => {
    const variable = { orders: environmentNames.ordersTable, journal: environmentNames.journalTable } as const;
    const { Properties } = Object.values(stages.dev.templates.trading.findResources('AWS::Lambda::Function')).find(
      ({ Properties: { FunctionName } }) => FunctionName === 'nightdesk-dev-execute-order',
    ) as Resource;
    const { Variables } = Properties.Environment as { Variables: Record<string, unknown> };
    expect(JSON.stringify(Variables[variable.orders])).toContain('OrdersTable');
    expect(JSON.stringify(Variables[variable.journal])).toContain('JournalTable');
  });

  it('local mode leaves nothing behind', () => {
    for (const [, { DeletionPolicy }] of resourcesOf('local', 'data', 'AWS::DynamoDB::Table'))
      expect(DeletionPolicy).toBe('Delete');
    expect(tableOf('local', 'journal').Properties.DeletionProtectionEnabled).toBe(false);
  });
});

describe('secrets', () => {
  const names = (stack: StackName) =>
    resourcesOf('dev', stack, 'AWS::SecretsManager::Secret')
      .map(([, { Properties }]) => Properties.Name)
      .sort();

  it('there is one per role, per way a source proves itself, per account and per channel that has one', () => {
    expect(names('api')).toEqual([
      'nightdesk/dev/sources/alerts/token',
      'nightdesk/dev/sources/scripts/signing',
      'nightdesk/dev/sources/scripts/token',
      'nightdesk/dev/tokens/admin',
      'nightdesk/dev/tokens/risk',
      'nightdesk/dev/tokens/trader',
      'nightdesk/dev/tokens/viewer',
    ]);
    expect(names('trading')).toEqual([
      'nightdesk/dev/accounts/main/trading',
      'nightdesk/dev/accounts/second/trading',
      'nightdesk/dev/channels/hook',
      'nightdesk/dev/channels/phone',
    ]);
  });

  it('tokens and signing secrets are made by AWS, 43 letters and digits long, and in no template', () => {
    for (const [, { Properties }] of resourcesOf('dev', 'api', 'AWS::SecretsManager::Secret')) {
      expect(Properties.GenerateSecretString).toEqual({
        PasswordLength: 43,
        ExcludePunctuation: true,
        IncludeSpace: false,
      });
      expect(Properties.SecretString).toBeUndefined();
    }
  });

  // A new text would be written over the keys that owners have put in.
  it('keys and channels start empty, and the text they start with is the one they always started with', () => {
    for (const [, { Properties }] of resourcesOf('dev', 'trading', 'AWS::SecretsManager::Secret')) {
      const ofChannel = String(Properties.Name).includes('/channels/');
      const empty = ofChannel ? '{"url":"","secret":"","botToken":"","chatId":""}' : '{"apiKey":"","secret":""}';
      expect(Properties.SecretString).toBe(empty);
    }
  });
});
