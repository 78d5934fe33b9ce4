import type { StreamUnit } from '@nightdesk/core';
import { UnitKeeper } from '@nightdesk/stream/src/units/unit-keeper.ts';
import type { RunnerEnd, UnitRunner } from '@nightdesk/stream/src/units/unit-runner.ts';
import { expect, it } from 'vitest';
import { deskConfig } from '../../support/desk-config.ts';
import { marketUnit } from '../../support/fake-streams.ts';
import { createSteppingClock } from '../../support/stepping-clock.ts';

interface FakeRunner extends UnitRunner {
  unit: StreamUnit;
  isRunning: boolean;
  isClosed: boolean;
  confirmations: number;
  end(end: RunnerEnd): void;
}

/** A keeper whose units open at once, except those that are told to fail or to hang. */
function keeping() {
  const clock = createSteppingClock();
  const runners: FakeRunner[] = [];
  const failing = new Set<string>();
  const hanging = new Set<string>();
  const failures: string[] = [];
  const tried: string[] = [];
  const keeper = new UnitKeeper({
    clock,
    monotonicMs: clock.monotonicMs,
    random: () => 1,
    onFailure: (unit, error) => failures.push(`${unit.id}: ${error instanceof Error ? error.message : error}`),
    async open(unit, _config, onEnd) {
      tried.push(unit.id);
      if (hanging.has(unit.id)) await new Promise(() => {});
      if (failing.has(unit.id)) throw new Error('refused');
      const runner: FakeRunner = {
        ...{ unit, isRunning: true, isClosed: false, booksLost: 0, confirmations: 0, end: onEnd },
        status: { unit: unit.id, venue: unit.venue, subscriptions: 1, isOpen: true },
        adapt: (next) => {
          runner.unit = next;
        },
        confirm: () => {
          runner.confirmations += 1;
        },
        tend: () => {},
        async close() {
          runner.isClosed = true;
        },
      };
      runners.push(runner);
      return runner;
    },
  });
  const opened = (id: string) => runners.filter(({ unit }) => unit.id === id);
  const tries = (id: string) => tried.filter((each) => each === id).length;
  return { clock, keeper, runners, failing, hanging, failures, opened, tries };
}

const config = deskConfig();
/** Units that no other task has. */
const nothing: ReadonlySet<string> = new Set();
const [first, second] = [marketUnit(0, ['BTC/USDT']), marketUnit(1, ['ETH/USDT'])];

it('has a unit put right what others have told of it, each time that it is this task’s alone', async () => {
  const { clock, keeper, runners } = keeping();
  const counts = () => runners.map(({ confirmations }) => confirmations);
  const beat = async (...owned: string[]) => {
    keeper.keep([first, second], config, new Set(owned));
    await clock.pass(0);
  };
  await beat(second.id);
  // What was opened while nobody had it has told nothing yet.
  await beat(second.id);
  expect(counts()).toEqual([0, 0]);
  await beat(first.id, second.id);
  await beat(first.id, second.id);
  expect(counts()).toEqual([1, 0]);
  await beat(first.id);
  await beat(first.id, second.id);
  expect(counts()).toEqual([1, 1]);
});

it('opens what is wanted once, and closes what is wanted no more', async () => {
  const { clock, keeper, opened } = keeping();
  keeper.keep([first, second], config, nothing);
  keeper.keep([first, second], config, nothing);
  await clock.pass(0);
  keeper.keep([first], config, nothing);
  expect(opened(first.id)).toMatchObject([{ isClosed: false }]);
  expect(opened(second.id)).toMatchObject([{ isClosed: true }]);
  expect(keeper.running()).toEqual(new Set([first.id]));
});

it('tries a unit that fails alone, more and more rarely, and half a minute apart at most', async () => {
  const { clock, keeper, failing, failures, opened, tries } = keeping();
  failing.add(first.id);
  const triesAtMs: number[] = [];
  for (let passedMs = 0; passedMs < 200_000; passedMs += 500) {
    const before = tries(first.id);
    keeper.keep([first, second], config, nothing);
    await clock.pass(500);
    if (tries(first.id) > before) triesAtMs.push(passedMs);
  }
  const pauses = triesAtMs.slice(1).map((atMs, index) => atMs - (triesAtMs[index] ?? 0));
  expect(pauses.slice(0, 6)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000]);
  expect(new Set(pauses.slice(6))).toEqual(new Set([30_000]));
  // The same failure again is no news.
  expect(failures).toEqual([`${first.id}: refused`]);
  expect(opened(second.id)).toMatchObject([{ isClosed: false }]);
  failing.clear();
  keeper.keep([first, second], config, nothing);
  await clock.pass(30_000);
  keeper.keep([first, second], config, nothing);
  await clock.pass(0);
  expect(keeper.running()).toEqual(new Set([first.id, second.id]));
});

it('gives up an opening that hangs, and closes it should it come after all', async () => {
  const { clock, keeper, hanging, failures } = keeping();
  hanging.add(first.id);
  keeper.keep([first], config, nothing);
  await clock.pass(20_000);
  expect(failures).toEqual([`${first.id}: ${first.id} was not open within 20 s`]);
  hanging.clear();
  await clock.pass(500);
  keeper.keep([first], config, nothing);
  await clock.pass(0);
  expect(keeper.running()).toEqual(new Set([first.id]));
});

it('closes a unit that is wanted no more while it is being opened', async () => {
  const { clock, keeper, runners } = keeping();
  keeper.keep([first], config, nothing);
  keeper.keep([], config, nothing);
  await clock.pass(0);
  expect(runners).toMatchObject([{ isClosed: true }]);
  expect(keeper.count).toBe(0);
});

it('hands a changed plan to the connection that is there', async () => {
  const { clock, keeper, runners } = keeping();
  keeper.keep([first], config, nothing);
  const changed = marketUnit(0, ['BTC/USDT', 'SOL/USDT']);
  keeper.keep([changed], config, nothing);
  await clock.pass(0);
  expect(runners).toMatchObject([{ unit: changed, isClosed: false }]);
  const again = marketUnit(0, ['SOL/USDT']);
  keeper.keep([again], config, nothing);
  expect(runners).toMatchObject([{ unit: again, isClosed: false }]);
});

it('opens a unit anew whose exchange was configured otherwise, and leaves others alone', async () => {
  const { clock, keeper, opened } = keeping();
  const [fake, other] = [first, { ...second, id: 'other#markets#0', venue: 'other' as typeof second.venue }];
  const before = deskConfig({ exchanges: { other: {} } });
  keeper.keep([fake, other], before, nothing);
  await clock.pass(0);
  keeper.keep([fake, other], deskConfig({ exchanges: { other: { timeoutMs: 4_000 } } }), nothing);
  await clock.pass(0);
  expect(opened(fake.id)).toMatchObject([{ isClosed: false }]);
  expect(opened(other.id)).toMatchObject([{ isClosed: true }, { isClosed: false }]);
});

it('opens a renewed unit at once, and one that ended by itself after a pause', async () => {
  const { clock, keeper, runners } = keeping();
  keeper.keep([first], config, nothing);
  await clock.pass(0);
  runners[0]?.end({ reason: 'its key has been replaced', isRenewal: true });
  keeper.keep([first], config, nothing);
  await clock.pass(0);
  expect(runners).toMatchObject([{ isClosed: true }, { isClosed: false }]);
  // The one that was closed has nothing to say any more.
  runners[0]?.end({ reason: 'late', isRenewal: false });
  runners[1]?.end({ reason: 'broken', isRenewal: false });
  keeper.keep([first], config, nothing);
  await clock.pass(499);
  expect(runners).toHaveLength(2);
  await clock.pass(1);
  keeper.keep([first], config, nothing);
  await clock.pass(0);
  expect(runners).toMatchObject([{ isClosed: true }, { isClosed: true }, { isClosed: false }]);
});

it('ends a runner that throws, and that one only', async () => {
  const { clock, keeper, runners, failures } = keeping();
  keeper.keep([first, second], config, nothing);
  await clock.pass(0);
  const [broken] = runners;
  if (broken) broken.tend = () => void JSON.parse('{');
  keeper.keep([first, second], config, nothing);
  expect(runners).toMatchObject([{ isClosed: true }, { isClosed: false }]);
  expect(failures).toHaveLength(1);
});

it('is not done with ending before every runner has written what it had', async () => {
  const { clock, keeper, runners } = keeping();
  keeper.keep([first], config, nothing);
  await clock.pass(0);
  const [runner] = runners;
  let isWritten = false;
  if (runner) {
    runner.close = async () => {
      await clock.sleep(100);
      isWritten = true;
    };
  }
  const ending = keeper.endAll();
  await clock.pass(100);
  await ending;
  expect(isWritten).toBe(true);
});
