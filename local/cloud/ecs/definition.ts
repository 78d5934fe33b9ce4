/** What a service and its task definition mean for processes on this machine. */
import { posix } from 'node:path';
import type { PropertyReader } from '../property-reader.ts';
import { type ResolvedResource, readProperties } from '../resolved-resource.ts';

/** A task definition: what one task of a service runs. */
export interface TaskSettings {
  /** Arguments to Node. */
  arguments: readonly string[];
  /** What the image holds; the task's working folder. */
  directory: string;
  variables: Readonly<Record<string, string>>;
  /** How long a task has to end after it was asked to; milliseconds. */
  stopTimeoutMs: number;
}

export interface ServiceSettings {
  name: string;
  /** Tasks that are to run. */
  desiredCount: number;
  /** As the service refers to its task definition. */
  taskDefinition: string;
}

const stopTimeoutSecondsDefault = 30;
const desiredCountDefault = 1;
/** What Fargate takes (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html). */
const stopTimeoutSecondsMax = 120;

/** @throws PropertyError for a property of the wrong type */
export function readService(service: ResolvedResource): ServiceSettings {
  const properties = readProperties(service);
  return {
    name: properties.text('ServiceName'),
    desiredCount: properties.optionalNumber('DesiredCount') ?? desiredCountDefault,
    taskDefinition: properties.text('TaskDefinition'),
  };
}

/**
 * Images are not built here: what an image's folder holds takes the place of the container's working directory, and so do paths below that
 * in the values of variables.
 *
 * @param directory the folder that the image is made of
 * @throws Error naming the resource and what of it cannot be run truthfully
 */
export function readTask(definition: ResolvedResource, directory: string): TaskSettings {
  const properties = readProperties(definition);
  const refuse = (problem: string): never => {
    throw new Error(`${definition.type} ${definition.logicalId}: ${problem}`);
  };
  const [container, ...others] = properties.optionalChildren('ContainerDefinitions') ?? [];
  if (container === undefined || others.length > 0) return refuse('only one container runs here');
  for (const name of ['Secrets', 'EnvironmentFiles', 'MountPoints', 'EntryPoint']) {
    // A list that is there may still be empty.
    if (listed(container, name)) refuse(`${name} of a container are not emulated`);
  }
  const [program, ...rest] = container.optionalTexts('Command') ?? [];
  if (program !== 'node') return refuse('Command must begin with node: what an image would run by itself is not read');
  const stopTimeout = container.optionalNumber('StopTimeout') ?? stopTimeoutSecondsDefault;
  if (stopTimeout > stopTimeoutSecondsMax) refuse(`StopTimeout must not be above ${stopTimeoutSecondsMax}`);
  const workingDirectory = container.text('WorkingDirectory');
  const variables = (container.optionalChildren('Environment') ?? []).map((variable) => {
    const name = variable.text('Name');
    if (name === 'NODE_OPTIONS') refuse('NODE_OPTIONS is taken: it keeps the task on this machine');
    return [name, inFolder(variable.text('Value'), { workingDirectory, directory })] as const;
  });
  return {
    arguments: rest,
    directory,
    variables: Object.fromEntries(variables),
    stopTimeoutMs: stopTimeout * 1_000,
  };
}

/** The image of a task definition's container. @throws PropertyError when there is none */
export function imageOf(definition: ResolvedResource): string {
  const [container] = readProperties(definition).optionalChildren('ContainerDefinitions') ?? [];
  if (container === undefined) throw new Error(`${definition.type} ${definition.logicalId}: it has no container`);
  return container.text('Image');
}

function listed(container: PropertyReader, name: string): boolean {
  if (name === 'EntryPoint') return (container.optionalTexts(name) ?? []).length > 0;
  return (container.optionalChildren(name) ?? []).length > 0;
}

function inFolder(value: string, { workingDirectory, directory }: Record<'workingDirectory' | 'directory', string>) {
  if (value === workingDirectory) return directory;
  const below = posix.join(workingDirectory, '/');
  return value.startsWith(below) ? posix.join(directory, value.slice(below.length)) : value;
}
