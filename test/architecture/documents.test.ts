import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { functionNames } from '@nightdesk/infra/config/functions.ts';
import { paths } from '@nightdesk/infra/config/paths.ts';
import { describe, expect, it } from 'vitest';

const topFolders = ['layers', 'functions', 'lib', 'local', 'config', 'test', 'bench', 'docs'];
const documents = ['.', 'docs'].flatMap((folder) =>
  readdirSync(join(paths.root, folder))
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file)),
);

/** Paths of the repository that a text names: between backticks, or at the start of a line as in a map of folders. */
function pathsIn(text: string): string[] {
  const named = [
    ...text.matchAll(/(?:`|^)((?:layers|functions|lib|local|config|test|bench|docs)\/[\w./-]*)(?:`|\s)/gm),
  ];
  return [...new Set(named.map((match) => match[1] ?? ''))];
}

describe('documents', () => {
  it('there are some', () => {
    expect(documents).toContain('docs/deploy.md');
  });

  it.each(documents)('%s names no path that does not exist', (document) => {
    const text = readFileSync(join(paths.root, document), 'utf8');
    expect(pathsIn(text).filter((path) => !existsSync(join(paths.root, path)))).toEqual([]);
  });

  it.each(documents)('%s links to no document that does not exist', (document) => {
    const text = readFileSync(join(paths.root, document), 'utf8');
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)/g)].map((match) => match[1] ?? '');
    expect(links.filter((link) => !existsSync(join(paths.root, document, '..', link)))).toEqual([]);
  });

  it('paths in documents are recognised', () => {
    expect(pathsIn('see `lib/app.ts`\nlayers/core/   pure\nand `functions/<name>/index.ts`')).toEqual([
      'lib/app.ts',
      'layers/core/',
    ]);
  });
});

describe('folders', () => {
  it('functions/ holds the functions of the app, and what they share', () => {
    const folders = readdirSync(join(paths.root, 'functions'), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    expect(
      folders
        .map(({ name }) => name)
        .filter((name) => name !== 'node_modules')
        .sort(),
    ).toEqual([...functionNames, 'shared'].sort());
  });

  it.each(topFolders)('%s/ is there', (folder) => {
    expect(existsSync(join(paths.root, folder))).toBe(true);
  });
});
