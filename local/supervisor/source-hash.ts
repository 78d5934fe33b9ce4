/** Tells whether anything changed that the assembly is made from. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Folders and files that decide what `cdk synth` writes. */
const sources = ['lib', 'functions', 'services', 'layers', 'config', 'package-lock.json', 'cdk.json', 'tsconfig.json'];

/** Names that hold no sources: packages, build results and files of editors. */
const isIgnored = (name: string): boolean => name === 'node_modules' || name.startsWith('.');

/** A hash over the names and contents of all sources below `root`. */
export function hashSources(root: string): string {
  const hash = createHash('sha256');
  const files = sources.flatMap((source) => listFiles(join(root, source)));
  for (const file of files.sort()) {
    const content = readFileSync(file);
    hash.update(`${relative(root, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex').slice(0, 32);
}

function listFiles(path: string): string[] {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    return entries
      .filter((entry) => !isIgnored(entry.name))
      .flatMap((entry) => (entry.isDirectory() ? listFiles(join(path, entry.name)) : [join(path, entry.name)]));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return [path];
    throw error;
  }
}
