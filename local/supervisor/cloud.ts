/** The embedded cloud: the CDK app of this repository, running on one machine. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readVenueNames } from '@nightdesk/exchange/venue-names.ts';
import { createPhysicalNames } from '../assembly/physical-names.ts';
import { readAssembly } from '../assembly/read-assembly.ts';
import { type AssemblyResource, resolveGraph } from '../assembly/resolve-graph.ts';
import type { CloudAddresses } from '../assembly/resource-types.ts';
import type { Ecs, RunningTask } from '../cloud/ecs/index.ts';
import type { EventSourceMapping } from '../cloud/event-sources/index.ts';
import { readHttpApiDefinition } from '../cloud/http-api/definition.ts';
import { createHttpApi } from '../cloud/http-api/http-api.ts';
import type { InvokeResult, Lambda, SandboxOfFunction } from '../cloud/lambda/index.ts';
import { createWatchdog, noWatchdog } from '../cloud/lambda/watchdog.ts';
import { readStateFile, writeStateFile } from '../cloud/state-file.ts';
import { synthesizeApp } from './app-assembly.ts';
import { type Closers, createClosers } from './closers.ts';
import { watchConfig } from './config-watch.ts';
import { findByLastPart } from './find-by-last-part.ts';
import { stayOnLoopback } from './guard.ts';
import { applyOverlay, type DeskInTemplate, localConfig, readDesk, venuesTurnedOff } from './local-overlay.ts';
import { lockState } from './lock.ts';
import { provision } from './provision.ts';
import type { ReadyInfo } from './ready.ts';
import { createRunningDesk } from './running-desk.ts';
import { createSchedules, type Schedules } from './schedules.ts';
import { type FunctionLog, openServices, type Services } from './services.ts';
import { createSimulatedVenues, type SimulatedVenues, type Simulator } from './simulators.ts';
import { type StatePaths, statePaths, wipeState } from './state-directory.ts';
import { createStoredMarkets, type StoredMarketsOptions } from './stored-markets.ts';
import { keepAssembly } from './synthesis.ts';

export interface CloudOptions {
  /** Absent keeps everything in memory. */
  stateDirectory?: string;
  /** Port of the HTTP API; 0 picks a free one. @default 0 */
  apiPort?: number;
  /** Starts from nothing: deletes the state first. @default false */
  fresh?: boolean;
  /** Folder of `exchanges.yaml` and the others: what is saved there takes effect while the desk runs. Absent watches nothing. */
  configDirectory?: string;
  simulators?: {
    /** Decides prices and trades of the simulated venues. @default 1 */
    seed?: number;
  };
  /** Starts a sandbox of each function on the way of a signal, so that the first one does not wait. @default true */
  warm?: boolean;
  /** Collects what `collection.yaml` says. Tests of what has nothing to do with it do without, as it takes time. @default true */
  collects?: boolean;
  /** Runs the stream service. Tests of what has nothing to do with it do without, as it takes time. @default true */
  streams?: boolean;
  /** Tasks of the stream service. @default what the stage's settings say */
  streamTasks?: number;
  /** Takes the address of callers from `X-Forwarded-For`, so that a test can play one from elsewhere. @default false */
  trustForwardedFor?: boolean;
  log: (message: string) => void;
  /** Takes what functions log when there is no state directory; with one, files do. */
  onFunctionLog?: FunctionLog;
  /** Told once when something has ended that the cloud cannot go on without. @default the message goes to `log` */
  onFailure?: (error: Error) => void;
}

export interface Cloud {
  readonly ready: ReadyInfo;
  /**
   * Fires a schedule now and waits for its function.
   *
   * @param name of the schedule, or the last part of it: `refresh-markets` for `nightdesk-local-refresh-markets`
   */
  tick(name: string): Promise<InvokeResult>;
  /** The processes that run functions now. */
  sandboxes(): SandboxOfFunction[];
  /** The processes that are tasks of services now. One that ends is soon replaced. */
  services(): RunningTask[];
  readonly simulators: readonly Pick<Simulator, 'venue' | 'url' | 'pid'>[];
  /** Stops accepting, lets what is under way end, and closes everything, within about five seconds. */
  close(): Promise<void>;
}

const defaultSeed = 1;
const keepAssemblyEveryMs = 60 * 60 * 1000;
/** How long invocations may go on when the cloud closes. */
const drainMsMax = 1_200;
/** How long tasks of services may take to hand over what they have in hand. */
const taskGraceMsMax = 2_500;
/** Functions between a signal and its order. */
const functionsToWarm = ['receive-signal', 'execute-order'];
/** Also the name of its schedule. */
const marketsFunction = 'refresh-markets';

/**
 * Starts the embedded cloud. Whatever was started is stopped again when a later step fails.
 *
 * @throws AssemblyError for a CDK app that cannot be run truthfully, Error for a state folder in use, a port that is taken,
 * an app that does not synthesize, or a part that does not start
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  stayOnLoopback();
  const closers = createClosers();
  try {
    return await start(options, closers);
  } catch (error) {
    await closers.close().catch((failure: unknown) => options.log(`while closing: ${String(failure)}`));
    throw error;
  }
}

async function start(options: CloudOptions, closers: Closers): Promise<Cloud> {
  const { log } = options;
  const paths = openState(options, closers);
  const assembly = readAssembly(await findAssembly(log, closers));
  const services = await openServices({ paths, log });
  closers.add(() => services.close());

  const resources = resolve(assembly, { paths, addresses: { aws: services.url } });
  const desk = deskIn(resources, options);
  const { venues, overlaid } = await simulateVenues(resources, { desk, paths, options, closers });
  const app = { resources: overlaid, assemblyDirectory: assembly.directory };
  const { lambda, ecs, appConfig } = services.completeWith(app, options.onFunctionLog ?? (() => undefined));
  closers.add(() => lambda.close({ graceMs: drainMsMax }));

  const { images } = assembly;
  const schedules = await createResources(overlaid, { services, lambda, ecs, images, paths, options, closers });
  const refresh = refreshMarkets(schedules, { lambda, resources });
  const markets = createStoredMarkets({ path: paths?.progress, refresh, log });
  closers.add(() => markets.close());
  await Promise.all([warmUp(lambda, overlaid, options), markets.loadMissing(localConfig(desk.config, venues.urls()))]);

  closers.add(() => ecs.close({ graceMs: taskGraceMsMax }));
  if (options.streams ?? true) ecs.start(options.streamTasks);

  const api = await createHttpApi(readHttpApiDefinition(overlaid), {
    invoke: (functionName, event) => lambda.invoke({ functionName, payload: JSON.stringify(event) }),
    clock: services.clock,
    log,
    port: options.apiPort ?? 0,
    trustForwardedFor: options.trustForwardedFor ?? false,
  });
  closers.add(() => api.close());
  const running = await createRunningDesk({
    ...{ desk, venues, markets, appConfig, secrets: services.secrets, log },
    addresses: { api: api.url, aws: services.url },
    announce: createAnnouncement(paths, closers),
  });
  if (options.configDirectory !== undefined) {
    const watched = { directory: options.configDirectory, venues: venueNamesOf(resources), inForce: desk.config };
    closers.add(watchConfig({ ...watched, apply: running.apply, log }));
  }
  return {
    get ready() {
      return running.ready;
    },
    get simulators() {
      return venues.running;
    },
    tick: schedules.tick,
    sandboxes: () => lambda.sandboxes(),
    services: () => ecs.tasks(),
    close: () => closers.close(),
  };
}

function openState({ stateDirectory, fresh = false }: CloudOptions, closers: Closers): StatePaths | undefined {
  if (stateDirectory === undefined) return undefined;
  closers.add(lockState(stateDirectory));
  if (fresh) wipeState(stateDirectory);
  const paths = statePaths(stateDirectory);
  // Left over where the last process was killed, and wrong since.
  rmSync(paths.ready, { force: true });
  return paths;
}

async function findAssembly(log: CloudOptions['log'], closers: Closers): Promise<string> {
  const directory = await synthesizeApp(log);
  const timer = setInterval(() => keepAssembly(directory), keepAssemblyEveryMs).unref();
  closers.add(() => clearInterval(timer));
  return directory;
}

function resolve(
  assembly: ReturnType<typeof readAssembly>,
  { paths, addresses }: { paths: StatePaths | undefined; addresses: CloudAddresses },
): AssemblyResource[] {
  const known = (paths && readStateFile(paths.names)) as Record<string, string> | undefined;
  const names = createPhysicalNames(known);
  const resources = resolveGraph(assembly.graph, { directory: assembly.directory, names, addresses });
  if (paths) writeStateFile(paths.names, names.all());
  return resources;
}

interface Part {
  paths: StatePaths | undefined;
  options: CloudOptions;
  closers: Closers;
}

async function simulateVenues(
  resources: readonly AssemblyResource[],
  { desk, paths, options, closers }: Part & { desk: DeskInTemplate },
): Promise<{ venues: SimulatedVenues; overlaid: AssemblyResource[] }> {
  const { log } = options;
  const watchdog = process.platform === 'win32' ? noWatchdog : createWatchdog();
  closers.add(() => watchdog.close());
  const venues = createSimulatedVenues({
    ...{ watchdog, log },
    stateDirectory: paths?.simulators,
    keysPath: paths?.tradingKeys,
    seed: options.simulators?.seed ?? defaultSeed,
    onUnexpectedExit: options.onFailure ?? ((error) => log(error.message)),
  });
  closers.add(() => venues.stop());
  await venues.serve(desk.config);
  const simulatorUrls = venues.urls();
  for (const line of venuesTurnedOff(desk.config, simulatorUrls)) log(line);
  return { venues, overlaid: applyOverlay(resources, { desk, simulatorUrls, keys: venues.keys() }) };
}

function deskIn(resources: readonly AssemblyResource[], { collects = true }: CloudOptions): DeskInTemplate {
  const desk = readDesk(resources);
  if (collects) return desk;
  return { ...desk, config: { ...desk.config, collection: { ...desk.config.collection, collections: [] } } };
}

async function createResources(
  resources: readonly AssemblyResource[],
  {
    services,
    lambda,
    ecs,
    images,
    paths,
    options,
    closers,
  }: Part & { services: Services; lambda: Lambda; ecs: Ecs; images: ReadonlyMap<string, string> },
): Promise<Schedules> {
  const { log } = options;
  const mappings: EventSourceMapping[] = [];
  closers.add(() => Promise.all(mappings.map((mapping) => mapping.close({ graceMs: drainMsMax }))));
  const schedules = createSchedules({ lambda, clock: services.clock, directory: paths?.scheduler, log });
  closers.add(() => schedules.close());
  await provision(resources, { ...services, lambda, ecs, images, schedules, mappings, log });
  return schedules;
}

async function warmUp(lambda: Lambda, resources: readonly AssemblyResource[], { warm = true }: CloudOptions) {
  if (!warm) return;
  const functions = functionNamesOf(resources);
  await Promise.all(functionsToWarm.map((name) => lambda.warm(findByLastPart(functions, name), 1)));
}

/** The first refresh of all is one that its schedule may just be starting anyway. */
function refreshMarkets(
  schedules: Schedules,
  { lambda, resources }: { lambda: Lambda; resources: readonly AssemblyResource[] },
): StoredMarketsOptions['refresh'] {
  const functionName = findByLastPart(functionNamesOf(resources), marketsFunction);
  return (venues) =>
    venues === undefined
      ? schedules.run(marketsFunction)
      : lambda.invoke({ functionName, payload: JSON.stringify({ venues }) });
}

const functionNamesOf = (resources: readonly AssemblyResource[]): string[] =>
  resources.filter(({ type }) => type === 'AWS::Lambda::Function').map(({ physicalId }) => physicalId);

/** Names of the exchanges in the venue layer, which is the one layer there is. */
function venueNamesOf(resources: readonly AssemblyResource[]): string[] {
  const layer = resources.find(({ type }) => type === 'AWS::Lambda::LayerVersion');
  if (layer?.assetPath === undefined) throw new Error('the CDK app has no layer with the venues');
  return readVenueNames(join(layer.assetPath, 'venues'));
}

function createAnnouncement(paths: StatePaths | undefined, closers: Closers): (ready: ReadyInfo) => void {
  if (paths === undefined) return () => undefined;
  closers.add(() => rmSync(paths.ready, { force: true }));
  return (ready) => writeStateFile(paths.ready, ready);
}
