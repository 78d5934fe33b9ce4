/** `npm start`: runs the desk on this machine until it is told to stop. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { paths } from '@nightdesk/infra/config/paths.ts';
import { type Cloud, startCloud } from '../supervisor/cloud.ts';

const help = `Runs the desk on this machine: the functions, queues, tables and API of the CDK app, and simulated venues.

  npm start                 continue with the state of the last run
  npm start -- --fresh      delete the state first
  npm start -- --help       this text

  NIGHTDESK_PORT            port of the API (default 4100; 0 picks a free one)
  NIGHTDESK_STATE_DIR       folder of the state (default .nightdesk)

When ready it prints one line of JSON on stdout, with addresses and tokens, and writes the same to ready.json in the state
folder. What is saved in config/*.yaml while it runs takes effect within seconds. Ctrl-C stops it.`;

const defaultPort = 4100;
const defaultStateDirectory = fileURLToPath(new URL('../../.nightdesk', import.meta.url));
/** A stop that takes longer is cut short; the state on disk is safe at any moment. */
const stopMsMax = 5_000;

interface Settings {
  stateDirectory: string;
  apiPort: number;
  fresh: boolean;
}

let cloud: Cloud | undefined;
let stopping = false;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { fresh: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
  if (values.help) {
    console.log(help);
    return;
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(0));
  process.on('uncaughtException', fail);
  const settings = readSettings(values.fresh ?? false);
  cloud = await startCloud({ ...settings, configDirectory: paths.config, log, onFailure: fail });
  log(`ready: ${cloud.ready.api} (state in ${settings.stateDirectory}, Ctrl-C stops)`);
  console.log(JSON.stringify(cloud.ready));
}

function readSettings(fresh: boolean): Settings {
  const { NIGHTDESK_PORT: port, NIGHTDESK_STATE_DIR: directory } = process.env;
  const apiPort = port === undefined || port === '' ? defaultPort : Number(port);
  if (!Number.isInteger(apiPort) || apiPort < 0 || apiPort > 65_535) {
    throw new Error(`NIGHTDESK_PORT must be a port from 0 to 65535, not "${port}"`);
  }
  return { fresh, apiPort, stateDirectory: directory ? resolve(directory) : defaultStateDirectory };
}

/** People read stderr; programs read the one line on stdout. */
function log(message: string): void {
  console.error(`${(performance.now() / 1000).toFixed(1).padStart(6)} s  ${message}`);
}

/** A second call ends the process at once. While still starting there is nothing to wait for. */
async function stop(exitCode: number): Promise<void> {
  if (stopping || cloud === undefined) process.exit(exitCode);
  stopping = true;
  log('stopping');
  setTimeout(() => {
    log(`not everything stopped within ${stopMsMax / 1000} s`);
    process.exit(1);
  }, stopMsMax).unref();
  await cloud.close();
  process.exit(exitCode);
}

function fail(error: Error): void {
  log(`failed: ${explain(error)}`);
  stop(1).catch(() => process.exit(1));
}

function explain(error: Error): string {
  if ('code' in error && error.code === 'EADDRINUSE') {
    return `${error.message}: set NIGHTDESK_PORT to another port, or to 0 for any free one`;
  }
  // The stack says nothing to an owner whose configuration is wrong, and everything about a mistake in this program.
  const isDefect = [TypeError, RangeError, ReferenceError].some((type) => error instanceof type) && !('code' in error);
  return (isDefect ? error.stack : undefined) ?? error.message;
}

main().catch(fail);
