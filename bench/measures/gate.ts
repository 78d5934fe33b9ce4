/** How many orders the gate judges a second, and what granting their claims takes, beside a comparison of two numbers. */
import { compare, notional, type RowClaim } from '@nightdesk/core';
import { claimsOf, contextOf, grantAll, intentOf, type LimitSet, rowsOf } from '../gate-decisions.ts';
import { type Report, times } from '../report.ts';
import { medianOf, rounded } from '../statistics.ts';
import { timeInTurn } from '../turns.ts';

const intents = Array.from({ length: 64 }, (_, index) => intentOf(index));
/** Comparisons are too short to be timed one by one. */
const comparisonsAtOnce = 10_000;

interface Work {
  name: string;
  /** How many are done in one run. */
  count: number;
  run(): void;
}

export async function measureGate({ quick }: { quick: boolean }): Promise<Report> {
  const works = [
    judging('judged, the two limits that must be', 'few'),
    judging('judged, every limit as an amount', 'amounts'),
    judging('judged, every limit as a share of equity', 'shares'),
    granting(),
    comparingDecimals(),
    comparingNumbers(),
  ];
  const options = {
    ...(quick ? { rounds: 5, sliceMs: 100 } : { rounds: 15, sliceMs: 300 }),
    nowMs: () => performance.now(),
  };
  const taken = timeInTurn(
    works.map(({ run }) => run),
    options,
  );
  const found = works.map(({ name, count }, index) => ({ name, ...costOf(medianOf(taken[index] ?? []), count) }));
  const [, , , , decimals] = found;
  const ratioOf = (microseconds: number): number => rounded(microseconds / (decimals?.microseconds ?? Number.NaN));
  return {
    title: `The gate in core, one thread, median of ${options.rounds} rounds`,
    columns: ['', 'a second', 'one takes', 'comparisons of decimals'],
    rows: found.map(({ name, perSecond, microseconds }) => [
      name,
      perSecond.toLocaleString('en-US'),
      `${microseconds.toPrecision(3)} µs`,
      times(ratioOf(microseconds)),
    ]),
    notes: [
      'every order passes: one that is denied is told so sooner',
      'the book, figures and rows are at hand; asking for them is in gate-latency',
    ],
    figures: { decisions: found.map((each) => ({ ...each, ratio: ratioOf(each.microseconds) })) },
  };
}

const costOf = (tookMs: number, count: number) => ({
  perSecond: Math.round((count * 1_000) / tookMs),
  microseconds: Number(((tookMs * 1_000) / count).toPrecision(4)),
});

function judging(name: string, limits: LimitSet): Work {
  const [context, rows] = [contextOf(limits), rowsOf()];
  return {
    ...{ name, count: intents.length },
    run() {
      for (const intent of intents) claimsOf(intent, context, rows);
    },
  };
}

/** The conditions of the transaction, as memory checks them; the table's own time is not in it. */
function granting(): Work {
  const [context, rows] = [contextOf('shares'), rowsOf()];
  const claims: (readonly RowClaim[])[] = intents.map((intent) => claimsOf(intent, context, rows));
  return {
    ...{ name: 'claims granted, every limit', count: claims.length },
    run() {
      for (const claim of claims) grantAll(claim, rows);
    },
  };
}

function comparingDecimals(): Work {
  const most = notional('1000000');
  return {
    ...{ name: 'bare: two decimals compared', count: intents.length },
    run() {
      for (const { reserved } of intents) expectBelow(compare(reserved, most) <= 0);
    },
  };
}

function comparingNumbers(): Work {
  const worths = Float64Array.from({ length: comparisonsAtOnce }, (_, index) => Number(intentOf(index).reserved));
  return {
    ...{ name: 'bare: two numbers compared', count: worths.length },
    run() {
      let below = 0;
      for (const worth of worths) if (worth <= 1_000_000) below += 1;
      expectBelow(below === worths.length);
    },
  };
}

/** Uses the outcome, since work of no effect may be left away by the machine. */
function expectBelow(isBelow: boolean): void {
  if (!isBelow) throw new Error('an order is above what all of them are below of');
}
