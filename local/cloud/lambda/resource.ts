/** Reads the template's `AWS::Lambda::Function`. */
import { type ResolvedResource, readProperties } from '../resolved-resource.ts';
import type { FunctionDefinition } from './definition.ts';

/** @throws PropertyError, Error naming the resource and the property that is wrong. */
export function functionFromResource(
  resource: ResolvedResource,
  directories: Pick<FunctionDefinition, 'codeDirectory' | 'layerDirectories'>,
): FunctionDefinition {
  const properties = readProperties(resource);
  if (properties.optionalText('PackageType') === 'Image') {
    throw new Error(
      `${resource.type} ${resource.logicalId}: PackageType Image is not emulated; bundle the function instead`,
    );
  }
  const logging = properties.optionalChild('LoggingConfig');
  return {
    FunctionName: resource.physicalId,
    Handler: properties.text('Handler'),
    Runtime: properties.text('Runtime'),
    Timeout: properties.optionalNumber('Timeout'),
    MemorySize: properties.optionalNumber('MemorySize'),
    Environment: { Variables: readVariables(resource) },
    ReservedConcurrentExecutions: properties.optionalNumber('ReservedConcurrentExecutions'),
    LoggingConfig: {
      LogFormat: logging?.optionalText('LogFormat'),
      ApplicationLogLevel: logging?.optionalText('ApplicationLogLevel'),
      LogGroup: logging?.optionalText('LogGroup'),
    },
    ...directories,
  };
}

function readVariables(resource: ResolvedResource): Record<string, string> {
  const environment = resource.properties.Environment as { Variables?: Record<string, unknown> } | undefined;
  const variables = readProperties(resource).optionalChild('Environment')?.optionalChild('Variables');
  return Object.fromEntries(
    Object.keys(environment?.Variables ?? {}).map((name) => [name, variables?.text(name) ?? '']),
  );
}
