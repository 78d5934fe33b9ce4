/** Lambda, run by AWS's own runtime client in local processes. */
import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { CloudClock } from '../clock.ts';
import type { AwsService } from '../http.ts';
import { defaultRegion } from '../isolated-environment.ts';
import { createAsyncInvocations } from './async-invocations.ts';
import { toHeaderText } from './client-context.ts';
import { type FunctionDefinition, type FunctionSettings, readDefinition } from './definition.ts';
import { functionNotFound, invalidParameter, payloadTooLarge } from './errors.ts';
import { createFileLogs, createSinkLogs } from './logs.ts';
import { Pool, type SandboxProcess } from './pool.ts';
import { type Invocation, payloadBytesMax } from './runtime-api.ts';
import { createInvokeService } from './service.ts';
import { createWatchdog, noWatchdog } from './watchdog.ts';

export type { FunctionDefinition, FunctionSettings } from './definition.ts';
export { isThrottled, LambdaError } from './errors.ts';
export { functionFromResource } from './resource.ts';

export interface LambdaOptions {
  clock: CloudClock;
  /** Logs go to `logs/<function>.log` in here. Absent: to `onLog`, or nowhere. */
  stateDirectory?: string;
  /** Takes whole lines when there is no `stateDirectory`. */
  onLog?: (functionName: string, text: string) => void;
  /** What every sandbox gets: `AWS_ENDPOINT_URL`, `AWS_REGION`, credentials that are not real. */
  environment: Readonly<Record<string, string>>;
  /** @default '000000000000' */
  accountId?: string;
  /** Stop a sandbox between invocations, as Lambda does. @default true, but false on Windows, which cannot */
  freeze?: boolean;
  /** Sandboxes per function; invocations beyond that wait. @default two for each core, at least 4 */
  sandboxesMax?: number;
  /** How long a sandbox may be unused before it is ended. @default 600000 */
  idleMs?: number;
}

export interface InvokeRequest {
  /** Name, or ARN with or without a qualifier. */
  functionName: string;
  /** JSON text. */
  payload: string;
  /** JSON text of an object that the handler finds as `context.clientContext`. */
  clientContext?: string;
  /** Ends the wait, not the invocation: as when a client of Lambda hangs up. */
  signal?: AbortSignal;
}

export interface InvokeResult {
  /** What AWS's API answers: 200 even when the function failed. */
  status: 200;
  /** JSON text: what the handler returned, or `{ errorType, errorMessage, trace? }`. */
  payload: string;
  /** Present when the function failed, timed out or crashed. */
  functionError?: 'Unhandled';
  /** The last 4 KB of the invocation's log. */
  logTail: string;
  requestId: string;
}

export interface SandboxOfFunction extends SandboxProcess {
  functionName: string;
}

export interface Lambda {
  /** @throws Error naming the property that is wrong, or that the name is taken. */
  defineFunction(definition: FunctionDefinition): void;
  /** @throws LambdaError ResourceNotFoundException. */
  settings(functionName: string): FunctionSettings;
  /** Invokes and waits for the answer. @throws LambdaError, e.g. `TooManyRequestsException` when throttled. */
  invoke(request: InvokeRequest): Promise<InvokeResult>;
  /** Invokes later; two repeats after an error, then the event is dropped. Returns the request id. */
  invokeAsync(request: InvokeRequest): string;
  /** Starts sandboxes ahead of need. @throws Error when one cannot start. */
  warm(functionName: string, count: number): Promise<void>;
  /** The processes there are now. */
  sandboxes(): SandboxOfFunction[];
  /** The HTTP API `Invoke`. */
  readonly service: AwsService;
  /** Lets running invocations end for at most `graceMs` (default 5000), then ends every process. */
  close(options?: { graceMs?: number }): Promise<void>;
}

/** Two for each core, so that some can wait while others compute. More than that only share the cores, each with its code cold. */
const sandboxesMaxDefault = Math.max(4, 2 * availableParallelism());
const idleMsDefault = 10 * 60 * 1000;
const closeGraceMsDefault = 5_000;
/** AWS's limit for the payload of an event invocation. */
const asyncPayloadBytesMax = 1024 * 1024;

export function createLambda(options: LambdaOptions): Lambda {
  const { clock, environment, stateDirectory, onLog = () => undefined } = options;
  const onWindows = process.platform === 'win32';
  const place = { region: environment.AWS_REGION ?? defaultRegion, accountId: options.accountId ?? '000000000000' };
  const limits = { sandboxesMax: options.sandboxesMax ?? sandboxesMaxDefault, idleMs: options.idleMs ?? idleMsDefault };
  const logs = stateDirectory === undefined ? createSinkLogs(onLog) : createFileLogs(join(stateDirectory, 'logs'));
  const watchdog = onWindows ? noWatchdog : createWatchdog();
  const freeze = (options.freeze ?? true) && !onWindows;
  const functions = new Map<string, { settings: FunctionSettings; pool: Pool }>();
  const events = createAsyncInvocations(clock);

  function find(functionName: string): { settings: FunctionSettings; pool: Pool } {
    const name = plainName(functionName);
    const found = functions.get(name);
    if (found === undefined)
      throw functionNotFound(`arn:aws:lambda:${place.region}:${place.accountId}:function:${name}`);
    return found;
  }

  async function run(pool: Pool, invocation: Invocation): Promise<InvokeResult> {
    const { outcome, logTail } = await pool.invoke(invocation);
    const result = { status: 200, payload: outcome.payload, logTail, requestId: invocation.requestId } as const;
    return outcome.status === 'success' ? result : { ...result, functionError: 'Unhandled' };
  }

  const lambda: Lambda = {
    defineFunction(definition) {
      const settings = readDefinition(definition, place);
      if (functions.has(settings.name)) throw new Error(`function ${settings.name} is defined twice`);
      const host = { settings, environment, clock, watchdog, freeze, writeLog: logs.forFunction(settings.name) };
      functions.set(settings.name, { settings, pool: new Pool(host, limits) });
    },
    settings: (functionName) => find(functionName).settings,
    async invoke(request) {
      const { pool } = find(request.functionName);
      const invocation = toInvocation(request, payloadBytesMax);
      request.signal?.throwIfAborted();
      const result = run(pool, invocation);
      return request.signal === undefined ? result : unlessAborted(result, request.signal);
    },
    invokeAsync(request) {
      const { settings, pool } = find(request.functionName);
      const invocation = toInvocation(request, asyncPayloadBytesMax);
      events.add(settings.name, async () => (await run(pool, invocation)).functionError === undefined);
      return invocation.requestId;
    },
    warm: (functionName, count) => find(functionName).pool.warm(count),
    sandboxes: () =>
      [...functions].flatMap(([functionName, { pool }]) =>
        pool.processes().map((process) => ({ functionName, ...process })),
      ),
    get service() {
      return service;
    },
    async close({ graceMs = closeGraceMsDefault } = {}) {
      events.close();
      await Promise.all([...functions.values()].map(({ pool }) => pool.close(graceMs)));
      watchdog.close();
      await logs.close();
    },
  };
  const service = createInvokeService(lambda);
  return lambda;
}

/** The function's name in any of the forms that the API takes: name, partial or whole ARN, each with or without qualifier. */
function plainName(functionName: string): string {
  const match = /^(?:(?:arn:aws:lambda:[^:]*:)?\d*:?function:)?([\w-]+)(?::(.+))?$/.exec(functionName);
  const [, name, qualifier = '$LATEST'] = match ?? [];
  if (name === undefined) throw invalidParameter(`${functionName} is not the name of a function`);
  if (qualifier !== '$LATEST') throw invalidParameter(`versions and aliases are not emulated: ${functionName}`);
  return name;
}

function toInvocation({ payload, clientContext }: InvokeRequest, bytesMax: number): Invocation {
  const bytes = Buffer.byteLength(payload);
  if (bytes > bytesMax) throw payloadTooLarge(bytes, bytesMax);
  const header = clientContext === undefined ? undefined : toHeaderText(clientContext);
  return { requestId: randomUUID(), payload, clientContext: header };
}

function unlessAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    result.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
