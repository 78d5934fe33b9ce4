/** A CloudFormation resource after every reference in it was resolved. */
import { createPropertyReader, type PropertyReader } from './property-reader.ts';

/** One resource as the parts of the embedded cloud take it. */
export interface ResolvedResource {
  /** Name in the template, used in error messages. */
  readonly logicalId: string;
  /** CloudFormation type, e.g. `AWS::Scheduler::Schedule`. */
  readonly type: string;
  /** What `Ref` gives for this resource. */
  readonly physicalId: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Reads the properties of a resource; errors name its type and logical id. */
export function readProperties(resource: ResolvedResource): PropertyReader {
  return createPropertyReader(`${resource.type} ${resource.logicalId}`, resource.properties);
}
