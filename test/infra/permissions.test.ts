import { readdirSync, readFileSync } from 'node:fs';
import { functionNames } from '@nightdesk/infra/config/functions.ts';
import { describe, expect, it } from 'vitest';
import { permissionsOf, statementsOf } from './permissions.ts';
import { type StackName, synthesizeDesk } from './synthesized-desk.ts';

const desk = synthesizeDesk('dev');

const stackOf: Record<(typeof functionNames)[number], StackName> = {
  'receive-signal': 'api',
  'query-desk': 'api',
  'query-candles': 'api',
  'query-quotes': 'api',
  'switch-risk': 'api',
  'manage-orders': 'api',
  'execute-order': 'trading',
  'cancel-orders': 'trading',
  'track-orders': 'trading',
  'refresh-markets': 'trading',
  'probe-exchanges': 'trading',
  'plan-reconciliations': 'trading',
  'plan-candles': 'collection',
  'collect-candles': 'collection',
  'apply-order-news': 'stream',
  'reconcile-balances': 'trading',
  'renew-leases': 'trading',
  'rotate-key': 'trading',
  'check-keys': 'trading',
  notify: 'trading',
  'send-notice': 'trading',
};

const configuration = ['appconfig:GetLatestConfiguration', 'appconfig:StartConfigurationSession'];
const log = ['logs:CreateLogStream', 'logs:PutLogEvents'];
const read = ['dynamodb:GetItem', 'dynamodb:Query'];
const readRows = 'dynamodb:BatchGetItem';
const readSecret = ['secretsmanager:GetSecretValue'];
const replaceSecret = [
  'secretsmanager:DescribeSecret',
  'secretsmanager:GetSecretValue',
  'secretsmanager:PutSecretValue',
  'secretsmanager:UpdateSecretVersionStage',
];
const put = 'dynamodb:PutItem';
const update = ['dynamodb:ConditionCheckItem', 'dynamodb:UpdateItem'];
const inspect = 'dynamodb:DescribeTable';
const readChanges = [
  'dynamodb:DescribeStream',
  'dynamodb:GetRecords',
  'dynamodb:GetShardIterator',
  'dynamodb:ListStreams',
];
const writeFiles = ['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject'];
const workThrough = [
  'sqs:ChangeMessageVisibility',
  'sqs:DeleteMessage',
  'sqs:GetQueueAttributes',
  'sqs:GetQueueUrl',
  'sqs:ReceiveMessage',
  'sqs:SendMessage',
];
const decrypt = ['kms:Decrypt', 'kms:DescribeKey'];
const encrypt = [
  ...decrypt,
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

const trading = {
  configuration,
  key: encrypt,
  'table Markets': ['dynamodb:BatchWriteItem', ...read],
  'table Markets index by-name': read,
  'table Coordination': [...read, put].sort(),
  'table Orders': [readRows, ...read, put].sort(),
  'table Orders index open-by-account': read,
  'table Orders index by-signal': read,
  'table Orders index by-day': read,
  'table Positions': [readRows, ...read, put].sort(),
  'table Paper': [...read, ...update, put].sort(),
  'table Books': read,
  'table Journal': [put],
  'table Risk': [readRows, ...read, ...update].sort(),
  'secret TradingSecrets main': readSecret,
  'secret TradingSecrets second': readSecret,
};

const tokens = {
  'secret Tokens viewer': readSecret,
  'secret Tokens trader': readSecret,
  'secret Tokens risk': readSecret,
  'secret Tokens admin': readSecret,
};

/** Everything that each function may do. A change here is a change of what an attacker in that function could do. */
const expected: Record<(typeof functionNames)[number], Record<string, string[]>> = {
  'receive-signal': {
    configuration,
    key: encrypt,
    'log of ReceiveSignal': log,
    queue: ['sqs:SendMessage'],
    'secret Sources alertstoken': readSecret,
    'secret Sources scriptstoken': readSecret,
    'secret Sources scriptssigning': readSecret,
    'table Signals': [...read, put, 'dynamodb:ConditionCheckItem', 'dynamodb:UpdateItem'].sort(),
    'table Journal': [put],
    'table Markets': read,
    'table Markets index by-name': read,
  },
  'execute-order': {
    ...trading,
    'log of ExecuteOrder': log,
    queue: [
      'sqs:ChangeMessageVisibility',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:GetQueueUrl',
      'sqs:ReceiveMessage',
      'sqs:SendMessage',
    ],
  },
  'track-orders': { ...trading, 'log of TrackOrders': log },
  'refresh-markets': {
    configuration,
    key: encrypt,
    'log of RefreshMarkets': log,
    'table Coordination': [...read, put].sort(),
    'table Markets': ['dynamodb:BatchWriteItem', ...read],
    'table Markets index by-name': read,
  },
  'probe-exchanges': {
    configuration,
    key: encrypt,
    'log of ProbeExchanges': log,
    'table Coordination': [...read, put].sort(),
  },
  // Sees no key and no venue; its one way out is the queue.
  'plan-reconciliations': {
    configuration,
    key: encrypt,
    'log of ReconciliationPlanReconciliations': log,
    'queue of reconciliations': ['sqs:SendMessage'],
    'table Risk': [...read, ...update].sort(),
    'table Journal': [...read, put].sort(),
  },
  // Needs the keys to set the switch at the venues, and sees no order.
  'renew-leases': {
    configuration,
    key: encrypt,
    'log of RenewLeases': log,
    'table Coordination': [...read, put].sort(),
    'secret TradingSecrets main': readSecret,
    'secret TradingSecrets second': readSecret,
  },
  'reconcile-balances': {
    ...trading,
    'log of ReconciliationReconcileBalances': log,
    'queue of reconciliations': [
      'sqs:ChangeMessageVisibility',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:GetQueueUrl',
      'sqs:ReceiveMessage',
    ],
    'table Books': [...read, put].sort(),
  },
  // Sees no key, no order and no venue.
  'plan-candles': {
    configuration,
    key: encrypt,
    'log of PlanCandles': log,
    'queue of candles CandleJobs': ['sqs:SendMessage'],
    'queue of candles BackfillJobs': ['sqs:SendMessage'],
    'table Candles': [...read, put].sort(),
    'table Markets': read,
    'table Markets index by-name': read,
  },
  // Asks venues what they tell everybody: no key of an account, and no order.
  'collect-candles': {
    configuration,
    key: encrypt,
    'log of CollectCandles': log,
    archive: ['s3:ListBucket'],
    'archive candles/': writeFiles,
    'archive funding/': writeFiles,
    'archive trades/': writeFiles,
    'archive incoming/': [...writeFiles, 's3:DeleteObject'].sort(),
    'queue of candles CandleJobs': workThrough,
    'queue of candles BackfillJobs': workThrough,
    'table Candles': ['dynamodb:BatchWriteItem', ...read, put].sort(),
    'table Coordination': [...read, put].sort(),
    'table Journal': [...read, put].sort(),
    'table Markets': read,
    'table Markets index by-name': read,
  },
  // As tracking, of whose work it does a part.
  'apply-order-news': {
    ...trading,
    'log of ApplyOrderNews': log,
    'queue of order news': workThrough.filter((action) => action !== 'sqs:SendMessage'),
  },
  'rotate-key': {
    configuration,
    key: encrypt,
    'log of KeysRotateKey': log,
    'table Coordination': [...read, put].sort(),
    'secret TradingSecrets main': replaceSecret,
    'secret TradingSecrets second': replaceSecret,
  },
  'check-keys': {
    configuration,
    key: encrypt,
    'log of KeysCheckKeys': log,
    'table Coordination': [...read, put].sort(),
    'secret TradingSecrets main': readSecret,
    'secret TradingSecrets second': readSecret,
  },
  // Reads the changes of three tables and none of the tables; its one way out is the queue.
  notify: {
    configuration,
    key: decrypt,
    'log of NoticesNotify': log,
    'notices LostChanges': ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage'],
    'notices Queue': ['sqs:SendMessage'],
    'table Journal': readChanges,
    'table Orders': readChanges,
  },
  'send-notice': {
    configuration,
    key: encrypt,
    'log of NoticesSendNotice': log,
    'notices Queue': [
      'sqs:ChangeMessageVisibility',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:GetQueueUrl',
      'sqs:ReceiveMessage',
    ],
    'secret of channel hook': readSecret,
    'secret of channel phone': readSecret,
    'table Coordination': [...read, put].sort(),
    'topic of notices': ['sns:Publish'],
  },
  'query-desk': {
    ...tokens,
    configuration,
    key: decrypt,
    'log of QueryDesk': log,
    queue: ['sqs:GetQueueAttributes'],
    'table Signals': [inspect, ...read],
    'table Orders': [inspect, ...read],
    'table Orders index open-by-account': read,
    'table Orders index by-signal': read,
    'table Orders index by-day': read,
    'table Positions': [inspect, ...read],
    'table Journal': [inspect, ...read],
    'table Risk': [readRows, inspect, ...read],
    'table Books': [inspect, ...read],
    'table Coordination': [inspect, ...read],
  },
  // Has no word in trading: it reads what everybody can see at the venues.
  'query-candles': {
    ...tokens,
    key: decrypt,
    'log of QueryCandles': log,
    'table Candles': read,
    'archive candles/': ['s3:GetObject'],
    archive: ['s3:ListBucket'],
  },
  // As little as the one before, and no archive.
  'query-quotes': {
    ...tokens,
    key: decrypt,
    'log of QueryQuotes': log,
    'table Quotes': [readRows, ...read],
  },
  'manage-orders': {
    ...tokens,
    configuration,
    key: encrypt,
    'log of ManageOrders': log,
    queue: ['sqs:SendMessage'],
    'table Orders': read,
    'table Orders index open-by-account': read,
    'table Orders index by-signal': read,
    'table Orders index by-day': read,
    'table Signals': [...read, put, 'dynamodb:ConditionCheckItem', 'dynamodb:UpdateItem'].sort(),
    'table Journal': [put],
    'table Markets': read,
    'table Markets index by-name': read,
  },
  // No trading key, and nothing of venues: what cancels is called.
  'switch-risk': {
    configuration,
    ...tokens,
    key: encrypt,
    'function CancelOrders': ['lambda:InvokeFunction'],
    'log of SwitchRisk': log,
    'table Journal': [...read, put].sort(),
    'table Risk': [...read, ...update].sort(),
  },
  'cancel-orders': { ...trading, 'log of CancelOrders': log },
};

/** And the service: it has the keys of accounts, since their streams take them, but writes no order, and reads none. */
const expectedOfService = {
  configuration,
  key: encrypt,
  'queue of order news': ['sqs:SendMessage'],
  'secret TradingSecrets main': readSecret,
  'secret TradingSecrets second': readSecret,
  'table Candles': read,
  'table Coordination': [...read, put].sort(),
  'table Markets': read,
  'table Markets index by-name': read,
  'table Quotes': ['dynamodb:BatchWriteItem', 'dynamodb:DeleteItem', put],
  'archive live-books/': ['s3:PutObject'],
  'archive live-funding/': ['s3:PutObject'],
  'archive live-liquidations/': ['s3:PutObject'],
  'archive live-trades/': ['s3:PutObject'],
};

/** By service: what needs no permission of its own, as a transaction, and what only commands of people ask, with their own rights. */
const requestsWithout: Record<string, readonly string[]> = {
  dynamodb: ['TransactWriteItems', 'Scan'],
  s3: ['ListBuckets'],
  sqs: [],
};
/** Where AWS calls the permission otherwise than the request. */
const permissionOfRequest: Record<string, string> = {
  ListObjectsV2: 'ListBucket',
  SendMessageBatch: 'SendMessage',
  ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
};

describe('what each function may do', () => {
  it.each(functionNames)('%s: exactly what it needs', (name) => {
    expect(permissionsOf(desk.templates[stackOf[name]], name)).toEqual(expected[name]);
  });

  it('the stream service: exactly what it needs', () => {
    expect(permissionsOf(desk.templates.stream, 'stream')).toEqual(expectedOfService);
  });

  it.each(functionNames)('%s: the key only by way of the service that holds the data', (name) => {
    const statements = statementsOf(desk.templates[stackOf[name]], name);
    const usesKey = statements.filter(({ Action }) => [Action].flat().some((action) => action.startsWith('kms:')));
    expect(usesKey.length).toBeGreaterThan(0);
    for (const { Condition } of usesKey)
      expect(JSON.stringify(Condition)).toMatch(/kms:ViaService.*(dynamodb|s3|secretsmanager|sns)\./);
  });

  it('no role has a wildcard action, and none a managed policy', () => {
    for (const template of Object.values(desk.templates)) {
      for (const role of Object.values(template.findResources('AWS::IAM::Role'))) {
        expect(role.Properties.ManagedPolicyArns).toBeUndefined();
      }
      for (const policy of Object.values(template.findResources('AWS::IAM::Policy'))) {
        expect(JSON.stringify(policy.Properties.PolicyDocument)).not.toMatch(/"[a-z]+:[A-Za-z]*\*"/);
      }
    }
  });

  it('wildcard resources exist only for network interfaces and traces, where AWS takes no others', () => {
    const { templates } = synthesizeDesk('prod', { fixedEgress: true });
    for (const name of functionNames) {
      const everything = permissionsOf(templates[stackOf[name]], name).everything ?? [];
      expect(
        everything.filter((action) => !/^(xray:Put|ec2:.*(NetworkInterface|Subnets|PrivateIpAddresses))/.test(action)),
      ).toEqual([]);
    }
    expect(permissionsOf(templates.api, 'receive-signal').everything).toEqual([
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ]);
  });

  it('each function runs with a role that no other has', () => {
    const roles = Object.values(desk.templates).flatMap((template) =>
      Object.values(template.findResources('AWS::Lambda::Function')).map(({ Properties }) =>
        JSON.stringify(Properties.Role),
      ),
    );
    expect(roles).toHaveLength(functionNames.length);
    expect(new Set(roles).size).toBe(roles.length);
  });

  it('every request that the code makes of tables, files and queues is one that somebody may make', () => {
    const folder = new URL('../../layers/aws/src/', import.meta.url);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const sources = files.map((name) => readFileSync(new URL(name, folder), 'utf8'));
    const made = Object.entries(requestsWithout).flatMap(([service, without]) =>
      sources
        .flatMap((text) => new RegExp(`import \\{([^}]*)\\} from '@aws-sdk/client-${service}'`).exec(text)?.[1] ?? [])
        .flatMap((names) => [...names.matchAll(/\b(?:(\w+)Command|paginate(\w+))\b/g)])
        .map(([, command, paged]) => command ?? paged ?? '')
        .filter((name) => !without.includes(name))
        .map((name) => `${service}:${permissionOfRequest[name] ?? name}`),
    );
    const allowed = functionNames.flatMap((name) => Object.values(permissionsOf(desk.templates[stackOf[name]], name)));
    allowed.push(...Object.values(permissionsOf(desk.templates.stream, 'stream')));
    expect(new Set(made).size).toBeGreaterThan(14);
    expect(made).toEqual(expect.arrayContaining(['dynamodb:BatchWriteItem', 's3:ListBucket', 'sqs:SendMessage']));
    expect([...new Set(made)].filter((action) => !allowed.flat().includes(action))).toEqual([]);
  });

  it('a schedule may start its own function and nothing else', () => {
    const policies = Object.entries(desk.templates.trading.findResources('AWS::IAM::Policy'));
    const ofSchedules = policies.filter(([id]) => id.includes('Schedule'));
    expect(ofSchedules).toHaveLength(6);
    for (const [id, { Properties }] of ofSchedules) {
      const [statement, ...others] = Properties.PolicyDocument.Statement;
      expect(others).toEqual([]);
      expect(statement.Action).toBe('lambda:InvokeFunction');
      const own = /(TrackOrders|RefreshMarkets|ProbeExchanges|CheckKeys|PlanReconciliations|RenewLeases)Schedule/.exec(
        id,
      )?.[1];
      expect(statement.Resource['Fn::GetAtt'][0]).toContain(`${own}Function`);
    }
  });
});
