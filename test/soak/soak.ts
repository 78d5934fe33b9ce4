/** Both runs of the soak on desks of their own, and what they come to. */
import { describeVerification } from '@nightdesk/local/audit/verify-desk.ts';
import { type AcceptedSignal, explain, type Verdict } from './judge.ts';
import type { Violation } from './judge-orders.ts';
import { contestedOf } from './judge-races.ts';
import { runMixed } from './mixed.ts';
import { runRaces } from './races.ts';
import { type SoakDesk, startSoakDesk } from './soak-desk.ts';

export interface SoakOptions {
  signals: number;
  races: number;
  seed: number;
  log: (message: string) => void;
}

type Counts = Record<string, number>;

export interface SoakReport {
  seed: number;
  mixed?: {
    accepted: number;
    resent: number;
    /** Signals that were answered otherwise than they should have been. */
    refused: readonly string[];
    seconds: number;
    kinds: Counts;
    faults: Counts;
    /** By state and cause. */
    orders: Counts;
    brackets: Counts;
  };
  races?: {
    run: number;
    /** Races whose orders filled in part, so that what was canceled or changed was not what was asked for at first. */
    contested: number;
    tooLate: number;
    refused: readonly string[];
    seconds: number;
    outcomes: Counts;
    faults: Counts;
  };
  journal: string;
  violations: Violation[];
  /** The first of them, with all that is known about each. */
  explained: object[];
}

/** Violations that are explained in full. */
const explainedMax = 20;

type Part = Pick<SoakReport, 'mixed' | 'races' | 'journal' | 'violations' | 'explained'>;

/** @throws Error when a desk does not start, or a control call is refused */
export async function runSoak({ signals, races, seed, log }: SoakOptions): Promise<SoakReport> {
  const parts: Part[] = [];
  if (signals > 0) parts.push(await onDesk((soak) => mixedPart(soak, { count: signals, seed, log })));
  if (races > 0) parts.push(await onDesk((soak) => racesPart(soak, { count: races, seed, log })));
  return {
    ...Object.assign({}, ...parts),
    seed,
    journal: parts.map(({ journal }) => journal).join('; '),
    violations: parts.flatMap(({ violations }) => violations),
    explained: parts.flatMap(({ explained }) => explained),
  };
}

async function onDesk<Result>(use: (soak: SoakDesk) => Promise<Result>): Promise<Result> {
  const soak = await startSoakDesk();
  try {
    return await use(soak);
  } finally {
    await soak.configured.close();
  }
}

interface PartOptions {
  count: number;
  seed: number;
  log: (message: string) => void;
}

async function mixedPart(soak: SoakDesk, { count, seed, log }: PartOptions): Promise<Part> {
  const report = await runMixed(soak, { signals: count, seed, log });
  const { signals, refused, resent, verdict } = report;
  return {
    mixed: {
      ...{ accepted: signals.length, resent, refused, faults: soak.struck, seconds: Math.round(report.seconds) },
      kinds: countBy(signals, ({ kind }) => kind),
      orders: countBy(verdict.pairs, ({ order }) => [order.state, order.cause?.code].filter(Boolean).join(' ')),
      brackets: verdict.brackets,
    },
    ...(await conclude(soak, report)),
  };
}

async function racesPart(soak: SoakDesk, { count, seed, log }: PartOptions): Promise<Part> {
  const report = await runRaces(soak, { races: count, seed, log });
  const { races, tooLate, refused, outcomes, verdict } = report;
  const contested = contestedOf(races, verdict.pairs);
  return {
    races: {
      ...{ run: races.length, contested, tooLate, refused, outcomes, faults: soak.struck },
      seconds: Math.round(report.seconds),
    },
    ...(await conclude(soak, report)),
  };
}

/** What has to hold of both. */
async function conclude(
  soak: SoakDesk,
  { verdict, signals, refused }: { verdict: Verdict; signals: AcceptedSignal[]; refused: readonly string[] },
): Promise<Pick<SoakReport, 'journal' | 'violations' | 'explained'>> {
  const verification = await soak.desk.records.verify();
  const violations = [...verdict.violations, ...refused.map((what) => ({ what }))];
  if (verification.kind === 'misfit') violations.push({ what: describeVerification(verification) });
  for (const line of await soak.configured.told())
    violations.push({ what: `a secret was told (${line.length} characters)` });
  const explained: object[] = [];
  for (const violation of violations.slice(0, explainedMax)) {
    explained.push(await explain(violation, soak, { verdict, signals }));
  }
  return { journal: describeVerification(verification), violations, explained };
}

const countBy = <Item>(items: readonly Item[], keyOf: (item: Item) => string): Counts =>
  Object.fromEntries([...Map.groupBy(items, keyOf)].map(([key, { length }]) => [key, length]));
