/** What a CloudFormation `AWS::Lambda::Function` means for a sandbox. */
import { realpathSync } from 'node:fs';

/** Resolved properties of `AWS::Lambda::Function` (no intrinsic functions left), plus where its code and layers lie. */
export interface FunctionDefinition {
  FunctionName: string;
  /** `file.export`, relative to `codeDirectory`. */
  Handler: string;
  Runtime?: string;
  /** Seconds. @default 3 */
  Timeout?: number;
  /** MiB. @default 128 */
  MemorySize?: number;
  Environment?: { Variables?: Record<string, string> };
  /** 0 throttles every call; absent leaves only the local bound on sandboxes. */
  ReservedConcurrentExecutions?: number;
  LoggingConfig?: { LogFormat?: string; ApplicationLogLevel?: string; LogGroup?: string };
  /** What Lambda would unpack to /var/task. */
  codeDirectory: string;
  /** What Lambda would unpack to /opt, in the order of `Layers`: a later one covers an earlier one. */
  layerDirectories: string[];
  /** Nobody waits for what it answers, as for what a queue invokes: where processors are short, others go first. @default false */
  inBackground?: boolean;
}

/** A checked definition with AWS's defaults filled in. */
export interface FunctionSettings {
  name: string;
  arn: string;
  handler: string;
  runtime: string;
  timeoutMs: number;
  memoryMb: number;
  variables: Readonly<Record<string, string>>;
  reservedConcurrency: number | undefined;
  logFormat: 'Text' | 'JSON';
  logLevel: string | undefined;
  logGroup: string;
  codeDirectory: string;
  layerDirectories: readonly string[];
  inBackground: boolean;
}

/** Names that AWS refuses in a function's environment, because the runtime sets them. */
const reservedVariables = new Set([
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_ACCESS_KEY_ID',
  'AWS_DEFAULT_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_LAMBDA_RUNTIME_API',
  'AWS_REGION',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'LAMBDA_RUNTIME_DIR',
  'LAMBDA_TASK_ROOT',
]);

const timeoutSecondsMax = 900;
const memoryMbMin = 128;
const memoryMbMax = 10_240;

/** @throws Error naming the function, the property and what is allowed. */
export function readDefinition(
  definition: FunctionDefinition,
  place: { region: string; accountId: string },
): FunctionSettings {
  const { FunctionName: name, Environment, LoggingConfig, ReservedConcurrentExecutions: reserved } = definition;
  const refuse = (problem: string): never => {
    throw new Error(`AWS::Lambda::Function ${name}: ${problem}`);
  };
  const integer = (property: string, value: number, range: { min: number; max: number }): number =>
    Number.isInteger(value) && value >= range.min && value <= range.max
      ? value
      : refuse(`${property} must be a whole number from ${range.min} to ${range.max}, not ${value}`);

  if (!/^[\w-]{1,64}$/.test(name)) refuse('FunctionName must be 1 to 64 letters, digits, hyphens or underscores');
  const runtime = definition.Runtime ?? 'nodejs24.x';
  if (!runtime.startsWith('nodejs')) refuse(`Runtime ${runtime} cannot run here, only nodejs`);
  const logFormat = LoggingConfig?.LogFormat ?? 'Text';
  if (logFormat !== 'Text' && logFormat !== 'JSON')
    return refuse(`LoggingConfig.LogFormat must be Text or JSON, not ${logFormat}`);
  const variables = Environment?.Variables ?? {};
  const taken = Object.keys(variables).filter((variable) => reservedVariables.has(variable));
  if (taken.length > 0) refuse(`Environment holds names that AWS reserves: ${taken.join(', ')}`);

  return {
    name,
    arn: `arn:aws:lambda:${place.region}:${place.accountId}:function:${name}`,
    handler: definition.Handler,
    runtime,
    timeoutMs: integer('Timeout', definition.Timeout ?? 3, { min: 1, max: timeoutSecondsMax }) * 1000,
    memoryMb: integer('MemorySize', definition.MemorySize ?? 128, { min: memoryMbMin, max: memoryMbMax }),
    variables,
    reservedConcurrency:
      reserved === undefined
        ? undefined
        : integer('ReservedConcurrentExecutions', reserved, { min: 0, max: Number.MAX_SAFE_INTEGER }),
    logFormat,
    logLevel: LoggingConfig?.ApplicationLogLevel,
    logGroup: LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`,
    // Node reports modules by their real path, which the sandbox compares with these.
    codeDirectory: realpathSync(definition.codeDirectory),
    layerDirectories: definition.layerDirectories.map((directory) => realpathSync(directory)),
    inBackground: definition.inBackground ?? false,
  };
}
