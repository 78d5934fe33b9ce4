/** The stream service's process: `node index.mjs` runs it, `node index.mjs --health` asks the one that runs. */
import { readOptional } from '@nightdesk/aws';
import { environmentNames } from '@nightdesk/core';
import { readHealthPort } from './environment.ts';
import { checkHealth } from './health/health-check.ts';

const port = readHealthPort(readOptional(environmentNames.healthPort));
if (process.argv.includes('--health')) process.exit((await checkHealth(port)) ? 0 : 1);
