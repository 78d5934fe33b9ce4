/** The environment of a sandbox. */
import { delimiter, dirname, join } from 'node:path';
import { defaultRegion, isolatedEnvironment } from '../isolated-environment.ts';
import type { FunctionSettings } from './definition.ts';

export interface SandboxPlace {
  /** `host:port` of the sandbox's Runtime API. */
  runtimeApi: string;
  logStream: string;
  /** Where AWS's runtime client is installed. */
  runtimeClientPath: string;
}

/**
 * Later groups win: isolation, then what every sandbox of this cloud gets, then the function's own variables, then what
 * Lambda's runtime defines (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html).
 */
export function buildEnvironment(
  settings: FunctionSettings,
  shared: Readonly<Record<string, string>>,
  place: SandboxPlace,
): Record<string, string> {
  return {
    NODE_PATH: nodePath(settings),
    ...isolatedEnvironment(),
    ...shared,
    ...settings.variables,
    AWS_DEFAULT_REGION: shared.AWS_REGION ?? defaultRegion,
    AWS_EXECUTION_ENV: `AWS_Lambda_${settings.runtime}`,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(settings.memoryMb),
    AWS_LAMBDA_FUNCTION_NAME: settings.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_FORMAT: settings.logFormat,
    AWS_LAMBDA_LOG_GROUP_NAME: settings.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: place.logStream,
    AWS_LAMBDA_RUNTIME_API: place.runtimeApi,
    ...(settings.logLevel === undefined ? {} : { AWS_LAMBDA_LOG_LEVEL: settings.logLevel }),
    LAMBDA_RUNTIME_DIR: dirname(place.runtimeClientPath),
    LAMBDA_TASK_ROOT: settings.codeDirectory,
    _HANDLER: settings.handler,
  };
}

/** Where CommonJS finds packages of layers; AWS lists the folder of the Node.js version before the common one. */
function nodePath(settings: FunctionSettings): string {
  const version = settings.runtime.replace(/^nodejs(\d+).*$/, 'node$1');
  const layers = settings.layerDirectories.toReversed();
  const folders = [join('nodejs', version, 'node_modules'), join('nodejs', 'node_modules')];
  return folders.flatMap((folder) => layers.map((layer) => join(layer, folder))).join(delimiter);
}
