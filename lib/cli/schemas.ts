/** `npm run schemas`: writes `config/schemas/*.json`, by which editors check and explain the configuration. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configDocuments, editorSchema } from '@nightdesk/core';
import { paths } from '../config/paths.ts';

const directory = join(paths.config, 'schemas');
mkdirSync(directory, { recursive: true });
for (const document of configDocuments) {
  const file = join(directory, `${document}.json`);
  writeFileSync(file, `${JSON.stringify(editorSchema(document), undefined, 2)}\n`);
  console.log(file);
}
