/** From the resource graph to resources whose every property is a plain value. Pure. */
import { join } from 'node:path';
import type { ResolvedResource } from '../cloud/resolved-resource.ts';
import { findAwsHost } from './aws-hosts.ts';
import { AssemblyError } from './errors.ts';
import { conditionOf, type GraphResource, type ResourceGraph, type StackScope, scopeOf, within } from './graph.ts';
import { type References, resolveValue } from './intrinsics.ts';
import type { PhysicalNames } from './physical-names.ts';
import { pseudoParameter } from './pseudo-parameters.ts';
import {
  type CloudAddresses,
  type EmulatedType,
  isEmulated,
  type NamedResource,
  type TypeRule,
  typeRule,
} from './resource-types.ts';
import { isObject, type Json, type JsonObject } from './template.ts';

/** A resource that the embedded cloud has to create. */
export interface AssemblyResource extends ResolvedResource {
  readonly stack: string;
  readonly type: EmulatedType;
  readonly properties: JsonObject;
  /** What `Fn::GetAtt` gives for `Arn`, where the type has one. */
  readonly arn: string | undefined;
  /** Folder or file of its asset. */
  readonly assetPath: string | undefined;
}

export interface ResolveOptions {
  /** The assembly's folder, which asset paths are relative to. */
  directory: string;
  names: PhysicalNames;
  addresses: CloudAddresses;
}

/**
 * The emulated resources of all stacks, dependencies first. Types without effect are left out.
 *
 * @throws AssemblyError naming stack, logical id and type for a type that is not supported, an attribute or intrinsic
 * function that is not known, and a value that holds the host of a real AWS service.
 */
export function resolveGraph(graph: ResourceGraph, options: ResolveOptions): AssemblyResource[] {
  const resolver = createResolver(graph, options);
  return graph.resources.flatMap((resource) => {
    const rule = ruleOf(resource);
    return isEmulated(resource.type) ? [resolver.resolve(resource, { type: resource.type, rule })] : [];
  });
}

function createResolver(graph: ResourceGraph, { directory, names, addresses }: ResolveOptions) {
  function named(resource: GraphResource, rule: TypeRule): NamedResource {
    const { nameProperty } = rule;
    const given = nameProperty === undefined ? undefined : resource.properties[nameProperty];
    const chosen = given === undefined ? names.nameOf(resource, rule.generated) : resolveIn(resource, given);
    if (typeof chosen !== 'string') throw new AssemblyError(resource, `${nameProperty} must be a string`);
    return { name: chosen, properties: resource.properties, addresses };
  }

  function resolveIn(resource: GraphResource, value: Json): Json | undefined {
    const references = referencesOf(scopeOf(graph.stacks, resource.stack));
    const resolved = within(resource, () => resolveValue(value, references));
    return typeof resolved === 'symbol' ? undefined : resolved;
  }

  function referencesOf(scope: StackScope): References {
    return {
      ref(name) {
        const resource = scope.resources.get(name);
        if (resource === undefined)
          return pseudoParameter(name, scope.name) ?? scope.parameters.get(name) ?? unknown(name);
        const rule = ruleOf(resource);
        return rule.ref(named(resource, rule));
      },
      attribute(logicalId, attribute) {
        const resource = scope.resources.get(logicalId) ?? unknown(logicalId);
        const rule = ruleOf(resource);
        const give = Object.hasOwn(rule.attributes ?? {}, attribute) ? rule.attributes?.[attribute] : undefined;
        if (give === undefined) {
          throw new Error(`the attribute ${attribute} of ${resource.type} (${logicalId}) is not known locally`);
        }
        return give(named(resource, rule));
      },
      importValue(exportName) {
        const exported = graph.exports.get(exportName);
        if (exported === undefined) throw new Error(`no stack exports ${exportName}`);
        const resolved = within(exported.site, () => resolveValue(exported.value, referencesOf(exported.stack)));
        if (typeof resolved === 'symbol') throw new Error(`the export ${exportName} has no value`);
        return resolved;
      },
      condition: (name) => conditionOf(scope, name),
    };
  }

  return {
    resolve(resource: GraphResource, { type, rule }: { type: EmulatedType; rule: TypeRule }): AssemblyResource {
      const self = named(resource, rule);
      const resolved = resolveIn(resource, resource.properties);
      const properties = isObject(resolved) ? resolved : {};
      if (rule.nameProperty !== undefined) properties[rule.nameProperty] = self.name;
      const awsHost = findAwsHost(properties);
      if (awsHost !== undefined) {
        throw new AssemblyError(resource, `${awsHost.path} holds ${awsHost.host}, a host of the real AWS`);
      }
      const arn = rule.attributes?.Arn?.(self);
      const { stack, logicalId } = resource;
      return {
        stack,
        logicalId,
        type,
        properties,
        physicalId: String(rule.ref(self)),
        arn: typeof arn === 'string' ? arn : undefined,
        assetPath: resource.assetPath === undefined ? undefined : join(directory, resource.assetPath),
      };
    },
  };
}

function unknown(name: string): never {
  throw new Error(`the reference to ${name} leads nowhere`);
}

function ruleOf(resource: GraphResource): TypeRule {
  const rule = typeRule(resource.type);
  if (rule === undefined) {
    throw new AssemblyError(resource, 'this type is neither emulated nor known to have no effect locally');
  }
  return rule;
}
