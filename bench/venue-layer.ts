/** The venue layer that `cdk deploy` would ship, built when it is not there yet. */
import { join } from 'node:path';
import { buildVenueLayer } from '@nightdesk/exchange/build-venue-layer.ts';
import { paths } from '@nightdesk/infra/config/paths.ts';

/** The layer's folder `venues`: in the place where synthesis keeps it between runs. */
export async function venuesDirectory(): Promise<string> {
  return join(await buildVenueLayer(join(paths.build, 'venue-layer')), 'venues');
}
