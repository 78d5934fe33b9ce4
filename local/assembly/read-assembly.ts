/** Reads what `cdk synth` wrote. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asTemplate, buildGraph, type ResourceGraph } from './graph.ts';
import { isObject, type Json, type JsonObject, type StackTemplate } from './template.ts';

export interface Assembly {
  directory: string;
  graph: ResourceGraph;
  /** Folder that each container image is made of, by the tag under which a deployment would push it. */
  images: ReadonlyMap<string, string>;
}

/**
 * Reads the manifest, the templates of all stacks and what images are made of, and orders the stacks' resources.
 *
 * @throws Error naming the file that is missing or not what it should be.
 * @throws AssemblyError for what `buildGraph` refuses.
 */
export function readAssembly(directory: string): Assembly {
  const manifestPath = join(directory, 'manifest.json');
  const manifest = readJson(manifestPath);
  const artifacts = isObject(manifest) ? manifest.artifacts : undefined;
  if (!isObject(artifacts)) throw new Error(`${manifestPath} lists no artifacts`);
  const graph = buildGraph(readStacks(directory, { manifestPath, artifacts }));
  return { directory, graph, images: new Map(readImages(directory, artifacts)) };
}

/** An asset manifest says what a deployment uploads and pushes. */
function readImages(directory: string, artifacts: JsonObject): [tag: string, folder: string][] {
  const manifests = Object.values(artifacts).flatMap((artifact) => {
    if (!isObject(artifact) || artifact.type !== 'cdk:asset-manifest' || !isObject(artifact.properties)) return [];
    return [readJson(join(directory, String(artifact.properties.file)))];
  });
  const images = manifests.flatMap((manifest) =>
    isObject(manifest) && isObject(manifest.dockerImages) ? Object.values(manifest.dockerImages) : [],
  );
  return images.flatMap((image) => {
    if (!isObject(image) || !isObject(image.source) || !isObject(image.destinations)) return [];
    const { directory: folder } = image.source;
    // Made by a program that a deployment runs: there is no folder to run it from.
    if (typeof folder !== 'string') return [];
    const destinations = Object.values(image.destinations).filter(isObject);
    return destinations.map(({ imageTag }): [string, string] => [String(imageTag), join(directory, folder)]);
  });
}

function readStacks(
  directory: string,
  { manifestPath, artifacts }: { manifestPath: string; artifacts: JsonObject },
): StackTemplate[] {
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
