/** One run: a seeded schedule of signals and faults, until everything has come to rest. */
import {
  startEventSource,
  startMarket,
  startOperator,
  startOwner,
  startSenders,
  startTracking,
  startTrader,
  startValuing,
} from './actors.ts';
import { breakServices, type DefectName } from './defects.ts';
import { activeMs, createDesk, type Desk, startMs } from './desk.ts';
import { Dice } from './dice.ts';
import { FaultPlan } from './fault-plan.ts';
import { DeskFunctions } from './functions.ts';
import { findFinalViolation, Watch } from './invariants.ts';
import type { Run } from './run-state.ts';
import { createServices } from './services.ts';
import { Trace } from './trace.ts';
import { VirtualTime } from './virtual-time.ts';

export interface SimulationResult {
  seed: number;
  /** What was found to be wrong; `undefined` when nothing was. */
  violation?: string;
  /** What happened, line by line. */
  trace: readonly string[];
  signals: number;
  /** Orders the desk recorded, and orders that the venues took. */
  orders: number;
  venueOrders: number;
  /** Legs that went on to an account at another venue. */
  handedOver: number;
  crashes: number;
  /** What the run came past: types of the journal's events, states of the orders at the end, and legs handed over once or again. */
  reached: ReadonlySet<string>;
}

const signalsMax = 14;
/** From the last deed of those outside to the end: longer than any message, order or visibility can wait. */
const restMs = 15 * 60_000;

/** @param defect breaks the desk on purpose */
export async function simulate(seed: number, defect?: DefectName): Promise<SimulationResult> {
  const { desk, violations, watch } = setUp(seed);
  const { run, queue } = desk;
  const services = createServices(desk);
  const functions = new DeskFunctions(desk, defect === undefined ? services : breakServices(defect, services, desk));
  const stop = () => violations.length > 0;

  startEventSource(desk, functions);
  startTracking(desk, functions);
  startValuing(desk, functions);
  const signals = run.dice.between(1, signalsMax);
  startSenders(desk, functions, signals);
  void startTrader(desk, functions);
  void startOperator(desk, functions);
  void startOwner(desk);
  startMarket(desk);
  await run.time.runUntil(startMs + activeMs, stop);

  run.trace.add('world', 'from now on everything works');
  run.faults.end();
  await run.time.runUntil(startMs + activeMs + restMs, stop);
  queue.redrive();
  await run.time.runUntil(startMs + activeMs + 2 * restMs, stop);

  const violation = violations[0] ?? watch.findViolation() ?? (await findFinalViolation(desk));
  return { seed, trace: run.trace.lines, signals, ...countOf(desk), ...(violation !== undefined && { violation }) };
}

function setUp(seed: number): { desk: Desk; violations: string[]; watch: Watch } {
  const time = new VirtualTime(startMs);
  const dice = new Dice(seed);
  const trace = new Trace(() => time.nowMs());
  const violations: string[] = [];
  const violate = (violation: string): void => {
    trace.add('VIOLATION', violation);
    violations.push(violation);
  };
  const run: Run = {
    ...{ time, dice, trace, violate, faults: new FaultPlan(dice) },
    check() {
      const violation = watch.findViolation();
      if (violation !== undefined) violate(violation);
    },
  };
  const desk = createDesk(run);
  const watch = new Watch(desk);
  return { desk, violations, watch };
}

function countOf({
  tables,
  venues,
  queue,
  run,
}: Desk): Omit<SimulationResult, 'seed' | 'violation' | 'trace' | 'signals'> {
  const crashes = run.trace.lines.filter((line) => line.includes('CRASHES')).length;
  const eventTypes = [...tables.journal.values()].flat().map(({ type }) => type);
  const states = [...tables.orders.values()].map(({ state }) => state);
  const tried = [...queue.accepted.values()].map(({ message }) => message.tried?.length ?? 0);
  const handovers = tried
    .filter((count) => count > 0)
    .map((count) => (count === 1 ? 'handed over' : 'handed over again'));
  const reached = new Set([...eventTypes, ...states, ...handovers]);
  const venueOrders = [...venues.values()].flatMap((venue) => venue.orders).length;
  return { orders: tables.orders.size, venueOrders, handedOver: handovers.length, crashes, reached };
}
