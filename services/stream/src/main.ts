/** The stream service's process: `node index.mjs` runs it until it is asked to end, `node index.mjs --health` asks the one that runs. */
import { readOptional } from '@nightdesk/aws/environment.ts';
import { environmentNames } from '@nightdesk/core';
import { checkHealth } from './health/health-check.ts';
import { readHealthPort } from './health/health-port.ts';

const healthPort = readHealthPort(readOptional(environmentNames.healthPort));

if (process.argv.includes('--health')) process.exit((await checkHealth(healthPort)) ? 0 : 1);
// Loaded only now: who asks every half minute needs none of it.
const { run } = await import('./run.ts');
await run(healthPort);
