/** S3 in a process of its own, for a test that kills it: `node server-process.ts <directory>`. */
import { systemClock } from '../../../local/cloud/clock.ts';
import { createAwsEndpoint } from '../../../local/cloud/endpoint.ts';
import { createS3 } from '../../../local/cloud/s3/index.ts';

const [, , directory] = process.argv;
if (directory === undefined) throw new Error('server-process.ts needs the state directory as its argument');
const s3 = createS3({ clock: systemClock, log: console.error, directory });
s3.createBucket({ BucketName: 'archive' });
const { url } = await createAwsEndpoint({ services: [s3], log: console.error });
console.log(url);
