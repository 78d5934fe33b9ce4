/** The venue layer as `cdk deploy` would ship it, built into a temporary folder for one test file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildVenueLayer } from '@nightdesk/exchange/build-venue-layer.ts';

export interface BuiltVenueLayer {
  /** The folder `venues`. */
  directory: string;
  remove(): void;
}

export async function buildTemporaryVenueLayer(): Promise<BuiltVenueLayer> {
  const root = mkdtempSync(join(tmpdir(), 'nightdesk-venues-'));
  return {
    directory: join(await buildVenueLayer(root), 'venues'),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
