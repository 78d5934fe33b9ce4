/** Reads what `cdk synth` wrote. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asTemplate, buildGraph, type ResourceGraph } from './graph.ts';
import { isObject, type Json, type StackTemplate } from './template.ts';

export interface Assembly {
  directory: string;
  graph: ResourceGraph;
}

/**
 * Reads the manifest and the templates of all stacks, and orders their resources.
 *
 * @throws Error naming the file that is missing or not what it should be.
 * @throws AssemblyError for what `buildGraph` refuses.
 */
export function readAssembly(directory: string): Assembly {
  return { directory, graph: buildGraph(readStacks(directory)) };
}

function readStacks(directory: string): StackTemplate[] {
  const manifestPath = join(directory, 'manifest.json');
  const manifest = readJson(manifestPath);
  const artifacts = isObject(manifest) ? manifest.artifacts : undefined;
  if (!isObject(artifacts)) throw new Error(`${manifestPath} lists no artifacts`);
  return Object.entries(artifacts).flatMap(([id, artifact]) => {
    if (!isObject(artifact) || !isObject(artifact.properties)) return [];
    const { templateFile, stackName, directoryName } = artifact.properties;
    if (artifact.type === 'cdk:cloud-assembly') {
      throw new Error(`${manifestPath}: ${id} is a nested assembly (${String(directoryName)}), which is not supported`);
    }
    if (artifact.type !== 'aws:cloudformation:stack') return [];
    const path = join(directory, String(templateFile));
    return [{ name: typeof stackName === 'string' ? stackName : id, template: readTemplate(path) }];
  });
}

function readTemplate(path: string) {
  try {
    return asTemplate(readJson(path));
  } catch (error) {
    throw new Error(`${path} is not a template: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

function readJson(path: string): Json {
  return JSON.parse(readFileSync(path, 'utf8')) as Json;
}
