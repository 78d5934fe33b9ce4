import { join } from 'node:path';
import { buildVenueLayer } from '@nightdesk/exchange/build-venue-layer.ts';
import { paths } from '../config/paths.ts';
import { bundleFunctions, type FunctionBundles } from './bundle-functions.ts';

/** What is built from sources before the app is made of it: folders that become assets. */
export interface Artifacts {
  readonly functions: FunctionBundles;
  /** Holds `venues/`. */
  readonly venueLayer: string;
}

/**
 * Builds everything: bundles anew in `workDirectory`, and the venue layer, which changes with ccxt's version only, in a
 * folder that is kept between runs.
 */
export async function buildArtifacts(workDirectory: string): Promise<Artifacts> {
  const functions = await bundleFunctions(workDirectory);
  return { functions, venueLayer: await buildVenueLayer(join(paths.build, 'venue-layer')) };
}
