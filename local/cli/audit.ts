/** `npm run audit`: recomputes the journal and compares the tables with it, and the counters of the risk rows with what they count. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { AuditError, type DeskTables, findDeskTables } from '../audit/desk-tables.ts';
import { type OpenTables, openLocalTables } from '../audit/local-tables.ts';
import { describeRecount, mendDesk, recountDesk } from '../audit/recount-desk.ts';
import { describeVerification, verifyDesk } from '../audit/verify-desk.ts';

const help = `verify recomputes every hash of the journal, rebuilds every order and position from its events, and compares
orders, positions, switches and the ends of the books with it. counters compares the counters that limits go by with what open
orders and positions add up to; they differ where a row of the risk table was lost.

  npm run audit -- verify                  the desk on this machine, running or not
  npm run audit -- counters                the same
  npm run audit -- counters --mend         adds what is missing; all accounts concerned have to be halted (npm run halt)
  npm run audit -- counters --without old  leaves out the positions of an account that was removed from the configuration

  --stage dev                              the desk deployed as that stage, with the AWS credentials of the shell
  --json                                   one line of JSON instead of sentences

  --orders-table, --journal-table, --risk-table, --positions-table, --books-table
                                           name the tables where a stage has several
  NIGHTDESK_STATE_DIR                      folder of the local state (default .nightdesk)

Exit code 0: everything fits, or does now. 1: something does not; the first such event, or every such counter, is named.
2: it could not be checked.`;

const defaultStateDirectory = fileURLToPath(new URL('../../.nightdesk', import.meta.url));

const options = {
  stage: { type: 'string', default: 'local' },
  json: { type: 'boolean', default: false },
  mend: { type: 'boolean', default: false },
  without: { type: 'string', multiple: true, default: [] as string[] },
  help: { type: 'boolean', short: 'h', default: false },
  'orders-table': { type: 'string' },
  'journal-table': { type: 'string' },
  'risk-table': { type: 'string' },
  'positions-table': { type: 'string' },
  'books-table': { type: 'string' },
} as const;

const parse = () => parseArgs({ allowPositionals: true, options });
type Values = ReturnType<typeof parse>['values'];

async function main(): Promise<number> {
  const { values, positionals } = parse();
  if (values.help) {
    console.log(help);
    return 0;
  }
  const [what, ...others] = positionals;
  if (others.length > 0 || (what !== 'verify' && what !== 'counters')) {
    throw new AuditError(`say what to do: verify or counters\n\n${help}`);
  }
  if (what === 'verify' && (values.mend || values.without.length > 0)) {
    throw new AuditError('--mend and --without are for counters: the journal is never changed');
  }
  const { 'orders-table': orders, 'journal-table': journal, 'risk-table': risk } = values;
  const { 'positions-table': positions, 'books-table': books } = values;
  const opened = await open(values.stage);
  try {
    const tables =
      orders && journal && risk && positions && books
        ? { orders, journal, risk, positions, books }
        : await findDeskTables(opened.client, values.stage);
    return await (what === 'verify' ? verify : recount)(opened, tables, values);
  } finally {
    await opened.close();
  }
}

async function verify({ client }: OpenTables, tables: DeskTables, { json }: Values): Promise<number> {
  const verification = await verifyDesk(client, tables);
  console.log(json ? JSON.stringify(verification) : describeVerification(verification));
  return verification.kind === 'verified' ? 0 : 1;
}

async function recount({ client }: OpenTables, tables: DeskTables, { json, mend, without }: Values): Promise<number> {
  const result = await (mend ? mendDesk : recountDesk)(client, tables, { without });
  console.log(json ? JSON.stringify(result) : describeRecount(result));
  return result.kind === 'differs' ? 1 : 0;
}

async function open(stage: string): Promise<OpenTables> {
  const { NIGHTDESK_STATE_DIR: directory } = process.env;
  if (stage === 'local') return openLocalTables(directory ? resolve(directory) : defaultStateDirectory);
  const client = new DynamoDBClient({});
  return { client, close: async () => client.destroy() };
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
