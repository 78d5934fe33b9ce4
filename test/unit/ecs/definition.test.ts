import type { ResolvedResource } from '@nightdesk/local/cloud/resolved-resource.ts';
import { describe, expect, it } from 'vitest';
import { imageOf, readService, readTask } from '../../../local/cloud/ecs/definition.ts';
import { buildTaskEnvironment } from '../../../local/cloud/ecs/environment.ts';

const image = '000000000000.dkr.ecr.us-east-1.aws.invalid/assets:c0ffee';
const container = {
  Name: 'stream',
  Image: image,
  Command: ['node', 'index.mjs', '--quiet'],
  WorkingDirectory: '/app',
  StopTimeout: 60,
  Environment: [
    { Name: 'NIGHTDESK_STAGE', Value: 'local' },
    { Name: 'NIGHTDESK_VENUES_DIRECTORY', Value: '/app/venues' },
    { Name: 'HERE', Value: '/app' },
    { Name: 'ELSEWHERE', Value: '/apples' },
  ],
};

function definitionOf(...containers: object[]): ResolvedResource {
  const properties = { Family: 'nightdesk-local-stream', ContainerDefinitions: containers };
  return { logicalId: 'Task', type: 'AWS::ECS::TaskDefinition', physicalId: 'arn:task:1', properties };
}

describe('a task definition', () => {
  it('means a program of Node, in the folder that its image is made of', () => {
    expect(readTask(definitionOf(container), '/assets/image')).toEqual({
      arguments: ['index.mjs', '--quiet'],
      directory: '/assets/image',
      stopTimeoutMs: 60_000,
      variables: {
        NIGHTDESK_STAGE: 'local',
        NIGHTDESK_VENUES_DIRECTORY: '/assets/image/venues',
        HERE: '/assets/image',
        ELSEWHERE: '/apples',
      },
    });
    expect(imageOf(definitionOf(container))).toBe(image);
  });

  it('has half a minute to end where it does not say', () => {
    const { StopTimeout: _, ...rest } = container;
    expect(readTask(definitionOf(rest), '/').stopTimeoutMs).toBe(30_000);
  });

  it.each<[string, object[]]>([
    ['only one container runs here', []],
    ['only one container runs here', [container, container]],
    ['Command must begin with node', [{ ...container, Command: ['sh', '-c', 'node index.mjs'] }]],
    ['Command must begin with node', [{ ...container, Command: undefined }]],
    ['StopTimeout must not be above 120', [{ ...container, StopTimeout: 121 }]],
    ['Secrets of a container are not emulated', [{ ...container, Secrets: [{ Name: 'A', ValueFrom: 'b' }] }]],
    ['EntryPoint of a container are not emulated', [{ ...container, EntryPoint: ['/bin/sh'] }]],
    ['NODE_OPTIONS is taken', [{ ...container, Environment: [{ Name: 'NODE_OPTIONS', Value: '' }] }]],
    ['property WorkingDirectory must be a string', [{ ...container, WorkingDirectory: undefined }]],
  ])('is refused: %s', (problem, containers) => {
    expect(() => readTask(definitionOf(...containers), '/')).toThrow(problem);
  });

  it('without a container has no image', () => {
    expect(() => imageOf(definitionOf())).toThrow('AWS::ECS::TaskDefinition Task: it has no container');
  });
});

describe('a service', () => {
  const resource = (properties: object): ResolvedResource => ({
    ...{ logicalId: 'Service', type: 'AWS::ECS::Service', physicalId: 'arn:service' },
    properties: { ServiceName: 'nightdesk-local-stream', TaskDefinition: 'arn:task:1', ...properties },
  });

  it('wants as many tasks as it says, and one where it does not', () => {
    expect(readService(resource({ DesiredCount: 3 }))).toEqual({
      ...{ name: 'nightdesk-local-stream', desiredCount: 3, taskDefinition: 'arn:task:1' },
    });
    expect(readService(resource({})).desiredCount).toBe(1);
  });
});

describe('the environment of a task', () => {
  it('is built from nothing, and has no way to a real account or to what only ECS answers', () => {
    const environment = buildTaskEnvironment(
      { variables: { NIGHTDESK_STAGE: 'local', NIGHTDESK_HEALTH_PORT: '8080', AWS_ENDPOINT_URL: 'mine' } },
      { shared: { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }, overrides: { NIGHTDESK_HEALTH_PORT: '0' } },
    );
    expect(environment).toMatchObject({
      ...{ NIGHTDESK_STAGE: 'local', NIGHTDESK_HEALTH_PORT: '0', AWS_ENDPOINT_URL: 'mine' },
      ...{ AWS_ACCESS_KEY_ID: 'local', AWS_EC2_METADATA_DISABLED: 'true', AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE' },
      ...{ AWS_REGION: 'us-east-1', AWS_DEFAULT_REGION: 'us-east-1' },
    });
    expect(Object.keys(environment).filter((name) => /^(ECS_|AWS_CONTAINER_|HOME$|USER$)/.test(name))).toEqual([]);
  });
});
