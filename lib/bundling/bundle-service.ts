import { existsSync } from 'node:fs';
import { cp, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { bundleScript } from './bundle-script.ts';

/** Where the image has what its folder holds. */
export const imageDirectory = '/app';
/** What a container of it runs. */
export const imageCommand = ['node', 'index.mjs'] as const;

/**
 * It runs nothing while it is built, so that any machine can build it for any processor. The base image is Docker's own of Node, from AWS's
 * registry, which needs no account and gives what is newest of Node 24 whenever an image is built.
 */
const dockerfile = `FROM public.ecr.aws/docker/library/node:24-slim
WORKDIR ${imageDirectory}
COPY . .
USER node
CMD ${JSON.stringify(imageCommand)}
`;

export interface BundledService {
  /** Path of the source. */
  entry: string;
  /** Holds `venues/`. */
  venueLayer: string;
  /** Gets `Dockerfile`, `index.mjs`, what that loads when it comes to it, and `venues/`. */
  outdir: string;
}

/**
 * Makes the folder that the image of a service is built from.
 *
 * @throws Error when there is no such source or it does not compile.
 */
export async function bundleService({ entry, venueLayer, outdir }: BundledService): Promise<void> {
  if (!existsSync(entry)) throw new Error(`${entry} is not there: it is what the service runs`);
  await bundleScript({ entry, credentials: 'anywhere', name: 'index', outdir });
  await writeFile(join(outdir, 'Dockerfile'), dockerfile);
  // A build that another process is just writing stands beside the finished one, under a name with a dot.
  const filter = (source: string) => !basename(source).startsWith('.');
  await cp(join(venueLayer, 'venues'), join(outdir, 'venues'), { recursive: true, filter });
}
