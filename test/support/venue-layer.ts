/** The venue layer as `cdk deploy` would ship it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildVenueLayer } from '@nightdesk/exchange/build-venue-layer.ts';

export interface BuiltVenueLayer {
  /** The folder `venues`. */
  directory: string;
  remove(): void;
}

/** Beside the assemblies that desks are started from; `npm ci` clears both away. */
const sharedRoot = fileURLToPath(new URL('../../node_modules/.cache/nightdesk-tests/venue-layer', import.meta.url));

/** The layer that all tests read and none writes: built by the first that needs it, and again when what it is built from changed. */
export async function openVenueLayer(): Promise<BuiltVenueLayer> {
  return { directory: join(await buildVenueLayer(sharedRoot), 'venues'), remove: () => undefined };
}

/** A layer of its own in a temporary folder, for a test of the build itself. */
export async function buildTemporaryVenueLayer(): Promise<BuiltVenueLayer> {
  const root = mkdtempSync(join(tmpdir(), 'nightdesk-venues-'));
  return {
    directory: join(await buildVenueLayer(root), 'venues'),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
