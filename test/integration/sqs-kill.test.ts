import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, onTestFailed } from 'vitest';
import { createMovableClock } from '../../local/cloud/clock.ts';
import { createSqs } from '../../local/cloud/sqs/index.ts';
import fc from '../support/property.ts';

const kills = 25;
const program = join(import.meta.dirname, '../contract/sqs/load-process.ts');

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nightdesk-sqs-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** What the killed processes were told about each message. */
interface Ledger {
  sent: Set<string>;
  deleting: Set<string>;
  deleted: Set<string>;
}

const groupOf = (body: string): string => body.slice(0, body.indexOf(':'));
const numberOf = (body: string): number => Number(body.slice(body.indexOf(':') + 1));

/** A delivery is in order when every older message of its group is deleted or was delivered before it in this run. */
function checkOrder(body: string, delivered: ReadonlySet<string>, ledger: Ledger): void {
  for (const older of ledger.sent) {
    if (groupOf(older) !== groupOf(body) || numberOf(older) >= numberOf(body)) continue;
    const overtaken = !delivered.has(older) && !ledger.deleting.has(older);
    expect(overtaken, `${body} was delivered before ${older}`).toBe(false);
  }
}

async function runUntilKilled(run: number, afterMs: number, ledger: Ledger): Promise<void> {
  const seed = String(afterMs + run + 1);
  const child = spawn(process.execPath, [program, directory, String(run), seed], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const delivered = new Set<string>();
  const reader = createInterface({ input: child.stdout });
  const killed = once(reader, 'line').then(async () => {
    await sleep(afterMs);
    child.kill('SIGKILL');
  });
  for await (const line of reader) {
    const [what = '', body = ''] = line.split(' ');
    expect(ledger.deleted.has(body), `${body} came back after its deletion`).toBe(false);
    if (what === 'sent') ledger.sent.add(body);
    if (what === 'deleting') ledger.deleting.add(body);
    if (what === 'deleted') ledger.deleted.add(body);
    if (what === 'got') {
      checkOrder(body, delivered, ledger);
      delivered.add(body);
    }
  }
  await killed;
  expect(await exited).toEqual([null, 'SIGKILL']);
}

/** Everything still in the queue, in the order it is delivered. */
async function drain(): Promise<string[]> {
  const clock = createMovableClock(Date.now() + kills * 60_000 + 3_600_000);
  const sqs = createSqs({ directory, clock, origin: () => 'http://127.0.0.1:4566' });
  const queue = sqs.queueByArn('arn:aws:sqs:us-east-1:000000000000:load.fifo');
  if (queue === undefined) throw new Error('the queue did not survive');
  const left: string[] = [];
  for (let remaining = sqs.depth(queue).visible; remaining > 0; remaining = sqs.depth(queue).visible) {
    const received = await sqs.receive({ queue, messagesMax: 10, waitMs: 0 });
    left.push(...received.map(({ body }) => body));
    sqs.deleteBatch(
      queue,
      received.map(({ receiptHandle }) => receiptHandle),
    );
  }
  await sqs.close();
  return left;
}

it(`survives ${kills} kills under load: nothing lost, nothing back from deletion, every group in order`, async () => {
  const ledger: Ledger = { sent: new Set(), deleting: new Set(), deleted: new Set() };
  const seed = Date.now() % 2 ** 31;
  onTestFailed(() => console.error(`seed of the kill times: ${seed}`));
  const killTimesMs = fc.sample(fc.nat({ max: 150 }), { numRuns: kills, seed });
  for (const [run, afterMs] of killTimesMs.entries()) await runUntilKilled(run, afterMs, ledger);
  const left = await drain();

  expect(ledger.deleted.size).toBeGreaterThan(kills);
  expect(new Set(left).size).toBe(left.length);
  expect([...ledger.sent].filter((body) => !ledger.deleting.has(body) && !left.includes(body))).toEqual([]);
  expect(left.filter((body) => ledger.deleted.has(body))).toEqual([]);
  for (const group of new Set(left.map(groupOf))) {
    const numbers = left.filter((body) => groupOf(body) === group).map(numberOf);
    expect(numbers).toEqual(numbers.toSorted((earlier, later) => earlier - later));
  }
}, 240_000);
