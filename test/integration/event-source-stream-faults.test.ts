import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createMovableClock } from '../../local/cloud/clock.ts';
import {
  type EventRecord,
  failure,
  passUntilQuiet,
  type StreamHandler,
  startStreamWorld,
} from '../fixtures/lambda/start-stream-mapping.ts';
import fc from '../support/property.ts';

/** What the function does with a batch, as far as it does not depend on the batch. */
type Behaviour = { kind: 'succeed' | 'fail' | 'hang' } | { kind: 'report'; from: number };

/** The time between two starts of the store. */
interface Life {
  readonly writes: readonly { readonly id: string; readonly remove: boolean }[];
  /** After so many of them the mapping starts, so that it finds more than one change at once. */
  readonly writesBefore: number;
  readonly behaviours: readonly Behaviour[];
  /** How long the function is given before everything is closed on it. */
  readonly delayMs: number;
}

const behaviour: fc.Arbitrary<Behaviour> = fc.oneof(
  fc.constantFrom({ kind: 'succeed' } as const, { kind: 'fail' } as const, { kind: 'hang' } as const),
  fc.record({ kind: fc.constant('report' as const), from: fc.nat(5) }),
);
const life: fc.Arbitrary<Life> = fc.record({
  writes: fc.array(fc.record({ id: fc.constantFrom('a', 'b', 'c'), remove: fc.boolean() }), { maxLength: 12 }),
  writesBefore: fc.nat(12),
  behaviours: fc.array(behaviour, { maxLength: 6 }),
  delayMs: fc.nat(6),
});
const definition = fc.record({
  BatchSize: fc.integer({ min: 1, max: 6 }),
  BisectBatchOnFunctionError: fc.boolean(),
  FunctionResponseTypes: fc.constant(['ReportBatchItemFailures']),
});

/** Follows what the function has done for good, and notes what it must never be asked to do. */
class Done {
  readonly changes: string[] = [];
  readonly violations: string[] = [];
  /** Sequence number of the last change done since the store was opened. */
  lastOfLife = '';

  take(records: readonly EventRecord[]): void {
    for (const { dynamodb } of records) {
      const { SequenceNumber: sequenceNumber, Keys: keys } = dynamodb;
      // Between two crashes nothing that is done comes again, and nothing comes before what was written before it.
      if (sequenceNumber <= this.lastOfLife) this.violations.push(`${sequenceNumber} after ${this.lastOfLife}`);
      this.lastOfLife = sequenceNumber;
      if (this.changes.some((change) => change.startsWith(sequenceNumber))) continue;
      this.changes.push(`${sequenceNumber} ${keys.id?.S}`);
    }
  }
}

function play(behaviours: readonly Behaviour[], done: Done, stop: AbortSignal): StreamHandler {
  const left = [...behaviours];
  return async (records) => {
    if (stop.aborted) return failure;
    const next = left.shift() ?? { kind: 'succeed' };
    if (next.kind === 'fail') return failure;
    if (next.kind === 'hang') return new Promise(() => undefined);
    const count = next.kind === 'report' ? Math.min(next.from, records.length) : records.length;
    done.take(records.slice(0, count));
    const failed = records.slice(count).map(({ dynamodb }) => ({ itemIdentifier: dynamodb.SequenceNumber }));
    return { batchItemFailures: failed };
  };
}

test('every committed change is done, in order, whatever fails and whenever everything is closed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 4 }), definition, async (lives, mapping) => {
      const directory = mkdtempSync(join(tmpdir(), 'nightdesk-stream-'));
      onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
      const clock = createMovableClock();
      const done = new Done();
      const written: string[] = [];
      const present = new Set<string>();
      for (const { writes, writesBefore, behaviours, delayMs } of lives) {
        const world = await startStreamWorld({ directory, clock });
        const end = new AbortController();
        done.lastOfLife = '';
        const start = () => world.map(mapping, play(behaviours, done, end.signal));
        for (const [index, { id, remove }] of writes.entries()) {
          if (index === writesBefore) start();
          if (remove) await world.remove(id);
          else await world.put(id, `${written.length}-${index}`);
          // Removing what is not there changes nothing.
          if (!remove || present.has(id)) written.push(id);
          if (remove) present.delete(id);
          else present.add(id);
          clock.advance(1_000);
        }
        if (writesBefore >= writes.length) start();
        await sleep(delayMs);
        end.abort();
        await world.close();
      }
      const world = await startStreamWorld({ directory, clock });
      done.lastOfLife = '';
      await passUntilQuiet(world, world.map(mapping, play([], done, new AbortController().signal)));
      await world.close();

      expect(done.violations).toEqual([]);
      expect(done.changes.map((change) => change.split(' ')[1])).toEqual(written);
      expect(done.changes).toEqual([...done.changes].sort());
    }),
    { numRuns: 25, endOnFailure: true },
  );
});
