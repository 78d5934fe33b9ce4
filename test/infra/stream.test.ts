import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { environmentNames } from '@nightdesk/core';
import { bundleScript } from '@nightdesk/infra/bundling/bundle-script.ts';
import { paths } from '@nightdesk/infra/config/paths.ts';
import { streamPorts } from '@nightdesk/infra/config/stream-ports.ts';
import { describe, expect, it } from 'vitest';
import { permissionsOf } from './permissions.ts';
import { sampleConfig, synthesizeDesk } from './synthesized-desk.ts';

const desk = synthesizeDesk('prod');
const { stream, trading } = desk.templates;

function onlyOne<Properties>(type: string, template = stream): Properties {
  const [found, ...others] = Object.values(template.findResources(type));
  expect(others).toEqual([]);
  if (found === undefined) throw new Error(`there is no ${type}`);
  return found.Properties as Properties;
}

interface TaskDefinition {
  ContainerDefinitions: Record<string, unknown>[];
  [property: string]: unknown;
}
const definition = onlyOne<TaskDefinition>('AWS::ECS::TaskDefinition');
const [container] = definition.ContainerDefinitions;
const service = onlyOne<Record<string, unknown>>('AWS::ECS::Service');

describe('a task of the stream service', () => {
  it('is of the size that the stage says, on ARM', () => {
    expect(definition).toMatchObject({
      ...{ Family: 'nightdesk-prod-stream', RequiresCompatibilities: ['FARGATE'], NetworkMode: 'awsvpc' },
      ...{ Cpu: String(desk.settings.streamTaskSize.cpuUnits), Memory: String(desk.settings.streamTaskSize.memoryMb) },
      RuntimePlatform: { CpuArchitecture: 'ARM64', OperatingSystemFamily: 'LINUX' },
    });
    expect(definition.ContainerDefinitions).toHaveLength(1);
  });

  it('runs the program that its image holds, writes to no disk, and has a minute to hand over', () => {
    expect(container).toMatchObject({
      ...{ Command: ['node', 'index.mjs'], WorkingDirectory: '/app', ReadonlyRootFilesystem: true, StopTimeout: 60 },
      HealthCheck: { Command: ['CMD', 'node', 'index.mjs', '--health'] },
    });
    expect(container?.Secrets).toBeUndefined();
  });

  it('is told what the contract names, and no secret', () => {
    const variables = container?.Environment as { Name: string; Value: unknown }[];
    const contract = new Set<string>(Object.values(environmentNames));
    const names = variables.map(({ Name }) => Name);
    expect(names.filter((name) => !contract.has(name))).toEqual(['AWS_REGION']);
    const { stage, configApplication, marketsTable, candlesTable, coordinationTable, quotesTable } = environmentNames;
    const { orderNewsQueueUrl, archiveBucket, secretsPrefix, venuesDirectory, egressName } = environmentNames;
    expect(names).toEqual(
      expect.arrayContaining([
        ...[stage, configApplication, marketsTable, candlesTable, coordinationTable, quotesTable],
        ...[orderNewsQueueUrl, archiveBucket, secretsPrefix, venuesDirectory, egressName],
      ]),
    );
    const valueOfVariable = (name: string) => variables.find(({ Name }) => Name === name)?.Value;
    expect(valueOfVariable(environmentNames.venuesDirectory)).toBe('/app/venues');
    // Requests of tasks leave from other addresses than those of functions, so they are counted apart.
    expect(valueOfVariable(environmentNames.egressName)).toBe('stream');
  });

  it('logs to a group of its own, and does not wait for it', () => {
    const logging = container?.LogConfiguration as { LogDriver: string; Options: Record<string, unknown> };
    expect(logging).toMatchObject({ LogDriver: 'awslogs', Options: { mode: 'non-blocking' } });
    const groups = Object.entries(stream.findResources('AWS::Logs::LogGroup'));
    const [id] = groups.find(([, { Properties }]) => Properties.LogGroupName === '/nightdesk/prod/stream') ?? [];
    expect(logging.Options['awslogs-group']).toEqual({ Ref: id });
  });

  it('is started by ECS of this account only, by a role that may pull its image and write its log', () => {
    const roles = Object.entries(stream.findResources('AWS::IAM::Role'));
    const [, role] = roles.find(([id]) => id.startsWith('StreamRole')) ?? [];
    expect(role?.Properties.AssumeRolePolicyDocument.Statement).toMatchObject([
      {
        Principal: { Service: 'ecs-tasks.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      },
    ]);
    const policies = Object.entries(stream.findResources('AWS::IAM::Policy'));
    const [, policy] = policies.find(([id]) => id.startsWith('StreamTaskExecutionRole')) ?? [];
    const statements = policy?.Properties.PolicyDocument.Statement as { Action: string | string[] }[];
    expect(statements.flatMap(({ Action }) => Action).sort()).toEqual([
      'ecr:BatchCheckLayerAvailability',
      'ecr:BatchGetImage',
      'ecr:GetAuthorizationToken',
      'ecr:GetDownloadUrlForLayer',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
    ]);
  });
});

/** What the SDK's clients can ask by themselves, mostly for credentials in other places than ECS. */
const askedByTheSdk = [
  ...['AssumeRole', 'AssumeRoleWithWebIdentity', 'CreateOAuth2Token', 'CreateOAuth2TokenWithIAM', 'CreateToken'],
  ...['GetRoleCredentials', 'CreateSession', 'DescribeEndpoints'],
];
/** What the service's parts can ask in functions only: they answer with quotes, write candles and keep the journal. */
const askedByFunctions = ['BatchGetItem', 'DeleteObject', 'GetObject', 'ListObjectsV2', 'TransactWriteItems'];

it('every request that is in the program of the service is one that it may make, or is known never to be made', async () => {
  const outdir = mkdtempSync(join(tmpdir(), 'nightdesk-stream-'));
  try {
    const entry = join(paths.services, 'stream/src/main.ts');
    await bundleScript({ entry, credentials: 'anywhere', name: 'index', outdir });
    const files = readdirSync(outdir, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.mjs'));
    const source = files.map((name) => readFileSync(join(outdir, name), 'utf8')).join('\n');
    const commands = [...source.matchAll(/class extends [\w$]+\([\w$]+,[\w$]+,"(\w+)"/g)].map(([, name = '']) => name);
    expect(commands).toEqual(expect.arrayContaining(['BatchWriteItem', 'SendMessageBatch', 'PutObject']));
    const known = new Set([...askedByTheSdk, ...askedByFunctions]);
    const permissions = Object.values(permissionsOf(stream, 'stream')).flat();
    const mayAsk = new Set(permissions.map((action) => action.split(':')[1]));
    const permissionOf = (command: string) => (command === 'SendMessageBatch' ? 'SendMessage' : command);
    expect(commands.filter((command) => !known.has(command) && !mayAsk.has(permissionOf(command)))).toEqual([]);
    expect([...known].filter((command) => !commands.includes(command))).toEqual([]);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
});

describe('the stream service', () => {
  it('has its new tasks going before the old ones end, and takes a deployment back that does not work', () => {
    expect(service).toMatchObject({
      ...{ ServiceName: 'nightdesk-prod-stream', DesiredCount: desk.settings.streamTasks, LaunchType: 'FARGATE' },
      ...{ EnableExecuteCommand: false },
      DeploymentConfiguration: {
        ...{ MinimumHealthyPercent: 100, MaximumPercent: 200 },
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
      },
    });
  });

  it('is made after the way out of its network', () => {
    const [found] = Object.values(stream.findResources('AWS::ECS::Service'));
    const routes = Object.keys(stream.findResources('AWS::EC2::Route'));
    expect(routes).toHaveLength(2);
    expect(found?.DependsOn).toEqual(expect.arrayContaining(routes));
  });

  it('costs nothing in a desk that wants no tasks', () => {
    const { templates } = synthesizeDesk('dev', { streamTasks: 0 });
    expect(onlyOne<{ DesiredCount: number }>('AWS::ECS::Service', templates.stream).DesiredCount).toBe(0);
  });
});

describe('its network', () => {
  const egressOf = (template = stream) =>
    onlyOne<{ SecurityGroupEgress: { FromPort: number; ToPort: number }[] }>('AWS::EC2::SecurityGroup', template)
      .SecurityGroupEgress;

  it('has no NAT gateway: tasks have public addresses, where nothing is let in', () => {
    stream.resourceCountIs('AWS::EC2::NatGateway', 0);
    expect(service.NetworkConfiguration).toMatchObject({ AwsvpcConfiguration: { AssignPublicIp: 'ENABLED' } });
    const group = onlyOne<{ SecurityGroupIngress?: unknown }>('AWS::EC2::SecurityGroup');
    expect(group.SecurityGroupIngress).toBeUndefined();
    expect(egressOf()).toMatchObject(
      streamPorts.map((port) => ({ FromPort: port, ToPort: port, IpProtocol: 'tcp', CidrIp: '0.0.0.0/0' })),
    );
  });

  it('reaches tables and files without the internet', () => {
    const endpoints = Object.values(stream.findResources('AWS::EC2::VPCEndpoint')).map(({ Properties }) => Properties);
    expect(endpoints.map(({ ServiceName }) => /\.(\w+)"/.exec(JSON.stringify(ServiceName))?.[1]).sort()).toEqual([
      'dynamodb',
      's3',
    ]);
  });

  it('lets out to proxies as well', () => {
    const config = structuredClone(sampleConfig);
    Object.assign(config.exchanges.binance ?? {}, { proxies: ['http://one.example:3128', 'https://two.example'] });
    const ports = egressOf(synthesizeDesk('dev', {}, config).templates.stream).map(({ FromPort }) => FromPort);
    expect(ports).toEqual([...streamPorts, 3128]);
  });

  it('is that of the fixed egress where there is one, and so is its name', () => {
    const fixed = synthesizeDesk('dev', { fixedEgress: true });
    const { stream: inside } = fixed.templates;
    inside.resourceCountIs('AWS::EC2::VPC', 0);
    const { NetworkConfiguration } = onlyOne<Record<string, unknown>>('AWS::ECS::Service', inside);
    expect(NetworkConfiguration).toMatchObject({ AwsvpcConfiguration: { AssignPublicIp: 'DISABLED' } });
    expect(JSON.stringify(NetworkConfiguration)).toMatch(/EgressNetworkprivateSubnet1.*EgressNetworkprivateSubnet2/);
    const [{ Environment: variables } = { Environment: [] }] = onlyOne<{
      ContainerDefinitions: { Environment: { Name: string; Value: unknown }[] }[];
    }>('AWS::ECS::TaskDefinition', inside).ContainerDefinitions;
    const egress = variables.find(({ Name }) => Name === environmentNames.egressName)?.Value;
    expect(JSON.stringify(egress)).toContain('EgressAddress');
    const functions = Object.values(inside.findResources('AWS::Lambda::Function'));
    expect(functions.map(({ Properties }) => Properties.VpcConfig?.SubnetIds)).toEqual([
      [expect.anything(), expect.anything()],
    ]);
    expect(fixed.findings).toEqual([]);
  });

  it('knows every port on which ccxt’s classes find a real venue’s streams', () => {
    const folder = join(dirname(createRequire(import.meta.url).resolve('ccxt')), '../js/src/pro');
    const sources = readdirSync(folder).filter((name) => name.endsWith('.js'));
    const ports = sources
      .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
      .filter((line) => !/staging|localhost|127\.0\.0\.1/.test(line))
      .flatMap((line) => /wss:\/\/[^'"/:]+:(\d+)/.exec(line)?.[1] ?? []);
    expect(new Set(ports)).toContain('9443');
    expect([...new Set(ports)].map(Number).filter((port) => !streamPorts.includes(port))).toEqual([]);
  });
});

describe('news of orders', () => {
  it('are a queue that keeps the order of each market of an account, and are given up among dead letters', () => {
    const queues = Object.values(stream.findResources('AWS::SQS::Queue')).map(({ Properties }) => Properties);
    const news = queues.find(({ QueueName }) => QueueName === 'nightdesk-prod-order-news.fifo');
    expect(news).toMatchObject({
      ...{ FifoQueue: true, FifoThroughputLimit: 'perMessageGroupId', DeduplicationScope: 'messageGroup' },
      RedrivePolicy: { maxReceiveCount: 10 },
    });
    expect(queues.map(({ QueueName }) => QueueName)).toContain('nightdesk-prod-order-news-dead.fifo');
  });

  it('are not given to a second worker while one may still be at them', () => {
    const fn = onlyOne<{ Timeout: number; Layers: unknown[] }>('AWS::Lambda::Function');
    const queues = Object.values(stream.findResources('AWS::SQS::Queue')).map(({ Properties }) => Properties);
    const news = queues.find(({ QueueName }) => QueueName === 'nightdesk-prod-order-news.fifo');
    expect(news?.VisibilityTimeout).toBeGreaterThan(fn.Timeout);
    const mapping = onlyOne<Record<string, unknown>>('AWS::Lambda::EventSourceMapping');
    expect(mapping).toMatchObject({ BatchSize: 10, FunctionResponseTypes: ['ReportBatchItemFailures'] });
  });

  it('are of a stack after that of trading, which does without all of this', () => {
    expect(JSON.stringify(trading.toJSON())).not.toMatch(/OrderNews|StreamService/);
  });
});
