import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

  it('finds what an image is made of by the tag under which a deployment pushes it', () => {
    const manifestPath = join(directory, 'manifest.json');
    const manifest = JSON.parse(readFileSync(manifestPath, 'utf8'));
    manifest.artifacts['Data.assets'] = { type: 'cdk:asset-manifest', properties: { file: 'Data.assets.json' } };
    writeFileSync(manifestPath, JSON.stringify(manifest));
    const pushed = (imageTag: string) => ({ 'current_account-current_region': { repositoryName: 'assets', imageTag } });
    const dockerImages = {
      c0ffee: { source: { directory: 'asset.c0ffee', platform: 'linux/arm64' }, destinations: pushed('c0ffee') },
      decaf: { source: { executable: ['build-it'] }, destinations: pushed('decaf') },
    };
    writeFileSync(join(directory, 'Data.assets.json'), JSON.stringify({ version: '1', files: {}, dockerImages }));
    expect([...readAssembly(directory).images]).toEqual([['c0ffee', join(directory, 'asset.c0ffee')]]);
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
