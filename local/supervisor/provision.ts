/** Creates what the template says, one resource after the other, dependencies first. */
import { AssemblyError } from '../assembly/errors.ts';
import type { AssemblyResource } from '../assembly/resolve-graph.ts';
import type { EmulatedType } from '../assembly/resource-types.ts';
import type { TableDefinition } from '../cloud/dynamodb/index.ts';
import { type Ecs, imageOf } from '../cloud/ecs/index.ts';
import {
  createEventSourceMapping,
  type EventSourceMapping,
  mappingFromResource,
} from '../cloud/event-sources/index.ts';
import type { FunctionDefinition, Lambda } from '../cloud/lambda/index.ts';
import type { BucketDefinition } from '../cloud/s3/index.ts';
import type { TopicDefinition } from '../cloud/sns/index.ts';
import { functionVariables } from './local-overlay.ts';
import type { Schedules } from './schedules.ts';
import type { Services } from './services.ts';

export interface ProvisionTarget extends Pick<Services, 'clock' | 'dynamoDb' | 'sqs' | 'sns' | 's3' | 'secrets'> {
  lambda: Lambda;
  ecs: Pick<Ecs, 'defineTask' | 'defineService'>;
  /** As the assembly has them. */
  images: ReadonlyMap<string, string>;
  schedules: Schedules;
  /** Takes each mapping that was started. */
  mappings: EventSourceMapping[];
  log: (message: string) => void;
}

/** @throws AssemblyError, or the error of the service that refuses a property, naming the resource */
export async function provision(resources: readonly AssemblyResource[], target: ProvisionTarget): Promise<void> {
  const layers = new Map(resources.filter(isLayer).map((layer) => [layer.physicalId, assetOf(layer)]));
  const fed = new Set(resources.filter(isMapping).map((mapping) => mappingFromResource(mapping).FunctionName));
  for (const resource of resources) {
    await creators[resource.type](resource, { ...target, layers, fed });
  }
}

interface Known extends ProvisionTarget {
  /** Where the code of layers lies, by ARN. */
  layers: ReadonlyMap<string, string>;
  /** Names of the functions that queues and streams invoke. */
  fed: ReadonlySet<string>;
}

type Creator = (resource: AssemblyResource, target: Known) => unknown;

/** Read together with others when the service that holds them all is made. */
const elsewhere: Creator = () => undefined;

const creators: Readonly<Record<EmulatedType, Creator>> = {
  // The services check properties themselves, which is why these come without a check of their own.
  'AWS::DynamoDB::Table': ({ properties }, { dynamoDb }) =>
    dynamoDb.createTable(properties as unknown as TableDefinition),
  'AWS::SQS::Queue': ({ properties }, { sqs }) => {
    const queue = sqs.createQueue({ name: String(properties.QueueName), properties });
    // Functions that held messages ended with the last process, so nothing is gained by waiting for their visibility to end.
    sqs.handBack(queue);
  },
  'AWS::SNS::Topic': ({ properties }, { sns }) => sns.createTopic(properties as unknown as TopicDefinition),
  'AWS::SNS::Subscription': ({ logicalId, properties }, { sns }) => sns.subscribe(logicalId, properties),
  'AWS::S3::Bucket': ({ properties }, { s3 }) => s3.createBucket(properties as unknown as BucketDefinition),
  'AWS::SecretsManager::Secret': (resource, { secrets }) => secrets.defineSecret(resource),
  'AWS::SecretsManager::RotationSchedule': (resource, { secrets }) => secrets.rotations.define(resource),
  'AWS::Lambda::LayerVersion': elsewhere,
  'AWS::Lambda::Function': (resource, { lambda, layers, fed }) => {
    const definition = functionDefinition(resource, layers);
    lambda.defineFunction({ ...definition, inBackground: fed.has(definition.FunctionName) });
  },
  'AWS::Lambda::EventSourceMapping': (resource, target) => {
    const options = { ...target, streams: target.dynamoDb.streams };
    target.mappings.push(createEventSourceMapping(mappingFromResource(resource), options));
  },
  'AWS::ECS::TaskDefinition': (resource, { ecs, images }) => ecs.defineTask(resource, imageFolder(resource, images)),
  'AWS::ECS::Service': (resource, { ecs }) => ecs.defineService(resource),
  'AWS::Scheduler::Schedule': (resource, { schedules }) => schedules.define(resource),
  'AWS::Scheduler::ScheduleGroup': elsewhere,
  'AWS::ApiGatewayV2::Api': elsewhere,
  'AWS::ApiGatewayV2::Integration': elsewhere,
  'AWS::ApiGatewayV2::Route': elsewhere,
  'AWS::ApiGatewayV2::Stage': elsewhere,
  'AWS::AppConfig::Application': elsewhere,
  'AWS::AppConfig::Environment': elsewhere,
  'AWS::AppConfig::ConfigurationProfile': elsewhere,
  'AWS::AppConfig::HostedConfigurationVersion': elsewhere,
  'AWS::AppConfig::DeploymentStrategy': elsewhere,
  'AWS::AppConfig::Deployment': elsewhere,
};

function functionDefinition(resource: AssemblyResource, layers: ReadonlyMap<string, string>): FunctionDefinition {
  if ('NODE_OPTIONS' in functionVariables(resource)) {
    throw new AssemblyError(resource, 'NODE_OPTIONS is taken: it keeps the function on this machine');
  }
  const arns = resource.properties.Layers ?? [];
  const layerDirectories = (Array.isArray(arns) ? arns : [arns]).map((arn) => {
    const directory = layers.get(String(arn));
    if (directory === undefined) throw new AssemblyError(resource, `the layer ${String(arn)} is not in the CDK app`);
    return directory;
  });
  const properties = resource.properties as unknown as FunctionDefinition;
  return { ...properties, codeDirectory: assetOf(resource), layerDirectories };
}

function imageFolder(resource: AssemblyResource, images: ReadonlyMap<string, string>): string {
  const image = imageOf(resource);
  const folder = images.get(image.slice(image.lastIndexOf(':') + 1));
  if (folder === undefined) throw new AssemblyError(resource, `the image ${image} is not made by the CDK app`);
  return folder;
}

const isMapping = ({ type }: AssemblyResource): boolean => type === 'AWS::Lambda::EventSourceMapping';
const isLayer = (resource: AssemblyResource): boolean => resource.type === 'AWS::Lambda::LayerVersion';

function assetOf(resource: AssemblyResource): string {
  if (resource.assetPath !== undefined) return resource.assetPath;
  throw new AssemblyError(resource, 'its code is not an asset of the assembly');
}
