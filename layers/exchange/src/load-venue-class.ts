/** Finds the one file of the venue layer that a name stands for. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigurationError } from '@nightdesk/core';
import type { VenueClass } from './venue-client.ts';
import { nameDefect, unknownNameDefect } from './venue-names.ts';

export interface LoadVenueOptions {
  /** The folder `venues` of the layer: `/opt/venues` on Lambda. */
  directory: string;
  /** Orders and market data over HTTP, or streams. */
  kind: 'rest' | 'pro';
}

/**
 * The class of a venue, from the layer. Only this venue's code is loaded; a second call finds it in Node's cache.
 *
 * @throws ConfigurationError when there is no venue of that name; it names those that are spelled alike.
 * @throws Error when the folder is not a venue layer.
 */
export async function loadVenueClass(name: string, options: LoadVenueOptions): Promise<VenueClass> {
  const defect = nameDefect(name);
  if (defect !== undefined) throw new ConfigurationError(defect);
  const file = join(options.directory, options.kind, `${name}.js`);
  try {
    const module = (await import(pathToFileURL(file).href)) as { default: VenueClass };
    return module.default;
  } catch (error) {
    // Looked at only now, so that the usual case costs no access to the disk.
    if (existsSync(file)) throw error;
    throw await unknownName(name, options);
  }
}

async function unknownName(name: string, { directory, kind }: LoadVenueOptions): Promise<ConfigurationError> {
  const index = JSON.parse(await readFile(join(directory, 'index.json'), 'utf8')) as Record<typeof kind, string[]>;
  const what = kind === 'pro' ? 'exchange with streams' : 'exchange';
  return new ConfigurationError(unknownNameDefect(name, index[kind], what) ?? `the layer lacks the file of "${name}"`);
}
