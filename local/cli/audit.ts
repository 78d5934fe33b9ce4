/** `npm run audit -- verify`: recomputes the journal and compares the tables with it. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { AuditError, findDeskTables } from '../audit/desk-tables.ts';
import { type OpenTables, openLocalTables } from '../audit/local-tables.ts';
import { describeVerification, verifyDesk } from '../audit/verify-desk.ts';

const help = `Recomputes every hash of the journal, rebuilds every order and position from its events, and compares
orders, positions, switches and the ends of the books with it.

  npm run audit -- verify                  the desk on this machine, running or not
  npm run audit -- verify --stage dev      the desk deployed as that stage, with the AWS credentials of the shell
  npm run audit -- verify --json           one line of JSON instead of a sentence

  --orders-table, --journal-table, --risk-table, --positions-table, --books-table
                                           name the tables where a stage has several
  NIGHTDESK_STATE_DIR                      folder of the local state (default .nightdesk)

Exit code 0: everything fits. 1: something does not, and the first such event is named. 2: it could not be checked.`;

const defaultStateDirectory = fileURLToPath(new URL('../../.nightdesk', import.meta.url));

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      stage: { type: 'string', default: 'local' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      'orders-table': { type: 'string' },
      'journal-table': { type: 'string' },
      'risk-table': { type: 'string' },
      'positions-table': { type: 'string' },
      'books-table': { type: 'string' },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  if (positionals.length !== 1 || positionals[0] !== 'verify')
    throw new AuditError(`say what to do: verify\n\n${help}`);
  const { 'orders-table': orders, 'journal-table': journal, 'risk-table': risk } = values;
  const { 'positions-table': positions, 'books-table': books } = values;
  const opened = await open(values.stage);
  try {
    const tables =
      orders && journal && risk && positions && books
        ? { orders, journal, risk, positions, books }
        : await findDeskTables(opened.client, values.stage);
    const verification = await verifyDesk(opened.client, tables);
    console.log(values.json ? JSON.stringify(verification) : describeVerification(verification));
    return verification.kind === 'verified' ? 0 : 1;
  } finally {
    await opened.close();
  }
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
