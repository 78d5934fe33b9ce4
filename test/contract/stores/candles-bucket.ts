/** The archive, on the embedded cloud. */
import { createArchive, createS3Client } from '@nightdesk/aws';
import { createMovableClock } from '../../../local/cloud/clock.ts';
import { createS3 } from '../../../local/cloud/s3/index.ts';
import { type Disturb, serve } from './desk-cloud.ts';

const bucketName = 'desk-archive';

/** An empty bucket, and the archive in it. */
export async function openArchive(disturb: Disturb = (_request, _response, handle) => handle()) {
  const s3 = createS3({ clock: createMovableClock(), log: () => {} });
  const endpoint = await serve({
    ...s3,
    handle: (request, response) => disturb(request, response, () => s3.handle(request, response)),
  });
  s3.createBucket({ BucketName: bucketName });
  const client = createS3Client();
  return {
    client,
    bucketName,
    cold: createArchive(client, bucketName),
    async close() {
      client.destroy();
      await endpoint.close();
    },
  };
}
