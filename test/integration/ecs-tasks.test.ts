/** Tasks of a service as processes. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@nightdesk/local/cloud/clock.ts';
import { createEcs, type Ecs, type EcsOptions } from '@nightdesk/local/cloud/ecs/index.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until as untilIt } from '../support/waiting.ts';

/** Says who it is, and goes on until it is asked to end; whether it then does depends on how it was started. */
const program = `
const { NIGHTDESK_STAGE: stage, NIGHTDESK_VENUES_DIRECTORY: venues, NIGHTDESK_HEALTH_PORT: port, HOME: home } = process.env;
process.on('SIGTERM', () => {
  console.log('asked to end');
  if (process.argv[2] === 'willing') process.exit(0);
});
setInterval(() => undefined, 1_000);
// Only now, since a task that is known to run may be asked to end.
console.log(JSON.stringify({ pid: process.pid, argument: process.argv[2], stage, venues, port, home, folder: process.cwd() }));
`;

let directory: string;
let lines: string[];
let messages: string[];
let ecs: Ecs;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nightdesk-ecs-'));
  writeFileSync(join(directory, 'index.mjs'), program);
  lines = [];
  messages = [];
});
afterEach(async () => {
  await ecs.close({ graceMs: 0 });
  rmSync(directory, { recursive: true, force: true });
});

function define(argument: string, options: Partial<EcsOptions> = {}): void {
  ecs = createEcs({
    ...{ clock: systemClock, environment: {}, overrides: { NIGHTDESK_HEALTH_PORT: '0' } },
    log: (message) => messages.push(message),
    onLog: (name, text) =>
      lines.push(
        ...text
          .trim()
          .split('\n')
          .map((line) => `${name} ${line}`),
      ),
    ...options,
  });
  const container = {
    ...{ Name: 'stream', Image: 'stream:1', Command: ['node', 'index.mjs', argument], WorkingDirectory: '/app' },
    Environment: [
      { Name: 'NIGHTDESK_STAGE', Value: 'local' },
      { Name: 'NIGHTDESK_VENUES_DIRECTORY', Value: '/app/venues' },
    ],
  };
  const task = { logicalId: 'Task', type: 'AWS::ECS::TaskDefinition', physicalId: 'arn:task:1' };
  ecs.defineTask({ ...task, properties: { ContainerDefinitions: [container] } }, directory);
  const service = { logicalId: 'Service', type: 'AWS::ECS::Service', physicalId: 'arn:service' };
  ecs.defineService({
    ...service,
    properties: { ServiceName: 'stream', DesiredCount: 2, TaskDefinition: 'arn:task:1' },
  });
}

const until = (isSo: () => boolean): Promise<void> =>
  untilIt(isSo, { describe: () => [...lines, ...messages].join('\n') });
const saidBy = (number: number) => lines.filter((line) => line.startsWith(`stream-${number} {`));
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('the tasks of a service', () => {
  it('are as many as it wants, each with the variables of its definition and none of this process', async () => {
    define('willing');
    ecs.start();
    await until(() => saidBy(1).length > 0 && saidBy(2).length > 0);
    const [first, second] = ecs.tasks();
    expect(JSON.parse(saidBy(1)[0]?.slice('stream-1 '.length) ?? '')).toEqual({
      ...{ pid: first?.pid, argument: 'willing', stage: 'local', port: '0' },
      ...{ folder: directory, venues: join(directory, 'venues') },
    });
    expect(first).toMatchObject({ service: 'stream', number: 1, restarts: 0 });
    expect(second).toMatchObject({ service: 'stream', number: 2, restarts: 0 });
  });

  it('are replaced when they are killed', async () => {
    define('willing');
    ecs.start(1);
    const [before] = ecs.tasks();
    expect(ecs.tasks()).toHaveLength(1);
    process.kill(before?.pid ?? 0, 'SIGKILL');
    await until(() => ecs.tasks()[0]?.restarts === 1);
    expect(ecs.tasks()[0]?.pid).not.toBe(before?.pid);
    expect(messages).toEqual(['a task of stream-1 has ended (SIGKILL); another one starts in 500 ms']);
  });

  it('are asked to end, and killed where they do not', async () => {
    for (const argument of ['willing', 'unwilling']) {
      define(argument);
      ecs.start(1);
      await until(() => saidBy(1).length > 0);
      const [task] = ecs.tasks();
      await ecs.close({ graceMs: argument === 'willing' ? 30_000 : 100 });
      await until(() => lines.includes('stream-1 asked to end'));
      expect(isAlive(task?.pid ?? 0)).toBe(false);
      expect(ecs.tasks()).toEqual([]);
      lines.length = 0;
    }
    expect(messages).toEqual([]);
  });

  it('log to a file each, where there is a folder for that', async () => {
    const stateDirectory = join(directory, 'state');
    define('willing', { stateDirectory });
    ecs.start();
    const read = (name: string) => readFileSync(join(stateDirectory, 'logs', name), 'utf8');
    await until(() => readdirSync(join(stateDirectory, 'logs')).every((name) => read(name).includes('"pid"')));
    expect(readdirSync(join(stateDirectory, 'logs')).sort()).toEqual(['stream-1.log', 'stream-2.log']);
  });

  it('need a definition that is there', () => {
    define('willing');
    const service = { logicalId: 'Other', type: 'AWS::ECS::Service', physicalId: 'arn:other' };
    const properties = { ServiceName: 'other', TaskDefinition: 'arn:task:2' };
    expect(() => ecs.defineService({ ...service, properties })).toThrow(
      'AWS::ECS::Service Other: there is no arn:task:2',
    );
  });
});
