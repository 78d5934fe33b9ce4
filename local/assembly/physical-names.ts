/** Names for resources that the template leaves unnamed: readable, within AWS's limits, and the same at every start. */
import { createHash } from 'node:crypto';
import type { ResourceSite } from './errors.ts';
import type { GeneratedName } from './resource-types.ts';
import type { JsonObject } from './template.ts';

export interface PhysicalNames {
  nameOf(resource: ResourceSite & { properties: JsonObject }, form: GeneratedName | undefined): string;
  /** Every name given so far by `<stack>/<logical id>`, to be kept with the state. */
  all(): Record<string, string>;
}

const defaultForm: GeneratedName = { kind: 'name', lengthMax: 64 };
const uniquePartLength = 8;

/**
 * A name once given stays, even if this program later names differently, so that a table is found again with its rows.
 *
 * @param known what `all` gave at an earlier start
 */
export function createPhysicalNames(known: Readonly<Record<string, string>> = {}): PhysicalNames {
  const names = new Map(Object.entries(known));
  return {
    nameOf(resource, form = defaultForm) {
      const key = `${resource.stack}/${resource.logicalId}`;
      const name = names.get(key) ?? generateName(resource, form);
      names.set(key, name);
      return name;
    },
    all: () => Object.fromEntries([...names].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function generateName(resource: ResourceSite & { properties: JsonObject }, form: GeneratedName): string {
  const { stack, logicalId, properties } = resource;
  const hash = createHash('sha256').update(`${stack}/${logicalId}`).digest('hex');
  if (form.kind === 'uuid') return hash.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
  if (form.kind === 'id') return hash.slice(0, form.lengthMax);
  const suffix = form.suffix?.(properties) ?? '';
  const readable = `${stack}-${logicalId}`.slice(0, form.lengthMax - uniquePartLength - 1 - suffix.length);
  const name = `${readable}-${hash.slice(0, uniquePartLength)}${suffix}`;
  return form.isLowerCase ? name.toLowerCase() : name;
}
