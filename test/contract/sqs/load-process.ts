/**
 * Puts one embedded SQS under load until it is killed. Every line on stdout says what the service has acknowledged,
 * written before anything else happens: `sent`, `got`, `deleting`, `deleted` and the body `<group>:<number>`.
 * Arguments: directory, number of the run, seed. The clock of each run is ahead of the last, so nothing stays hidden.
 */
import { writeSync } from 'node:fs';
import { systemClock } from '../../../local/cloud/clock.ts';
import { createSqs, type ReceivedMessage } from '../../../local/cloud/sqs/index.ts';

const [directory = '', run = '0', seed = '1'] = process.argv.slice(2);
const aheadMs = Number(run) * 60_000;
const groups = ['a', 'b', 'c', 'd', 'e'];
const iterationsMax = 100_000;

const clock = { nowMs: () => Date.now() + aheadMs, after: systemClock.after };
const sqs = createSqs({ directory, clock, origin: () => 'http://127.0.0.1:4566' });
const queue = sqs.createQueue({ name: 'load.fifo', properties: { FifoQueue: true, VisibilityTimeout: 30 } });
const say = (what: string, body: string): void => void writeSync(1, `${what} ${body}\n`);

let state = Number(seed);

/** A whole number below `bound`, from the seed (Lehmer's generator). */
function randomInt(bound: number): number {
  state = (state * 48_271) % 2_147_483_647;
  return state % bound;
}

function send(number: number): void {
  const groupId = groups[randomInt(groups.length)] ?? 'a';
  const body = `${groupId}:${number}`;
  sqs.send(queue, { body, groupId, deduplicationId: body });
  say('sent', body);
}

/** Deletes most messages in one batch and gives the others back. */
function settle(received: readonly ReceivedMessage[]): void {
  const done = received.filter(() => randomInt(10) < 7);
  for (const { body } of done) say('deleting', body);
  const refused = sqs.deleteBatch(
    queue,
    done.map(({ receiptHandle }) => receiptHandle),
  );
  for (const [index, { body }] of done.entries()) if (refused[index] === undefined) say('deleted', body);
  for (const message of received) if (!done.includes(message)) sqs.changeVisibility(queue, message.receiptHandle, 0);
}

for (let iteration = 0; iteration < iterationsMax; iteration++) {
  for (let count = randomInt(4); count >= 0; count--) send(Number(run) * 1_000_000 + iteration * 10 + 9 - count);
  const received = await sqs.receive({ queue, messagesMax: 10, waitMs: 0 });
  for (const { body } of received) say('got', body);
  settle(received);
}
