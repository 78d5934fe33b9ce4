import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPhysicalNames } from '../../../local/assembly/physical-names.ts';
import { readAssembly } from '../../../local/assembly/read-assembly.ts';
import { type AssemblyResource, resolveGraph } from '../../../local/assembly/resolve-graph.ts';

const fixture = fileURLToPath(new URL('../../fixtures/assembly/desk', import.meta.url));
const addresses = { aws: 'http://127.0.0.1:4101' };

function find(resources: AssemblyResource[], logicalId: string): AssemblyResource {
  const resource = resources.find((candidate) => candidate.logicalId === logicalId);
  if (resource === undefined) throw new Error(`no ${logicalId}`);
  return resource;
}

describe('reading an assembly', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'nightdesk-assembly-'));
    cpSync(fixture, directory, { recursive: true });
  });

  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  function resolve(): AssemblyResource[] {
    const { graph } = readAssembly(directory);
    return resolveGraph(graph, { directory, names: createPhysicalNames(), addresses });
  }

  it('hands a function the names of tables and queues of another stack', () => {
    const resources = resolve();
    const queue = find(resources, 'Signals');
    expect(find(resources, 'Health').properties.Environment).toEqual({
      Variables: { ORDERS: find(resources, 'Orders').properties.TableName, QUEUE: queue.physicalId },
    });
    expect(queue.physicalId).toBe(`http://127.0.0.1:4101/000000000000/${queue.properties.QueueName}`);
  });

  it('finds the code of a function by the path of its asset', () => {
    expect(find(resolve(), 'Health').assetPath).toBe(join(directory, 'asset.code'));
  });

  it('lists what is emulated only, dependencies first', () => {
    const ids = resolve().map((resource) => resource.logicalId);
    expect([...ids].sort()).toEqual(
      ['Api', 'DeadLetters', 'Health', 'Integration', 'Orders', 'Route', 'Schedule', 'Signals', 'Token'].sort(),
    );
    expect(ids.indexOf('DeadLetters')).toBeLessThan(ids.indexOf('Signals'));
    expect(ids.indexOf('Integration')).toBeLessThan(ids.indexOf('Route'));
  });

  it('says which file is missing', () => {
    rmSync(join(directory, 'Data.template.json'));
    expect(() => readAssembly(directory)).toThrow('Data.template.json');
  });

  it('says which file is not a template', () => {
    writeFileSync(join(directory, 'Data.template.json'), '[]');
    expect(() => readAssembly(directory)).toThrow('Data.template.json is not a template: it has no Resources');
  });
});
