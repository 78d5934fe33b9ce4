import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, expect, test } from 'vitest';
import { templateStreamArn } from '../../local/cloud/dynamodb/index.ts';
import { createClient, readStream } from '../contract/dynamodb/support.ts';
import { fixture, temporaryDirectory } from '../fixtures/lambda/start-lambda.ts';

let desk: ChildProcess | undefined;

afterEach(kill);

async function start(directory: string, recordFile: string): Promise<string> {
  const path = fixture('stream-process.ts');
  desk = spawn(process.execPath, [path, directory, recordFile], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (desk.stdout === null) throw new Error('the process has no output to read its address from');
  const [url] = (await once(createInterface(desk.stdout), 'line')) as [string];
  return url;
}

async function kill(): Promise<void> {
  if (desk === undefined || desk.exitCode !== null || desk.signalCode !== null) return;
  const exited = once(desk, 'exit');
  desk.kill('SIGKILL');
  await exited;
}

/** Sequence numbers in the order in which the function finished with them for the first time. */
function doneIn(recordFile: string): string[] {
  if (!existsSync(recordFile)) return [];
  const lines = readFileSync(recordFile, 'utf8').trim().split('\n');
  const done = lines.filter((line) => line.startsWith('done')).map((line) => line.split(' ')[1] ?? '');
  return [...new Set(done)];
}

test('every change reaches a real sandbox in order, through failures and a process that is killed', async () => {
  const directory = temporaryDirectory();
  const recordFile = join(directory, 'record.txt');
  const rounds = 3;
  const writesPerRound = 12;
  for (let round = 0; round < rounds; round += 1) {
    const url = await start(join(directory, 'dynamodb'), recordFile);
    const client = createClient(url);
    for (let index = 0; index < writesPerRound; index += 1) {
      const value = `${round}-${index}${index % 5 === 3 ? '!' : ''}`;
      const Item = { id: { S: `order-${index % 4}` }, value: { S: value } };
      await client.send(new PutItemCommand({ TableName: 'orders', Item }));
    }
    client.destroy();
    // The function is in the middle of it.
    await expect.poll(() => doneIn(recordFile).length).toBeGreaterThan(round * writesPerRound);
    await kill();
  }
  const url = await start(join(directory, 'dynamodb'), recordFile);
  const records = await readStream(url, templateStreamArn('orders'));
  const expected = records.map(({ dynamodb }) => dynamodb.SequenceNumber);
  expect(expected).toHaveLength(rounds * writesPerRound);
  await expect.poll(() => doneIn(recordFile)).toEqual(expected);
});
