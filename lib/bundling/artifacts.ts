import { join } from 'node:path';
import { buildVenueLayer } from '@nightdesk/exchange/build-venue-layer.ts';
import { paths } from '../config/paths.ts';
import { bundleFunctions, type FunctionBundles } from './bundle-functions.ts';
import { bundleService } from './bundle-service.ts';
import { hashConfigRules } from './config-rules.ts';

/** What is built from sources before the app is made of it: folders that become assets. */
export interface Artifacts {
  readonly functions: FunctionBundles;
  /** By which rules the functions check a configuration. */
  readonly configRules: string;
  /** Holds `venues/`. */
  readonly venueLayer: string;
  /** What the image of the stream service is made of. */
  readonly streamImage: string;
}

/**
 * Builds everything: bundles anew in `workDirectory`, and the venue layer, which changes with ccxt's version only, in a
 * folder that is kept between runs.
 */
export async function buildArtifacts(workDirectory: string): Promise<Artifacts> {
  const configRules = await hashConfigRules();
  const functions = await bundleFunctions(join(workDirectory, 'functions'), configRules);
  const venueLayer = await buildVenueLayer(join(paths.build, 'venue-layer'));
  const streamImage = join(workDirectory, 'stream-image');
  await bundleService({ entry: join(paths.services, 'stream/src/main.ts'), venueLayer, outdir: streamImage });
  return { functions, configRules, venueLayer, streamImage };
}
