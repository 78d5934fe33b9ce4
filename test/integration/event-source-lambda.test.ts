import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../local/cloud/clock.ts';
import { createEventSourceMapping } from '../../local/cloud/event-sources/index.ts';
import { createSqs } from '../../local/cloud/sqs/index.ts';
import { fixture, probeFunction, startLambda, temporaryDirectory } from '../fixtures/lambda/start-lambda.ts';

test('messages reach a real sandbox in order per group, through failures and a killed sandbox', async () => {
  const recordFile = join(temporaryDirectory(), 'record.txt');
  const lambda = startLambda();
  const codeDirectory = fixture('recorder');
  const Environment = { Variables: { RECORD_FILE: recordFile } };
  lambda.defineFunction(probeFunction({ FunctionName: 'recorder', codeDirectory, Environment, Timeout: 1 }));

  const sqs = createSqs({ clock: systemClock, origin: () => 'http://127.0.0.1:1' });
  const properties = { FifoQueue: true, ContentBasedDeduplication: true, VisibilityTimeout: 2 };
  const queue = sqs.createQueue({ name: 'signals.fifo', properties });
  const definition = {
    EventSourceArn: queue.arn,
    FunctionName: 'arn:aws:lambda:us-east-1:000000000000:function:recorder',
    BatchSize: 3,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
  };
  const mapping = createEventSourceMapping(definition, { sqs, lambda, clock: systemClock, log: () => undefined });
  onTestFinished(async () => {
    await mapping.close();
    await sqs.close();
  });

  const expected = new Map<string, string[]>();
  for (let index = 0; index < 24; index += 1) {
    const groupId = `group${index % 4}`;
    const body = index === 9 ? `${index}!` : String(index);
    expected.set(groupId, [...(expected.get(groupId) ?? []), body]);
    sqs.send(queue, { body, groupId });
  }
  await expect.poll(() => existsSync(recordFile)).toBe(true);
  for (const { pid } of lambda.sandboxes()) process.kill(pid, 'SIGKILL');

  const recorded = (): Map<string, string[]> => {
    const lines = readFileSync(recordFile, 'utf8').trim().split('\n');
    const groups = Map.groupBy(lines, (line) => line.split(' ')[0] ?? '');
    // A killed sandbox may have recorded what was then delivered again.
    return new Map(
      [...groups].map(([group, all]) => [group, [...new Set(all.map((line) => line.split(' ')[1] ?? ''))]]),
    );
  };
  await expect.poll(() => sqs.depth(queue)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  expect(Object.fromEntries(recorded())).toEqual(Object.fromEntries(expected));
});
