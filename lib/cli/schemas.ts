/** `npm run schemas`: writes `config/schemas/*.json`, by which editors check and explain the configuration. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { configDocuments, editorSchema } from '@nightdesk/core';
import { paths } from '../config/paths.ts';

const usage = `Writes config/schemas/*.json, by which editors check and explain config/*.yaml, from the rules that the desk itself checks
by. Run it after changing those rules; a test says when it was forgotten.

  npm run schemas`;

const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h', default: false } } });
if (values.help) {
  console.log(usage);
  process.exit(0);
}

const directory = join(paths.config, 'schemas');
mkdirSync(directory, { recursive: true });
for (const document of configDocuments) {
  const file = join(directory, `${document}.json`);
  writeFileSync(file, `${JSON.stringify(editorSchema(document), undefined, 2)}\n`);
  console.log(file);
}
