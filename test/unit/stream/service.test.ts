import { expect, it } from 'vitest';
import { deskConfig } from '../../support/desk-config.ts';
import { createFakeDesk, createFakeTask, type FakeDesk, type FakeTask, marketsOf } from '../../support/fake-streams.ts';
import { createSteppingClock } from '../../support/stepping-clock.ts';

const streaming = (symbols: readonly string[], streamAccounts = false) =>
  deskConfig({ collection: { streams: [{ venues: ['fake'], symbols }], streamAccounts } });

/** More symbols than one connection takes, so that there are several units. */
const many = Array.from({ length: 300 }, (_, index) => `C${index}/USDT`);

function desk(symbols: readonly string[], listed = symbols): FakeDesk {
  return createFakeDesk(createSteppingClock(), streaming(symbols), ...listed);
}

function start(of: FakeDesk, name: string): FakeTask {
  const task = createFakeTask(of, name);
  task.service.start();
  return task;
}

const wantedBy = ({ venue }: FakeTask): string[] =>
  venue.connections
    .filter(({ isClosed }) => !isClosed)
    .flatMap(({ wanted }) => wanted.map(({ symbol }) => symbol))
    .sort();

/** Lets time pass in small steps, after each of which something has to hold. */
async function pass(of: FakeDesk, byMs: number, holds: () => void): Promise<void> {
  for (let passedMs = 0; passedMs < byMs; passedMs += 50) {
    await of.clock.pass(50);
    holds();
  }
}

const nobodyLess = (unit: string) => `${unit} is with nobody`;

/** Every unit is open with all of its books in at least one task. */
function expectAllGoing(tasks: readonly FakeTask[], units: readonly string[]): void {
  const going = new Set(tasks.flatMap(({ venue }) => [...venue.going()]));
  expect(units.filter((unit) => !going.has(unit)).map(nobodyLess)).toEqual([]);
}

it('streams what is configured, starts what is added to it without a restart, and ends what is taken out', async () => {
  const of = desk(['BTC/USDT'], ['BTC/USDT', 'ETH/USDT']);
  const task = start(of, 'a');
  await of.clock.pass(2_000);
  expect(wantedBy(task)).toEqual(['BTC/USDT']);
  of.config = streaming(['BTC/USDT', 'ETH/USDT']);
  await of.clock.pass(3_000);
  expect(wantedBy(task)).toEqual(['BTC/USDT', 'ETH/USDT']);
  expect(task.publisher.lines).toContain('fake#markets#0@a.1 book ETH/USDT');
  of.config = streaming(['ETH/USDT']);
  await of.clock.pass(3_000);
  expect(wantedBy(task)).toEqual(['ETH/USDT']);
  of.config = deskConfig({ collection: { streamAccounts: false } });
  await of.clock.pass(3_000);
  expect(task.venue.connections.filter(({ isClosed }) => !isClosed)).toEqual([]);
  // All of it over one connection, for as long as there was anything to stream.
  expect(task.venue.connections).toHaveLength(1);
});

it('goes on with the last configuration while none can be read, and says so once', async () => {
  const of = desk(['BTC/USDT']);
  const task = start(of, 'a');
  await of.clock.pass(2_000);
  of.configFailure = new Error('exchanges.yaml: "fake" is not known');
  await of.clock.pass(30_000);
  expect(task.venue.going()).toEqual(new Set(['fake#markets#0']));
  expect(task.telemetry.lines.filter((line) => line.includes('configuration cannot be read'))).toHaveLength(1);
  of.configFailure = undefined;
  of.config = streaming(['BTC/USDT', 'ETH/USDT']);
  of.markets = marketsOf('BTC/USDT', 'ETH/USDT');
  await of.clock.pass(65_000);
  expect(wantedBy(task)).toEqual(['BTC/USDT', 'ETH/USDT']);
});

it('looks again within a minute for a symbol that is not listed, and otherwise once an hour', async () => {
  const of = desk(['BTC/USDT', 'NEW/USDT'], ['BTC/USDT']);
  const task = start(of, 'a');
  await of.clock.pass(5_000);
  expect(wantedBy(task)).toEqual(['BTC/USDT']);
  expect(task.telemetry.lines.filter((line) => line.includes('unknown_symbol'))).toHaveLength(1);
  of.markets = marketsOf('BTC/USDT', 'NEW/USDT');
  await of.clock.pass(62_000);
  expect(wantedBy(task)).toEqual(['BTC/USDT', 'NEW/USDT']);
  const listed = of.marketLists;
  await of.clock.pass(55 * 60_000);
  expect(of.marketLists).toBe(listed);
  await of.clock.pass(6 * 60_000);
  expect(of.marketLists).toBe(listed + 1);
});

it('shares units with a second task without a moment in which a book is missing', async () => {
  const of = desk(many);
  const first = start(of, 'a');
  await of.clock.pass(3_000);
  const units = [...first.venue.going()];
  expect(units.length).toBeGreaterThan(2);
  const second = start(of, 'b');
  await pass(of, 10_000, () => expectAllGoing([first, second], units));
  const [ofFirst, ofSecond] = [first.venue.going(), second.venue.going()];
  expect(Math.abs(ofFirst.size - ofSecond.size)).toBeLessThanOrEqual(1);
  expect([...ofFirst].filter((unit) => ofSecond.has(unit))).toEqual([]);
});

it('takes over what a killed task had within 5 s', async () => {
  const of = desk(many);
  const [first, second] = [start(of, 'a'), start(of, 'b')];
  await of.clock.pass(10_000);
  const units = [...first.venue.going(), ...second.venue.going()];
  expect(first.venue.going().size).toBeGreaterThan(0);
  first.kill();
  await of.clock.pass(5_000);
  expectAllGoing([second], units);
});

it('hands all of it on before it ends, without a moment in which nobody has a unit', async () => {
  const of = desk(many);
  const [first, second] = [start(of, 'a'), start(of, 'b')];
  await of.clock.pass(10_000);
  const units = [...new Set([...first.venue.going(), ...second.venue.going()])];
  let isOver = false;
  const stopping = first.service.stop().then(() => {
    isOver = true;
  });
  await pass(of, 6_000, () => expectAllGoing([first, second], units));
  expect(isOver).toBe(true);
  await stopping;
  expectAllGoing([second], units);
  expect(first.publisher.isClosed).toBe(true);
  expect(first.venue.connections.every(({ isClosed }) => isClosed)).toBe(true);
  expect(JSON.stringify([...(of.store as unknown as { rows: Map<string, unknown> }).rows.values()])).not.toContain(
    'task#a',
  );
});

it('ends at once when it is the only task, after it has written what it had', async () => {
  const of = desk(['BTC/USDT']);
  const task = start(of, 'a');
  task.publisher.closesInMs = 700;
  await of.clock.pass(3_000);
  let isOver = false;
  const stopping = task.service.stop().then(() => {
    isOver = true;
  });
  await of.clock.pass(600);
  expect(isOver).toBe(false);
  await of.clock.pass(400);
  await stopping;
  expect(task.publisher.isClosed).toBe(true);
  expect(task.publisher.lines.at(-1)).toBe('fake#markets#0@a.1 closed');
});

it('waits no longer than the limit for others who cannot reach the venue, nor for a publisher that hangs', async () => {
  const of = desk(['BTC/USDT']);
  const first = start(of, 'a');
  await of.clock.pass(3_000);
  const second = createFakeTask(of, 'b');
  second.venue.isReachable = false;
  second.service.start();
  await of.clock.pass(3_000);
  first.publisher.closesInMs = 600_000;
  let isOver = false;
  const stopping = first.service.stop().then(() => {
    isOver = true;
  });
  await pass(of, 24_900, () => expect(first.venue.going()).toEqual(new Set(['fake#markets#0'])));
  expect(isOver).toBe(false);
  await of.clock.pass(10_500);
  expect(isOver).toBe(true);
  await stopping;
});

it('does not wait for others to take what runs nowhere', async () => {
  const of = desk(['BTC/USDT']);
  const tasks = [createFakeTask(of, 'a'), createFakeTask(of, 'b')];
  for (const { venue, service } of tasks) {
    venue.isReachable = false;
    service.start();
  }
  await of.clock.pass(5_000);
  const over: string[] = [];
  for (const { service } of tasks) void service.stop().then(() => over.push('over'));
  await of.clock.pass(500);
  expect(over).toHaveLength(2);
});

it('keeps what it has going while the roster does not answer', async () => {
  const of = desk(['BTC/USDT']);
  const task = start(of, 'a');
  await of.clock.pass(3_000);
  task.storeFailure = new Error('no answer');
  await pass(of, 55_000, () => expect(task.venue.going()).toEqual(new Set(['fake#markets#0'])));
  expect(task.service.health()).toEqual({ isHealthy: true });
  await of.clock.pass(10_000);
  expect(task.service.health()).toEqual({ isHealthy: false, reason: 'the roster has not answered for 65 s' });
  expect(task.telemetry.lines.filter((line) => line.includes('roster does not answer')).length).toBeLessThan(12);
  task.storeFailure = undefined;
  await of.clock.pass(1_000);
  expect(task.service.health()).toEqual({ isHealthy: true });
  expect(task.venue.connections).toHaveLength(1);
});

it('is not well before it has joined the roster', async () => {
  const of = desk(['BTC/USDT']);
  of.configFailure = new Error('not there yet');
  const task = start(of, 'a');
  await of.clock.pass(3_000);
  expect(task.service.health()).toEqual({ isHealthy: false, reason: 'it has not joined the roster yet' });
  of.configFailure = undefined;
  await of.clock.pass(3_000);
  expect(task.service.health()).toEqual({ isHealthy: true });
});

it('tries a unit that cannot be opened again, while the others go on', async () => {
  const of = desk(many);
  const task = createFakeTask(of, 'a');
  task.venue.failures.set('fake#markets#1', new Error('the class cannot be loaded'));
  task.service.start();
  await of.clock.pass(10_000);
  const going = task.venue.going();
  expect(going).toContain('fake#markets#0');
  expect(going).not.toContain('fake#markets#1');
  expect(task.telemetry.lines.filter((line) => line.includes('the class cannot be loaded'))).toHaveLength(1);
  task.venue.failures.clear();
  await of.clock.pass(31_000);
  expect(task.venue.going()).toEqual(new Set([...going, 'fake#markets#1']));
});

it('leaves a unit to a task that waited 20 s for a book which never came', async () => {
  const of = desk(['BTC/USDT', 'DEAD/USDT']);
  const first = start(of, 'a');
  first.venue.silent.add('DEAD/USDT');
  await of.clock.pass(1_000);
  const second = createFakeTask(of, 'b');
  second.venue.silent.add('DEAD/USDT');
  second.service.start();
  await of.clock.pass(2_000);
  void first.service.stop();
  await pass(of, 19_000, () => expectAllGoing([first, second], ['fake#markets#0']));
  expect(first.venue.going().size).toBe(1);
  await of.clock.pass(4_000);
  expect(first.venue.going().size).toBe(0);
  expect(second.venue.going().size).toBe(1);
});
