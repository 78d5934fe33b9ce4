/** What `npm run halt` is asked for. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { SwitchState } from '@nightdesk/core';
import { readStateFile } from '../cloud/state-file.ts';
import type { ReadyInfo } from '../supervisor/ready.ts';
import { statePaths } from '../supervisor/state-directory.ts';
import type { SwitchCall } from './switch-call.ts';

export const haltHelp = `Stops trading, and cancels what is open.

  npm run halt -- --reason "why"                   halts all accounts and cancels all open orders; exits that protect positions stay
  npm run halt -- --reason "why" --reducing        lets only pass what makes positions smaller, so that they stay looked after
  npm run halt -- --reason "why" --resume          lets everything pass again

  --account main       one account instead of all
  --no-cancel          sets the switch only
  --cancel-exits       cancels exits, too: positions are bare then, and while halted no new exit is placed
  --api https://…      a deployed desk (default: the one on this machine)
  --token …            a token of the role risk; better NIGHTDESK_TOKEN, which no list of processes shows. It is never printed
  --json               one line of JSON instead of sentences
  NIGHTDESK_STATE_DIR  folder of the local state (default .nightdesk)

Exit code 0: all done. 1: the switch could not be set, or something may still be open. 2: not understood, and nothing was done.`;

const defaultStateDirectory = fileURLToPath(new URL('../../.nightdesk', import.meta.url));

const options = {
  reason: { type: 'string' },
  account: { type: 'string', default: '*' },
  reducing: { type: 'boolean', default: false },
  resume: { type: 'boolean', default: false },
  'no-cancel': { type: 'boolean', default: false },
  'cancel-exits': { type: 'boolean', default: false },
  api: { type: 'string' },
  token: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const parse = (args: readonly string[]) => parseArgs({ args: [...args], options }).values;
type Values = ReturnType<typeof parse>;

/** What was asked for makes no sense, and nothing was done. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * The call that the options ask for; none where they ask for help.
 *
 * @throws UsageError
 */
export function readHalt(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): { call: SwitchCall | undefined; json: boolean } {
  const values = read(args);
  const { json, account } = values;
  if (values.help) return { call: undefined, json };
  return { call: { body: bodyOf(values), account, ...findDesk(values, environment) }, json };
}

function read(args: readonly string[]): Values {
  try {
    return parse(args);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function bodyOf(values: Values): SwitchCall['body'] {
  const { reducing, resume, 'no-cancel': keepsOrders, 'cancel-exits': cancelExits } = values;
  const reason = values.reason?.trim();
  if (!reason) throw new UsageError('say why: --reason "…"');
  if (reducing && resume) throw new UsageError('--reducing and --resume contradict each other');
  if (cancelExits && (reducing || resume || keepsOrders)) {
    throw new UsageError('--cancel-exits goes with halting and canceling only');
  }
  const state: SwitchState = resume ? 'active' : reducing ? 'reducing' : 'halted';
  if (resume || keepsOrders) return { state, reason };
  return { state, reason, cancelOrders: true, cancelExits };
}

/** The desk at `--api`, else the one that runs on this machine. */
function findDesk(
  { api, token: given }: Values,
  { NIGHTDESK_TOKEN, NIGHTDESK_STATE_DIR }: NodeJS.ProcessEnv,
): Pick<SwitchCall, 'api' | 'token'> {
  const token = given || NIGHTDESK_TOKEN;
  if (api !== undefined) {
    checkAddress(api);
    if (!token) throw new UsageError('a desk at --api wants a token of the role risk: set NIGHTDESK_TOKEN');
    return { api, token };
  }
  const directory = NIGHTDESK_STATE_DIR ? resolve(NIGHTDESK_STATE_DIR) : defaultStateDirectory;
  const ready = readStateFile(statePaths(directory).ready) as ReadyInfo | undefined;
  if (ready === undefined) {
    throw new UsageError(
      `no desk is running from ${directory}: name a deployed one with --api, or start one with npm start`,
    );
  }
  return { api: ready.api, token: token || ready.tokens.risk };
}

/** A token goes over the network encrypted, or not at all. */
function checkAddress(api: string): void {
  const url = URL.canParse(api) ? new URL(api) : undefined;
  const isLocal = url?.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (url?.protocol !== 'https:' && !isLocal) throw new UsageError('--api must be the https:// address of a desk');
}
