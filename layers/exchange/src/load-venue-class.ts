/** Finds the one file of the venue layer that a name stands for. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigurationError } from '@nightdesk/core';
import { closeNames } from './close-names.ts';
import type { VenueClass } from './venue-client.ts';

export interface LoadVenueOptions {
  /** The folder `venues` of the layer: `/opt/venues` on Lambda. */
  directory: string;
  /** Orders and market data over HTTP, or streams. */
  kind: 'rest' | 'pro';
}

/** Names of venues as ccxt writes them. Nothing that could leave the folder fits. */
const namePattern = /^[a-z][a-z0-9]{1,40}$/;

/** Venues that owners may still ask for and that are gone for good. */
const closedVenues: ReadonlyMap<string, string> = new Map([['ftx', 'FTX closed in November 2022']]);

/**
 * The class of a venue, from the layer. Only this venue's code is loaded; a second call finds it in Node's cache.
 *
 * @throws ConfigurationError when there is no venue of that name; it names those that are spelled alike.
 * @throws Error when the folder is not a venue layer.
 */
export async function loadVenueClass(name: string, options: LoadVenueOptions): Promise<VenueClass> {
  const closed = closedVenues.get(name);
  if (closed !== undefined) throw new ConfigurationError(`exchange "${name}" is not usable: ${closed}`);
  if (!namePattern.test(name)) throw new ConfigurationError(`${JSON.stringify(name)} is not the name of an exchange`);
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
  const close = closeNames(name, index[kind]);
  const hint = close.length > 0 ? `; close to it: ${close.join(', ')}` : '';
  const what = kind === 'pro' ? 'exchange with streams' : 'exchange';
  return new ConfigurationError(`no ${what} is called "${name}"${hint}`);
}
