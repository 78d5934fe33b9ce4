/**
 * The desk without its schedules and with a time of its own, for counting what its functions take: nothing runs that was not
 * asked for, an hour passes in a minute, and every request to a table is counted.
 */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DeskConfig, secretNames } from '@nightdesk/core';
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
import {
  accountSecrets,
  applyOverlay,
  type DeskInTemplate,
  localConfig,
  readDesk,
} from '@nightdesk/local/supervisor/local-overlay.ts';
import { provision } from '@nightdesk/local/supervisor/provision.ts';
import { collectReadyInfo } from '@nightdesk/local/supervisor/ready.ts';
import type { Schedules } from '@nightdesk/local/supervisor/schedules.ts';
import { openServices, type Services } from '@nightdesk/local/supervisor/services.ts';
import type { TradingKeys } from '@nightdesk/local/supervisor/simulators.ts';
import { type CountingEndpoint, startCountingEndpoint } from './counting-endpoint.ts';
import { account } from './desk.ts';
import { type SimulatedVenue, startSimulatedVenue } from './simulated-venue.ts';
import type { IndexKeys } from './table-units.ts';

export interface TrackingDesk {
  client: DeskClient;
  /** Where the source `demo` posts its signals. */
  signalUrl: string;
  simulator: SimulatedVenue;
  /** Counts what functions ask of tables. */
  endpoint: CountingEndpoint;
  /** The same tables without being counted, for `AWS_ENDPOINT_URL`. */
  awsUrl: string;
  tables: Record<'orders' | 'journal' | 'risk' | 'positions' | 'books' | 'candles', string>;
  /** Where files are kept. */
  archiveBucket: string;
  /** Moves the time of all functions, of this process and of the venue ahead. */
  advance(byMs: number): Promise<void>;
  /** What the venue itself allows instead of the wide limits of local mode; functions know it once they ask again. */
  useRealLimits(): void;
  /** Gives functions another configuration, which they know once they ask again; its accounts are among those of the start. */
  configure(change: ConfigChange): void;
  /** Waits until queues and streams have nothing left that a function works on. */
  quiet(): Promise<void>;
  /** Runs the function as its schedule would. @throws Error when it fails */
  run(functionName: string): Promise<unknown>;
  close(): Promise<void>;
}

export type ConfigChange = (config: DeskConfig) => DeskConfig;

export interface TrackingDeskOptions {
  /** What is to be otherwise than in the repository's configuration. All accounts are at the simulated venue. */
  change?: ConfigChange;
  /** Takes what functions log. */
  onLog?(functionName: string, text: string): void;
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
export async function startTrackingDesk(directory: string, options: TrackingDeskOptions = {}): Promise<TrackingDesk> {
  stayOnLoopback();
  const closers = createClosers();
  try {
    return await start(directory, options, closers);
  } catch (error) {
    await closers.close();
    throw error;
  }
}

async function start(directory: string, options: TrackingDeskOptions, closers: Closers): Promise<TrackingDesk> {
  const { change = (config) => config, onLog = () => undefined } = options;
  const time = createShiftedTime(closers);
  const services = await openServices({ paths: undefined, log: complain });
  closers.add(() => services.close());
  const { graph, images } = readAssembly(directory);
  const names = createPhysicalNames(undefined);
  const resources = resolveGraph(graph, { directory, names, addresses: { aws: services.url } });
  const inTemplate = readDesk(resources);
  const desk = { ...inTemplate, config: change(inTemplate.config) };
  const accounts = Object.keys(desk.config.accounts);
  const simulator = await startSimulatedVenue(simulatorLimits, { accounts: accounts.length });
  closers.add(() => simulator.stop());
  const simulatorUrls = { [venue]: simulator.url };
  const keys = Object.fromEntries(accounts.map((id, index) => [id, simulator.allKeys[index] ?? simulator.keys]));
  const overlaid = [...applyOverlay(resources, { desk, simulatorUrls, keys }), ...secretsBeside(resources, desk, keys)];
  const { appConfig } = services.completeWith({ resources: overlaid, assemblyDirectory: directory }, complain);
  const endpoint = await startCountingEndpoint(services.url, indexKeysOf(overlaid));
  closers.add(() => endpoint.close());
  const { lambda, mappings } = await createFunctions(overlaid, { services, images, endpoint, onLog, closers });
  const run = async (name: string) => {
    const functionName = findByLastPart(functionNamesOf(overlaid), name);
    return answerOf(name, await lambda.invoke({ functionName, payload: '{}' }));
  };
  await run('refresh-markets');
  const configure = (changed: ConfigChange) => {
    const content = JSON.stringify(changed(localConfig(desk.config, simulatorUrls)));
    appConfig.publish(desk.configPlace, { content, contentType: 'application/json', versionLabel: undefined });
  };
  return {
    ...(await serveApi(overlaid, { services, lambda, desk, simulatorUrls, closers })),
    ...{
      simulator,
      endpoint,
      awsUrl: services.url,
      tables: tablesOf(overlaid),
      archiveBucket: bucketOf(overlaid),
      run,
    },
    async advance(byMs) {
      await simulator.advance(byMs);
      time.advance(byMs);
      // Until every process has read it: a deadline of the old time is long past in the new one.
      await sleep(shiftReadMsMax);
    },
    configure,
    useRealLimits: () => configure(withRealLimits),
    quiet: async () => void (await Promise.all(mappings.map((mapping) => mapping.waitForQuiet()))),
    close: () => closers.close(),
  };
}

const withRealLimits: ConfigChange = (config) => ({
  ...config,
  exchanges: Object.fromEntries(
    Object.entries(config.exchanges).map(([name, settings]) => [name, { ...settings, limits: undefined }]),
  ),
});

/** Secrets of accounts that the template does not know: the one of an account that it knows, under another name. */
function secretsBeside(
  resources: readonly AssemblyResource[],
  { secretsPrefix }: DeskInTemplate,
  keys: Readonly<Record<string, TradingKeys>>,
): AssemblyResource[] {
  const secrets = resources.filter(({ type }) => type === 'AWS::SecretsManager::Secret');
  const known = new Set(secrets.map(({ properties }) => String(properties.Name)));
  const model = secrets.find(({ properties }) => properties.Name === secretNames.trading(secretsPrefix, account));
  if (model === undefined) throw new Error(`the CDK app has no secret for the account ${account}`);
  return [...accountSecrets(secretsPrefix, keys)].flatMap(([Name, SecretString]) =>
    known.has(Name) ? [] : [{ ...model, logicalId: Name, physicalId: Name, properties: { Name, SecretString } }],
  );
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
  images: ReadonlyMap<string, string>;
  endpoint: CountingEndpoint;
  onLog(functionName: string, text: string): void;
  closers: Closers;
}

async function createFunctions(
  resources: readonly AssemblyResource[],
  { services, images, endpoint, onLog: listen, closers }: FunctionsPlace,
): Promise<{ lambda: Lambda; mappings: EventSourceMapping[] }> {
  const environment = {
    AWS_ENDPOINT_URL: endpoint.url,
    NODE_OPTIONS: `${guardedNodeOptions} --require "${shiftScript.replaceAll('\\', '\\\\')}"`,
    [shiftVariable]: process.env[shiftVariable] ?? '',
  };
  const onLog = (name: string, text: string) => {
    listen(name, text);
    if (text.includes('"level":"ERROR"')) complain(name, text);
  };
  const lambda = createLambda({ clock: services.clock, environment, onLog });
  closers.add(() => lambda.close({ graceMs }));
  const mappings: EventSourceMapping[] = [];
  closers.add(() => Promise.all(mappings.map((mapping) => mapping.close({ graceMs }))));
  const others = { schedules: noSchedules, ecs: noTasks, images };
  await provision(resources, { ...services, ...others, lambda, mappings, log: complain });
  return { lambda, mappings };
}

const noTasks = { defineTask: () => undefined, defineService: () => undefined };

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
    ...{ risk: find('RiskTable'), positions: find('PositionsTable'), books: find('BooksTable') },
    candles: find('CandlesTable'),
  };
}

function bucketOf(resources: readonly AssemblyResource[]): string {
  const bucket = resources.find(({ type }) => type === 'AWS::S3::Bucket');
  if (bucket === undefined) throw new Error('the CDK app has no bucket');
  return bucket.physicalId;
}

const complain = (...words: readonly string[]): void => console.error(words.join(': '));
