/** Reads the template's `AWS::Lambda::EventSourceMapping`. */
import { type ResolvedResource, readProperties } from '../resolved-resource.ts';
import type { EventSourceMappingDefinition } from './definition.ts';

/** Properties without a meaning here are kept, for the mapping to refuse. @throws PropertyError for one of the wrong type. */
export function mappingFromResource(resource: ResolvedResource): EventSourceMappingDefinition {
  const properties = readProperties(resource);
  const concurrency = properties.optionalChild('ScalingConfig')?.optionalNumber('MaximumConcurrency');
  return {
    ...resource.properties,
    EventSourceArn: properties.text('EventSourceArn'),
    FunctionName: properties.text('FunctionName'),
    BatchSize: properties.optionalNumber('BatchSize'),
    MaximumBatchingWindowInSeconds: properties.optionalNumber('MaximumBatchingWindowInSeconds'),
    FunctionResponseTypes: properties.optionalTexts('FunctionResponseTypes'),
    ScalingConfig: { MaximumConcurrency: concurrency },
    Enabled: properties.optionalBoolean('Enabled'),
  };
}
