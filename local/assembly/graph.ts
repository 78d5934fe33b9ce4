/** The resources of all stacks, in an order in which each comes after everything it refers to. Pure. */
import { AssemblyError, type ResourceSite } from './errors.ts';
import { type References, resolveCondition, resolveValue } from './intrinsics.ts';
import { pseudoParameter } from './pseudo-parameters.ts';
import { needsOf } from './references.ts';
import { isObject, type Json, type JsonObject, type StackTemplate, type Template } from './template.ts';

export interface GraphResource extends ResourceSite {
  /** As in the template, intrinsic functions included. */
  properties: JsonObject;
  /** Where the assembly keeps the resource's asset, relative to the template. */
  assetPath: string | undefined;
}

export interface StackScope {
  name: string;
  conditions: ReadonlyMap<string, boolean>;
  parameters: ReadonlyMap<string, Json>;
  resources: ReadonlyMap<string, GraphResource>;
}

export interface ExportedValue {
  stack: StackScope;
  site: ResourceSite;
  value: Json;
}

export interface ResourceGraph {
  /** Dependencies first. Resources whose condition is false are not there. */
  resources: readonly GraphResource[];
  stacks: ReadonlyMap<string, StackScope>;
  exports: ReadonlyMap<string, ExportedValue>;
}

/** @throws AssemblyError for an unknown reference, an unsupported function in a condition, or a dependency cycle. */
export function buildGraph(templates: readonly StackTemplate[]): ResourceGraph {
  const stacks = new Map(templates.map((stack) => [stack.name, readScope(stack)]));
  const exports = new Map<string, ExportedValue>();
  for (const { name, template } of templates) {
    for (const [exportName, value] of readExports(template, scopeOf(stacks, name))) {
      const earlier = exports.get(exportName);
      if (earlier)
        throw new AssemblyError(value.site, `the export ${exportName} is already made by ${earlier.stack.name}`);
      exports.set(exportName, value);
    }
  }
  const dependencies = new Map<GraphResource, GraphResource[]>();
  for (const { name, template } of templates) {
    const scope = scopeOf(stacks, name);
    for (const resource of scope.resources.values()) {
      const explicit = [template.Resources?.[resource.logicalId]?.DependsOn ?? []].flat();
      const needed = new Set(explicit.flatMap((id) => scope.resources.get(id) ?? missing(resource, id, template)));
      for (const item of resourcesIn(resource.properties, { scope, site: resource, exports })) needed.add(item);
      dependencies.set(resource, [...needed]);
    }
  }
  return { resources: sortByDependency(dependencies), stacks, exports };
}

export function scopeOf(stacks: ReadonlyMap<string, StackScope>, name: string): StackScope {
  const scope = stacks.get(name);
  if (scope === undefined) throw new Error(`there is no stack ${name}`);
  return scope;
}

/** The condition's value. @throws Error when the stack has no such condition. */
export function conditionOf(scope: Pick<StackScope, 'conditions'>, name: string): boolean {
  const value = scope.conditions.get(name);
  if (value === undefined) throw new Error(`there is no condition ${name}`);
  return value;
}

/** `DependsOn` may name a resource that a condition leaves out. */
function missing(site: ResourceSite, logicalId: string, template: Template): [] {
  if (template.Resources?.[logicalId]) return [];
  throw new AssemblyError(site, `DependsOn names ${logicalId}, which is not in the template`);
}

function readScope({ name, template }: StackTemplate): StackScope {
  const parameters = new Map<string, Json>();
  for (const [id, parameter] of Object.entries(template.Parameters ?? {})) {
    const isPlain = parameter.Type === 'String' || parameter.Type === 'Number';
    if (isPlain && parameter.Default !== undefined) parameters.set(id, parameter.Default);
  }
  const conditions = readConditions(name, template, parameters);
  const resources = new Map<string, GraphResource>();
  for (const [logicalId, definition] of Object.entries(template.Resources ?? {})) {
    const site = { stack: name, logicalId, type: definition.Type };
    const condition = definition.Condition;
    if (condition !== undefined && !within(site, () => conditionOf({ conditions }, condition))) continue;
    const assetPath = definition.Metadata?.['aws:asset:path'];
    resources.set(logicalId, {
      ...site,
      properties: definition.Properties ?? {},
      assetPath: typeof assetPath === 'string' ? assetPath : undefined,
    });
  }
  return { name, conditions, parameters, resources };
}

function readConditions(stack: string, template: Template, parameters: ReadonlyMap<string, Json>) {
  const expressions = template.Conditions ?? {};
  const conditions = new Map<string, boolean>();
  const underway = new Set<string>();
  const unknown = (name: string): never => {
    throw new Error(`${name} cannot be used in a condition`);
  };
  const references: References = {
    ref: (name) => pseudoParameter(name, stack) ?? parameters.get(name) ?? unknown(name),
    attribute: (logicalId) => unknown(logicalId),
    importValue: unknown,
    condition: evaluate,
  };
  function evaluate(name: string): boolean {
    const known = conditions.get(name);
    if (known !== undefined) return known;
    const expression = expressions[name];
    if (expression === undefined) throw new Error(`there is no condition ${name}`);
    if (underway.has(name)) throw new Error(`the condition ${name} depends on itself`);
    underway.add(name);
    const value = resolveCondition(expression, references);
    conditions.set(name, value);
    return value;
  }
  for (const name of Object.keys(expressions))
    within({ stack, logicalId: name, type: 'Condition' }, () => evaluate(name));
  return conditions;
}

function* readExports(template: Template, stack: StackScope): Generator<[name: string, value: ExportedValue]> {
  for (const [logicalId, output] of Object.entries(template.Outputs ?? {})) {
    const exported = output.Export;
    if (exported === undefined) continue;
    const site = { stack: stack.name, logicalId, type: 'Output' };
    const { Condition: condition } = output;
    if (condition !== undefined && !within(site, () => conditionOf(stack, condition))) continue;
    yield [exportName(exported.Name, stack, site), { stack, site, value: output.Value }];
  }
}

/** Names of exports may use pseudo-parameters and parameters, nothing else. */
function exportName(name: Json, stack: StackScope, site: ResourceSite): string {
  const unknown = (what: string): never => {
    throw new Error(`the name of an export cannot depend on ${what}`);
  };
  const references: References = {
    ref: (id) => pseudoParameter(id, stack.name) ?? stack.parameters.get(id) ?? unknown(id),
    attribute: unknown,
    importValue: unknown,
    condition: (id) => conditionOf(stack, id),
  };
  const resolved = within(site, () => resolveValue(name, references));
  if (typeof resolved !== 'string') throw new AssemblyError(site, 'the name of an export must be a string');
  return resolved;
}

interface Surroundings {
  scope: StackScope;
  site: ResourceSite;
  exports: ReadonlyMap<string, ExportedValue>;
}

function* resourcesIn(value: Json, around: Surroundings): Generator<GraphResource> {
  const { scope, site, exports } = around;
  const needs = within(site, () => needsOf(value, (name) => conditionOf(scope, name)));
  for (const need of needs) {
    if (need.kind === 'import') {
      const name = exportName(need.exportName, scope, site);
      const exported = exports.get(name);
      if (exported === undefined) throw new AssemblyError(site, `no stack exports ${name}`);
      if (exported.stack === scope) throw new AssemblyError(site, `the stack imports its own export ${name}`);
      yield* resourcesIn(exported.value, { scope: exported.stack, site: exported.site, exports });
      continue;
    }
    const resource = scope.resources.get(need.name);
    if (resource !== undefined) yield resource;
    else if (
      !scope.parameters.has(need.name) &&
      within(site, () => pseudoParameter(need.name, scope.name)) === undefined
    ) {
      throw new AssemblyError(site, `the reference to ${need.name} leads nowhere`);
    }
  }
}

function sortByDependency(dependencies: ReadonlyMap<GraphResource, GraphResource[]>): GraphResource[] {
  const sorted: GraphResource[] = [];
  const states = new Map<GraphResource, 'underway' | 'done'>();
  function visit(resource: GraphResource, path: GraphResource[]): void {
    const state = states.get(resource);
    if (state === 'done') return;
    if (state === 'underway') {
      const cycle = [...path.slice(path.indexOf(resource)), resource];
      throw new AssemblyError(resource, `depends on itself: ${cycle.map((item) => item.logicalId).join(' → ')}`);
    }
    states.set(resource, 'underway');
    for (const needed of dependencies.get(resource) ?? []) visit(needed, [...path, resource]);
    states.set(resource, 'done');
    sorted.push(resource);
  }
  for (const resource of dependencies.keys()) visit(resource, []);
  return sorted;
}

/** Runs `work` and lets its error name the place. */
export function within<Result>(site: ResourceSite, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof AssemblyError) throw error;
    throw new AssemblyError(site, error instanceof Error ? error.message : String(error));
  }
}

/** Checks that a parsed file is a template at all. */
export function asTemplate(value: Json): Template {
  if (!isObject(value) || !isObject(value.Resources)) throw new Error('it has no Resources');
  return value as Template;
}
