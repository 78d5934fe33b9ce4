/**
 * A desk with a configuration of a test, as a process that can be killed. It is ready once these venues are simulated:
 * `node desk-child.ts <state directory> <config directory> <venue>...`. A line on stdin is the name of a schedule that fires
 * at once, so that a test need not wait for the full minute.
 */
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCloud } from '@nightdesk/local/supervisor/cloud.ts';

const pollEveryMs = 100;
const pollsMax = 600;

const [stateDirectory, configDirectory, ...venues] = process.argv.slice(2);
if (stateDirectory === undefined || configDirectory === undefined) throw new Error('two directories are needed');
// What is collected is what the folder says, once it is read.
const options = { stateDirectory, configDirectory, collects: false, streams: false };
const cloud = await startCloud({ ...options, log: (message) => console.error(message) });
const isThere = (venue: string): boolean => cloud.ready.simulators[venue] !== undefined;
for (let poll = 0; poll < pollsMax && !venues.every(isThere); poll += 1) await sleep(pollEveryMs);
console.log(JSON.stringify(cloud.ready));
for await (const schedule of createInterface({ input: process.stdin })) {
  cloud.tick(schedule).catch((error: unknown) => console.error(String(error)));
}
