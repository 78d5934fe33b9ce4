/** What the embedded cloud knows about each resource type: how it is named, and what `Ref` and `Fn::GetAtt` give. */
import { templateStreamArn } from '../cloud/dynamodb/streams/stream-arn.ts';
import { topicArn } from '../cloud/sns/topics.ts';
import { localPlace } from './pseudo-parameters.ts';
import type { Json, JsonObject } from './template.ts';

/** Where the running parts can be reached. The HTTP API is not among them: it starts last, when its functions are there. */
export interface CloudAddresses {
  /** Origin of the AWS endpoint, e.g. `http://127.0.0.1:4101`. */
  aws: string;
}

/** A resource as the rules of its type see it. */
export interface NamedResource {
  /** What AWS would call it: a name where the type has names, else an id. */
  name: string;
  properties: JsonObject;
  addresses: CloudAddresses;
}

type Give = (resource: NamedResource) => Json;

export interface TypeRule {
  /** Why nothing has to be created locally; absent where the embedded cloud creates it. */
  noEffectBecause?: string;
  /** The property by which a template can choose the name; set to the name where the template does not. */
  nameProperty?: string;
  /** The form of a name that the template does not choose. @default a readable name of up to 64 characters */
  generated?: GeneratedName;
  ref: Give;
  attributes?: Readonly<Record<string, Give>>;
}

export interface GeneratedName {
  kind: 'name' | 'id' | 'uuid';
  lengthMax: number;
  /** @default false */
  isLowerCase?: boolean;
  suffix?: (properties: JsonObject) => string;
}

/** @returns undefined for a type that is neither emulated nor known to have no effect locally. */
export function typeRule(type: string): TypeRule | undefined {
  return Object.hasOwn(rules, type) ? rules[type] : undefined;
}

export const isEmulated = (type: string): type is EmulatedType => Object.hasOwn(emulated, type);

const { accountId, region, partition } = localPlace;
const arn = (service: string, resource: string): string =>
  `arn:${partition}:${service}:${region}:${accountId}:${resource}`;
const globalArn = (service: string, resource: string): string =>
  `arn:${partition}:${service}::${accountId}:${resource}`;

const name: Give = (resource) => resource.name;
/** Length of the ids that API Gateway and AppConfig give. */
const shortId: GeneratedName = { kind: 'id', lengthMax: 10 };
const uuid: GeneratedName = { kind: 'uuid', lengthMax: 36 };

const queueUrl: Give = ({ name, addresses }) => `${addresses.aws}/${accountId}/${name}`;
const layerArn: Give = ({ name }) => arn('lambda', `layer:${name}:1`);
const secretArn: Give = ({ name }) => arn('secretsmanager', `secret:${name}`);

const taskDefinitionArn: Give = ({ name }) => arn('ecs', `task-definition/${name}:1`);
const serviceArn: Give = ({ name }) => arn('ecs', `service/${name}`);

const emulated = {
  'AWS::DynamoDB::Table': {
    nameProperty: 'TableName',
    generated: { kind: 'name', lengthMax: 255 },
    ref: name,
    attributes: {
      Arn: ({ name }) => arn('dynamodb', `table/${name}`),
      StreamArn: ({ name, properties }) => {
        if (properties.StreamSpecification === undefined) throw new Error(`the table ${name} has no stream`);
        return templateStreamArn(name);
      },
    },
  },
  'AWS::SQS::Queue': {
    nameProperty: 'QueueName',
    generated: {
      kind: 'name',
      lengthMax: 80,
      suffix: ({ FifoQueue: fifo }) => (String(fifo) === 'true' ? '.fifo' : ''),
    },
    ref: queueUrl,
    attributes: { Arn: ({ name }) => arn('sqs', name), QueueName: name, QueueUrl: queueUrl },
  },
  'AWS::Lambda::Function': {
    nameProperty: 'FunctionName',
    ref: name,
    attributes: { Arn: ({ name }) => arn('lambda', `function:${name}`) },
  },
  'AWS::Lambda::LayerVersion': {
    nameProperty: 'LayerName',
    ref: layerArn,
    attributes: { LayerVersionArn: layerArn },
  },
  'AWS::Lambda::EventSourceMapping': { generated: uuid, ref: name, attributes: { Id: name } },
  'AWS::ApiGatewayV2::Api': {
    generated: shortId,
    ref: name,
    attributes: { ApiId: name },
  },
  'AWS::ApiGatewayV2::Integration': { generated: shortId, ref: name, attributes: { IntegrationId: name } },
  'AWS::ApiGatewayV2::Route': { generated: shortId, ref: name, attributes: { RouteId: name } },
  'AWS::ApiGatewayV2::Stage': { nameProperty: 'StageName', ref: name },
  'AWS::Scheduler::ScheduleGroup': {
    nameProperty: 'Name',
    ref: name,
    attributes: { Arn: ({ name }) => arn('scheduler', `schedule-group/${name}`) },
  },
  'AWS::Scheduler::Schedule': {
    nameProperty: 'Name',
    ref: name,
    attributes: {
      Arn: ({ name, properties }) => arn('scheduler', `schedule/${properties.GroupName ?? 'default'}/${name}`),
    },
  },
  'AWS::SNS::Topic': {
    nameProperty: 'TopicName',
    generated: { kind: 'name', lengthMax: 256 },
    ref: ({ name }) => topicArn(name),
    attributes: { TopicArn: ({ name }) => topicArn(name), TopicName: name },
  },
  'AWS::SNS::Subscription': { ref: name },
  'AWS::S3::Bucket': {
    nameProperty: 'BucketName',
    generated: { kind: 'name', lengthMax: 63, isLowerCase: true },
    ref: name,
    attributes: { Arn: ({ name }) => `arn:${partition}:s3:::${name}` },
  },
  'AWS::SecretsManager::Secret': { nameProperty: 'Name', ref: secretArn, attributes: { Id: secretArn } },
  'AWS::SecretsManager::RotationSchedule': { ref: ({ properties }) => properties.SecretId ?? '' },
  'AWS::AppConfig::Application': { generated: shortId, ref: name, attributes: { ApplicationId: name } },
  'AWS::AppConfig::Environment': { generated: shortId, ref: name, attributes: { EnvironmentId: name } },
  'AWS::AppConfig::ConfigurationProfile': {
    generated: shortId,
    ref: name,
    attributes: { ConfigurationProfileId: name },
  },
  'AWS::AppConfig::HostedConfigurationVersion': { ref: () => '1', attributes: { VersionNumber: () => '1' } },
  'AWS::AppConfig::DeploymentStrategy': { generated: shortId, ref: name, attributes: { Id: name } },
  'AWS::AppConfig::Deployment': { ref: () => '1', attributes: { DeploymentNumber: () => '1' } },
  'AWS::ECS::TaskDefinition': {
    nameProperty: 'Family',
    generated: { kind: 'name', lengthMax: 255 },
    ref: taskDefinitionArn,
    attributes: { TaskDefinitionArn: taskDefinitionArn },
  },
  'AWS::ECS::Service': {
    nameProperty: 'ServiceName',
    generated: { kind: 'name', lengthMax: 255 },
    ref: serviceArn,
    attributes: { ServiceArn: serviceArn, Name: name },
  },
} satisfies Readonly<Record<string, TypeRule>>;

/** Types that the embedded cloud creates. */
export type EmulatedType = keyof typeof emulated;

const permissions = 'IAM decisions are not emulated';
const alarms = 'CloudWatch and its alarms are not emulated';
const keys = 'encryption at rest is not emulated';
const logs = 'functions and services log to files in the state folder';
const networks = 'everything runs on this machine and stays there';
const networkIds: TypeRule = { noEffectBecause: networks, ref: name };

const withoutEffect: Readonly<Record<string, TypeRule>> = {
  'AWS::IAM::Role': {
    noEffectBecause: permissions,
    nameProperty: 'RoleName',
    ref: name,
    attributes: { Arn: ({ name }) => globalArn('iam', `role/${name}`) },
  },
  'AWS::IAM::Policy': { noEffectBecause: permissions, nameProperty: 'PolicyName', ref: name },
  'AWS::IAM::ManagedPolicy': { noEffectBecause: permissions, ref: ({ name }) => globalArn('iam', `policy/${name}`) },
  'AWS::Lambda::Permission': { noEffectBecause: permissions, ref: name },
  'AWS::Lambda::EventInvokeConfig': {
    noEffectBecause: 'schedules call functions without the queue it describes',
    ref: name,
  },
  'AWS::SQS::QueuePolicy': { noEffectBecause: permissions, ref: name },
  'AWS::S3::BucketPolicy': { noEffectBecause: permissions, ref: name },
  'AWS::SNS::TopicPolicy': { noEffectBecause: permissions, ref: name },
  'AWS::SecretsManager::ResourcePolicy': { noEffectBecause: permissions, ref: name },
  'AWS::KMS::Key': {
    noEffectBecause: keys,
    generated: uuid,
    ref: name,
    attributes: { Arn: ({ name }) => arn('kms', `key/${name}`), KeyId: name },
  },
  'AWS::KMS::Alias': { noEffectBecause: keys, nameProperty: 'AliasName', ref: name },
  'AWS::CloudWatch::Alarm': {
    noEffectBecause: alarms,
    nameProperty: 'AlarmName',
    ref: name,
    attributes: { Arn: ({ name }) => arn('cloudwatch', `alarm:${name}`) },
  },
  'AWS::CloudWatch::CompositeAlarm': {
    noEffectBecause: alarms,
    nameProperty: 'AlarmName',
    ref: name,
    attributes: { Arn: ({ name }) => arn('cloudwatch', `alarm:${name}`) },
  },
  'AWS::CloudWatch::Dashboard': { noEffectBecause: alarms, nameProperty: 'DashboardName', ref: name },
  'AWS::Logs::LogGroup': {
    noEffectBecause: logs,
    nameProperty: 'LogGroupName',
    ref: name,
    attributes: { Arn: ({ name }) => arn('logs', `log-group:${name}:*`) },
  },
  'AWS::Logs::MetricFilter': { noEffectBecause: logs, ref: name },
  'AWS::ECS::Cluster': {
    noEffectBecause: 'services run as processes of this machine',
    nameProperty: 'ClusterName',
    ref: name,
    attributes: { Arn: ({ name }) => arn('ecs', `cluster/${name}`) },
  },
  'AWS::EC2::VPC': { ...networkIds, attributes: { VpcId: name } },
  'AWS::EC2::Subnet': { ...networkIds, attributes: { SubnetId: name } },
  'AWS::EC2::RouteTable': { ...networkIds, attributes: { RouteTableId: name } },
  'AWS::EC2::SubnetRouteTableAssociation': networkIds,
  'AWS::EC2::Route': networkIds,
  'AWS::EC2::InternetGateway': { ...networkIds, attributes: { InternetGatewayId: name } },
  'AWS::EC2::VPCGatewayAttachment': networkIds,
  'AWS::EC2::VPCEndpoint': networkIds,
  'AWS::EC2::SecurityGroup': { ...networkIds, attributes: { GroupId: name } },
  'AWS::CDK::Metadata': { noEffectBecause: 'it only tells AWS which constructs are used', ref: name },
};

const rules: Readonly<Record<string, TypeRule>> = { ...emulated, ...withoutEffect };
