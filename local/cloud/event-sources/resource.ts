/** Reads the template's `AWS::Lambda::EventSourceMapping`. */
import { type ResolvedResource, readProperties } from '../resolved-resource.ts';
import type { EventSourceMappingDefinition } from './definition.ts';

/** Properties without a meaning here are kept, for the mapping to refuse. @throws PropertyError for one of the wrong type. */
export function mappingFromResource(resource: ResolvedResource): EventSourceMappingDefinition {
  const properties = readProperties(resource);
  const scaling = properties.optionalChild('ScalingConfig');
  const destinations = properties.optionalChild('DestinationConfig');
  const filters = properties.optionalChild('FilterCriteria');
  return {
    ...resource.properties,
    EventSourceArn: properties.text('EventSourceArn'),
    FunctionName: properties.text('FunctionName'),
    BatchSize: properties.optionalNumber('BatchSize'),
    MaximumBatchingWindowInSeconds: properties.optionalNumber('MaximumBatchingWindowInSeconds'),
    FunctionResponseTypes: properties.optionalTexts('FunctionResponseTypes'),
    Enabled: properties.optionalBoolean('Enabled'),
    ScalingConfig: scaling && { MaximumConcurrency: scaling.optionalNumber('MaximumConcurrency') },
    StartingPosition: properties.optionalText('StartingPosition'),
    BisectBatchOnFunctionError: properties.optionalBoolean('BisectBatchOnFunctionError'),
    MaximumRetryAttempts: properties.optionalNumber('MaximumRetryAttempts'),
    MaximumRecordAgeInSeconds: properties.optionalNumber('MaximumRecordAgeInSeconds'),
    ParallelizationFactor: properties.optionalNumber('ParallelizationFactor'),
    DestinationConfig: destinations && {
      OnFailure: { Destination: destinations.optionalChild('OnFailure')?.optionalText('Destination') },
    },
    FilterCriteria: filters && {
      Filters: filters.optionalChildren('Filters')?.map((filter) => ({ Pattern: filter.optionalText('Pattern') })),
    },
  };
}
