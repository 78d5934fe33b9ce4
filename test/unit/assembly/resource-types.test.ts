// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are placeholders of CloudFormation's Fn::Sub, not of JavaScript.
import { describe, expect, it } from 'vitest';
import { buildGraph } from '../../../local/assembly/graph.ts';
import { createPhysicalNames } from '../../../local/assembly/physical-names.ts';
import { resolveGraph } from '../../../local/assembly/resolve-graph.ts';
import type { Json, JsonObject, TemplateResource } from '../../../local/assembly/template.ts';

const addresses = { aws: 'http://127.0.0.1:4101' };

/** What a value that refers to `It` resolves to. */
function give(it: TemplateResource, value: Json): Json | undefined {
  const Probe = { Type: 'AWS::SQS::Queue', Properties: { Probe: value } };
  const graph = buildGraph([{ name: 'desk', template: { Resources: { It: it, Probe } } }]);
  const resources = resolveGraph(graph, { directory: '/out', names: createPhysicalNames(), addresses });
  return resources.find((resource) => resource.logicalId === 'Probe')?.properties.Probe;
}

const resource = (type: string, properties: JsonObject = {}): TemplateResource => ({
  Type: type,
  Properties: properties,
});

const cases: [type: string, properties: JsonObject, value: Json, expected: string | RegExp][] = [
  ['AWS::DynamoDB::Table', { TableName: 'orders' }, { Ref: 'It' }, 'orders'],
  ['AWS::DynamoDB::Table', {}, { Ref: 'It' }, /^desk-It-[0-9a-f]{8}$/],
  [
    'AWS::DynamoDB::Table',
    { TableName: { 'Fn::Sub': '${AWS::StackName}-orders' } },
    { 'Fn::GetAtt': ['It', 'Arn'] },
    'arn:aws:dynamodb:us-east-1:000000000000:table/desk-orders',
  ],
  [
    'AWS::DynamoDB::Table',
    { TableName: 'orders', StreamSpecification: { StreamViewType: 'NEW_IMAGE' } },
    { 'Fn::GetAtt': ['It', 'StreamArn'] },
    'arn:aws:dynamodb:us-east-1:000000000000:table/orders/stream/2026-01-01T00:00:00.000',
  ],
  ['AWS::SQS::Queue', { QueueName: 'q' }, { Ref: 'It' }, 'http://127.0.0.1:4101/000000000000/q'],
  ['AWS::SQS::Queue', { QueueName: 'q' }, { 'Fn::GetAtt': ['It', 'Arn'] }, 'arn:aws:sqs:us-east-1:000000000000:q'],
  ['AWS::SQS::Queue', { FifoQueue: true }, { 'Fn::GetAtt': ['It', 'QueueName'] }, /^desk-It-[0-9a-f]{8}\.fifo$/],
  [
    'AWS::Lambda::Function',
    { FunctionName: 'f' },
    { 'Fn::GetAtt': ['It', 'Arn'] },
    'arn:aws:lambda:us-east-1:000000000000:function:f',
  ],
  ['AWS::Lambda::Function', { FunctionName: 'f' }, { Ref: 'It' }, 'f'],
  ['AWS::Lambda::LayerVersion', { LayerName: 'l' }, { Ref: 'It' }, 'arn:aws:lambda:us-east-1:000000000000:layer:l:1'],
  ['AWS::ApiGatewayV2::Api', {}, { Ref: 'It' }, /^[0-9a-f]{10}$/],
  ['AWS::ApiGatewayV2::Stage', { StageName: '$default' }, { Ref: 'It' }, '$default'],
  ['AWS::AppConfig::Application', {}, { Ref: 'It' }, /^[0-9a-f]{10}$/],
  [
    'AWS::SecretsManager::Secret',
    { Name: 'desk/token' },
    { Ref: 'It' },
    'arn:aws:secretsmanager:us-east-1:000000000000:secret:desk/token',
  ],
  ['AWS::KMS::Key', {}, { 'Fn::GetAtt': ['It', 'Arn'] }, /^arn:aws:kms:us-east-1:000000000000:key\/[0-9a-f-]{36}$/],
  ['AWS::IAM::Role', {}, { 'Fn::GetAtt': ['It', 'Arn'] }, /^arn:aws:iam::000000000000:role\/desk-It-[0-9a-f]{8}$/],
  ['AWS::S3::Bucket', {}, { Ref: 'It' }, /^desk-it-[0-9a-f]{8}$/],
  ['AWS::S3::Bucket', { BucketName: 'b-b' }, { 'Fn::GetAtt': ['It', 'Arn'] }, 'arn:aws:s3:::b-b'],
  ['AWS::SNS::Topic', { TopicName: 't' }, { Ref: 'It' }, 'arn:aws:sns:us-east-1:000000000000:t'],
  [
    'AWS::ECS::TaskDefinition',
    { Family: 'f' },
    { Ref: 'It' },
    'arn:aws:ecs:us-east-1:000000000000:task-definition/f:1',
  ],
  ['AWS::ECS::Service', { ServiceName: 's' }, { 'Fn::GetAtt': ['It', 'Name'] }, 's'],
  [
    'AWS::ECS::Cluster',
    { ClusterName: 'c' },
    { 'Fn::GetAtt': ['It', 'Arn'] },
    'arn:aws:ecs:us-east-1:000000000000:cluster/c',
  ],
  ['AWS::EC2::Subnet', {}, { Ref: 'It' }, /^desk-It-[0-9a-f]{8}$/],
  ['AWS::EC2::SecurityGroup', {}, { 'Fn::GetAtt': ['It', 'GroupId'] }, /^desk-It-[0-9a-f]{8}$/],
];

describe('what Ref and GetAtt give', () => {
  it.each(cases)('%s %j: %j', (type, properties, value, expected) => {
    const given = give(resource(type, properties), value);
    if (typeof expected === 'string') expect(given).toBe(expected);
    else expect(given).toMatch(expected);
  });

  it('gives a long logical id a name within the limit of its type', () => {
    const graph = buildGraph([
      {
        name: 'desk',
        template: { Resources: { ['L'.repeat(200)]: resource('AWS::SQS::Queue', { FifoQueue: 'true' }) } },
      },
    ]);
    const [queue] = resolveGraph(graph, { directory: '/out', names: createPhysicalNames(), addresses });
    expect(queue?.properties.QueueName).toHaveLength(80);
    expect(queue?.properties.QueueName).toMatch(/\.fifo$/);
  });

  it('refuses the stream of a table that has none', () => {
    const table = resource('AWS::DynamoDB::Table', { TableName: 'orders' });
    expect(() => give(table, { 'Fn::GetAtt': ['It', 'StreamArn'] })).toThrow('the table orders has no stream');
  });

  it('refuses a name that is no text', () => {
    expect(() => give(resource('AWS::DynamoDB::Table', { TableName: ['a'] }), { Ref: 'It' })).toThrow(
      'desk/It (AWS::DynamoDB::Table): TableName must be a string',
    );
  });
});

describe('physical names', () => {
  const site = { stack: 'desk', logicalId: 'Orders', type: 'AWS::DynamoDB::Table', properties: {} };

  it('are the same at every start', () => {
    expect(createPhysicalNames().nameOf(site, undefined)).toBe(createPhysicalNames().nameOf(site, undefined));
  });

  it('differ between stacks', () => {
    const names = createPhysicalNames();
    expect(names.nameOf(site, undefined)).not.toBe(names.nameOf({ ...site, stack: 'other' }, undefined));
  });

  it('stay as the state remembers them', () => {
    const names = createPhysicalNames({ 'desk/Orders': 'as-it-was' });
    expect(names.nameOf(site, undefined)).toBe('as-it-was');
    expect(names.all()).toEqual({ 'desk/Orders': 'as-it-was' });
  });
});
