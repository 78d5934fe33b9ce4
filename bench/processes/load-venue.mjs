/**
 * Loads a venue and constructs it, as a process that needs this one venue does. Plain JavaScript, because stripping types
 * would be counted.
 *
 * stdin `{ module, exportName }`, stdout what it took and by how much the process grew, Node's own start left out, as JSON.
 */
import { json } from 'node:stream/consumers';

const bytesPerMb = 1024 ** 2;

const { module, exportName } = await json(process.stdin);
const residentBytes = process.memoryUsage.rss();
const usedBefore = process.cpuUsage();
const startedMs = performance.now();
const { [exportName]: Venue } = await import(module);
const { id } = new Venue({});
const wallMs = performance.now() - startedMs;
const { user, system } = process.cpuUsage(usedBefore);
const residentMb = (process.memoryUsage.rss() - residentBytes) / bytesPerMb;
process.stdout.write(JSON.stringify({ id, wallMs, cpuMs: (user + system) / 1000, residentMb }));
