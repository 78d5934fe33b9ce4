/**
 * The desk without its schedules and with a time of its own, for counting what following orders takes: nothing runs that was
 * not asked for, an hour passes in a minute, and every request to a table is counted.
 */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPhysicalNames } from '@nightdesk/local/assembly/physical-names.ts';
import { readAssembly } from '@nightdesk/local/assembly/read-assembly.ts';
import { type AssemblyResource, resolveGraph } from '@nightdesk/local/assembly/resolve-graph.ts';
import type { EventSourceMapping } from '@nightdesk/local/cloud/event-sources/index.ts';
import { readHttpApiDefinition } from '@nightdesk/local/cloud/http-api/definition.ts';
import { createHttpApi } from '@nightdesk/local/cloud/http-api/http-api.ts';
import { createLambda, type InvokeResult, type Lambda } from '@nightdesk/local/cloud/lambda/index.ts';
import { createDeskClient, type DeskClient } from '@nightdesk/local/supervisor/client.ts';
import { type Closers, createClosers } from '@nightdesk/local/supervisor/closers.ts';
import { findByLastPart } from '@nightdesk/local/supervisor/find-by-last-part.ts';
import { guardedNodeOptions, stayOnLoopback } from '@nightdesk/local/supervisor/guard.ts';
import { applyOverlay, type DeskInTemplate, localConfig, readDesk } from '@nightdesk/local/supervisor/local-overlay.ts';
import { provision } from '@nightdesk/local/supervisor/provision.ts';
import { collectReadyInfo } from '@nightdesk/local/supervisor/ready.ts';
import type { Schedules } from '@nightdesk/local/supervisor/schedules.ts';
import { openServices, type Services } from '@nightdesk/local/supervisor/services.ts';
import { type CountingEndpoint, startCountingEndpoint } from './counting-endpoint.ts';
import { account } from './desk.ts';
import { type SimulatedVenue, startSimulatedVenue } from './simulated-venue.ts';
import type { IndexKeys } from './table-units.ts';

export interface TrackingDesk {
  client: DeskClient;
  signalUrl: string;
  simulator: SimulatedVenue;
  endpoint: CountingEndpoint;
  tables: { orders: string; journal: string; risk: string; positions: string };
  /** Moves the time of all functions, of this process and of the venue ahead. */
  advance(byMs: number): Promise<void>;
  /** What the venue itself allows instead of the wide limits of local mode; functions know it once they ask again. */
  useRealLimits(): void;
  /** Runs the function as its schedule would. @throws Error when it fails */
  run(functionName: string): Promise<unknown>;
  close(): Promise<void>;
}

const venue = 'binance';
/** So wide that an hour of asking fits into a minute. What the desk itself keeps to is set apart. */
const simulatorLimits = { weightPerMinute: 100_000_000, ordersPer10Seconds: 100_000, ordersPerDay: 1_000_000 };
const shiftVariable = 'NIGHTDESK_BENCH_SHIFT';
const shiftScript = createRequire(import.meta.url).resolve('./processes/shifted-time.cjs');
/** Longer than a process keeps what it has read of the shift. */
const shiftReadMsMax = 25;
const graceMs = 1_000;

/** @param directory of the assembly */
export async function startTrackingDesk(directory: string): Promise<TrackingDesk> {
  stayOnLoopback();
  const closers = createClosers();
  try {
    return await start(directory, closers);
  } catch (error) {
    await closers.close();
    throw error;
  }
}

async function start(directory: string, closers: Closers): Promise<TrackingDesk> {
  const time = createShiftedTime(closers);
  const services = await openServices({ paths: undefined, log: complain });
  closers.add(() => services.close());
  const { graph } = readAssembly(directory);
  const names = createPhysicalNames(undefined);
  const resources = resolveGraph(graph, { directory, names, addresses: { aws: services.url } });
  const desk = readDesk(resources);
  const simulator = await startSimulatedVenue(simulatorLimits);
  closers.add(() => simulator.stop());
  const simulatorUrls = { [venue]: simulator.url };
  const overlaid = applyOverlay(resources, { desk, simulatorUrls, keys: { [account]: simulator.keys } });
  const { appConfig } = services.completeWith(overlaid, complain);
  const endpoint = await startCountingEndpoint(services.url, indexKeysOf(overlaid));
  closers.add(() => endpoint.close());
  const lambda = await createFunctions(overlaid, { services, endpoint, closers });
  const run = async (name: string) => {
    const functionName = findByLastPart(functionNamesOf(overlaid), name);
    return answerOf(name, await lambda.invoke({ functionName, payload: '{}' }));
  };
  await run('refresh-markets');
  return {
    ...(await serveApi(overlaid, { services, lambda, desk, simulatorUrls, closers })),
    ...{ simulator, endpoint, tables: tablesOf(overlaid), run },
    async advance(byMs) {
      await simulator.advance(byMs);
      time.advance(byMs);
      // Until every process has read it: a deadline of the old time is long past in the new one.
      await sleep(shiftReadMsMax);
    },
    useRealLimits() {
      const local = localConfig(desk.config, simulatorUrls);
      const exchanges = Object.entries(local.exchanges).map(([name, settings]) => [
        name,
        { ...settings, limits: undefined },
      ]);
      const content = JSON.stringify({ ...local, exchanges: Object.fromEntries(exchanges) });
      appConfig.publish(desk.configPlace, { content, contentType: 'application/json', versionLabel: undefined });
    },
    close: () => closers.close(),
  };
}

/** Time of this process and of the sandboxes it starts. */
function createShiftedTime(closers: Closers): { advance(byMs: number): void } {
  const directory = mkdtempSync(join(tmpdir(), 'nightdesk-time-'));
  closers.add(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'shift');
  let shiftMs = 0;
  const advance = (byMs: number) => {
    shiftMs += byMs;
    // In one step, since whoever reads half a number would go back in time.
    writeFileSync(`${path}.next`, String(shiftMs));
    renameSync(`${path}.next`, path);
  };
  advance(0);
  process.env[shiftVariable] = path;
  createRequire(import.meta.url)(shiftScript);
  return { advance };
}

interface FunctionsPlace {
  services: Services;
  endpoint: CountingEndpoint;
  closers: Closers;
}

async function createFunctions(
  resources: readonly AssemblyResource[],
  { services, endpoint, closers }: FunctionsPlace,
): Promise<Lambda> {
  const environment = {
    AWS_ENDPOINT_URL: endpoint.url,
    NODE_OPTIONS: `${guardedNodeOptions} --require "${shiftScript.replaceAll('\\', '\\\\')}"`,
    [shiftVariable]: process.env[shiftVariable] ?? '',
  };
  const onLog = (name: string, text: string) => {
    if (text.includes('"level":"ERROR"')) complain(name, text);
  };
  const lambda = createLambda({ clock: services.clock, environment, onLog });
  closers.add(() => lambda.close({ graceMs }));
  const mappings: EventSourceMapping[] = [];
  closers.add(() => Promise.all(mappings.map((mapping) => mapping.close({ graceMs }))));
  await provision(resources, { ...services, lambda, schedules: noSchedules, mappings, log: complain });
  return lambda;
}

const noSchedules: Schedules = {
  define: () => undefined,
  tick: () => Promise.reject(new Error('there are no schedules')),
  run: () => Promise.reject(new Error('there are no schedules')),
  close: () => undefined,
};

interface ApiPlace {
  services: Services;
  lambda: Lambda;
  desk: DeskInTemplate;
  simulatorUrls: Record<string, string>;
  closers: Closers;
}

async function serveApi(
  resources: readonly AssemblyResource[],
  { services, lambda, desk, simulatorUrls, closers }: ApiPlace,
): Promise<Pick<TrackingDesk, 'client' | 'signalUrl'>> {
  const invoke = (functionName: string, event: unknown) =>
    lambda.invoke({ functionName, payload: JSON.stringify(event) });
  const api = await createHttpApi(readHttpApiDefinition(resources), { invoke, clock: services.clock, log: complain });
  closers.add(() => api.close());
  const ready = await collectReadyInfo({ api: api.url, aws: services.url, desk, simulators: simulatorUrls });
  return { client: createDeskClient(ready, venue), signalUrl: `${api.url}/signals/demo/${ready.signals.demo?.token}` };
}

function answerOf(name: string, { functionError, payload, logTail }: InvokeResult): unknown {
  if (functionError !== undefined) throw new Error(`${name} failed: ${payload}\n${logTail}`);
  return JSON.parse(payload);
}

const functionNamesOf = (resources: readonly AssemblyResource[]): string[] =>
  resources.filter(({ type }) => type === 'AWS::Lambda::Function').map(({ physicalId }) => physicalId);

const tablesIn = (resources: readonly AssemblyResource[]): AssemblyResource[] =>
  resources.filter(({ type }) => type === 'AWS::DynamoDB::Table');

interface KeyPart {
  AttributeName: string;
  KeyType: string;
}

function indexKeysOf(resources: readonly AssemblyResource[]): IndexKeys {
  return Object.fromEntries(
    tablesIn(resources).map(({ physicalId, properties }) => {
      const indexes = (properties.GlobalSecondaryIndexes ?? []) as unknown as { KeySchema: KeyPart[] }[];
      const keys = indexes.flatMap(({ KeySchema }) => KeySchema.filter(({ KeyType }) => KeyType === 'HASH'));
      return [physicalId, keys.map(({ AttributeName }) => AttributeName)];
    }),
  );
}

function tablesOf(resources: readonly AssemblyResource[]): TrackingDesk['tables'] {
  const find = (logicalId: string): string => {
    const found = tablesIn(resources).find((table) => table.logicalId.startsWith(logicalId));
    if (found === undefined) throw new Error(`the CDK app has no ${logicalId}`);
    return found.physicalId;
  };
  return {
    ...{ orders: find('OrdersTable'), journal: find('JournalTable') },
    ...{ risk: find('RiskTable'), positions: find('PositionsTable') },
  };
}

const complain = (...words: readonly string[]): void => console.error(words.join(': '));
