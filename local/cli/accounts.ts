/** `npm run accounts -- check main`: what the keys of accounts may do, before anything is traded with them. */
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { systemClock } from '@nightdesk/aws';
import { buildVenueLayer } from '@nightdesk/exchange/build-venue-layer.ts';
import { paths } from '@nightdesk/infra/config/paths.ts';
import { checkAccount, findAccount } from '../accounts/check-account.ts';
import { describeCheck } from '../accounts/describe-check.ts';
import { AccountsError, type OpenDesk, openDesk } from '../accounts/open-desk.ts';
import { rotateAccount } from '../accounts/rotate-account.ts';

const help = `Asks the venues what the keys of accounts may do, and replaces keys.

  npm run accounts -- list                         the accounts of the configuration
  npm run accounts -- check main [second …]        permissions, addresses, balances, position mode and clock of each; all without a name
  npm run accounts -- rotate main < new-key.json   puts a new key in place once its venue was asked about it; typed or piped in,
                                                   e.g. {"apiKey":"…","secret":"…"}, then Ctrl-D

  --stage dev            the desk deployed as that stage, with the AWS credentials of the shell (default: the one on this machine)
  --json                 one line of JSON instead of sentences
  NIGHTDESK_STATE_DIR    folder of the local state (default .nightdesk)

Exit code 0: fine. 1: refused, and why is said: above all a key that may withdraw. 2: it could not be checked.`;

const defaultStateDirectory = fileURLToPath(new URL('../../.nightdesk', import.meta.url));

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      stage: { type: 'string', default: 'local' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const [command, ...accounts] = positionals;
  const action = Object.hasOwn(actions, command ?? '') ? actions[command as keyof typeof actions] : undefined;
  if (action === undefined) throw new AccountsError(`say what to do: list, check or rotate\n\n${help}`);
  const { NIGHTDESK_STATE_DIR: directory } = process.env;
  const desk = openDesk(values.stage, directory ? resolve(directory) : defaultStateDirectory);
  try {
    return await action(accounts, desk, values.json);
  } finally {
    desk.close();
  }
}

const actions = { list, check, rotate };

async function list(_accounts: string[], { config }: OpenDesk, json: boolean): Promise<number> {
  const accounts = Object.keys(config.accounts).map((id) => {
    const { venue, mode, readOnlySecret } = findAccount(config, id);
    return { account: id, venue, mode, readOnlySecret };
  });
  if (json) console.log(JSON.stringify(accounts));
  else for (const { account, venue, mode } of accounts) console.log(`${account} at ${venue}, ${mode}`);
  return 0;
}

async function check(accounts: string[], desk: OpenDesk, json: boolean): Promise<number> {
  const directory = join(await buildVenueLayer(join(paths.build, 'venue-layer')), 'venues');
  const ids = accounts.length > 0 ? accounts : Object.keys(desk.config.accounts);
  // Before any is asked, so that a slip of the pen is told at once.
  for (const id of ids) findAccount(desk.config, id);
  let code = 0;
  for (const id of ids) {
    const checked = await checkAccount(id, { desk, directory, clock: systemClock });
    console.log(json ? JSON.stringify(checked) : describeCheck(checked, systemClock.nowMs()));
    if (checked.result === 'refused') code = 1;
  }
  return code;
}

async function rotate([account, ...others]: string[], desk: OpenDesk, json: boolean): Promise<number> {
  if (account === undefined || others.length > 0)
    throw new AccountsError('name the one account whose key is to be replaced');
  await rotateAccount(account, await text(process.stdin), desk);
  const done = 'the new key is in use everywhere within five minutes; delete the old one at the venue after that';
  console.log(json ? JSON.stringify({ account, result: 'rotated' }) : `${account}: ${done}`);
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
