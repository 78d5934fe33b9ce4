/** How much load is sustained, with nothing lost and nothing doubled. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchDesk } from '../desk.ts';
import { deskOrderIdOf, type Followed, followUp, latenciesOf, runLoad } from '../load.ts';
import { distributionColumns, milliseconds, type Report, verdict } from '../report.ts';
import { makeSignals, symbolsMax } from '../signals.ts';
import { type Distribution, distributionOf, rounded } from '../statistics.ts';

const ratePerSecond = 100;
const warmUp = { count: 400, ratePerSecond: 40 };
/**
 * Binance lets one address place 6,000 orders a minute, and Nightdesk keeps to that at the simulator too. The runs are a
 * minute apart, so that each has all of it.
 */
const limitWindowMs = 60_000;
/** A backlog may take this long to be worked off. */
const waitMsMax = 120_000;
/** A rate counts as sustained when at least this share of it reached the venue. */
const sustainedShareMin = 0.98;

export async function measureThroughput(desk: BenchDesk, { quick }: { quick: boolean }): Promise<Report> {
  const seconds = quick ? 5 : 30;
  const bodies = makeSignals({ prefix: 'load-warm', count: warmUp.count, symbols: symbolsMax });
  const warm = await runLoad({ url: desk.signalUrl, ratePerSecond: warmUp.ratePerSecond, bodies });
  await followUp(desk, warm, { orderIdOf: deskOrderIdOf, waitMsMax });
  const spread = await measureRun(desk, { name: `${symbolsMax} symbols`, symbols: symbolsMax, seconds });
  if (!quick) await sleep(limitWindowMs);
  const single = await measureRun(desk, { name: '1 symbol', symbols: 1, seconds });
  const journal = await desk.verifyJournal();
  const runs = [spread, single];
  const whole = runs.every(({ lost, doubled }) => lost === 0 && doubled === 0);
  const sustained =
    spread.accepted === seconds * ratePerSecond && spread.achievedPerSecond >= ratePerSecond * sustainedShareMin;
  return {
    title: `Sustained load, ${ratePerSecond} signals/s for ${seconds} s`,
    columns: ['', 'accepted', 'orders/s', ...distributionColumns, 'oldest waiting', 'lost', 'doubled'],
    rows: runs.map(row),
    notes: [
      `target ${ratePerSecond} orders/s over ${symbolsMax} symbols: ${verdict(sustained)}; nothing lost or doubled: ${verdict(whole)}`,
      'one symbol is one lane, whose orders are placed one after the other: its rate is what one lane can do',
      journal,
    ],
    figures: { spread, single, sustained, whole, journal },
  };
}

interface Run {
  name: string;
  accepted: number;
  refused: number;
  lost: number;
  doubled: number;
  /** Orders over the time from the first signal posted to the last order accepted. */
  achievedPerSecond: number;
  latency: Distribution;
  /** Age of the oldest signal without an order at the moment the load ended. */
  backlogAgeMs: number;
}

async function measureRun(
  desk: BenchDesk,
  { name, symbols, seconds }: { name: string; symbols: number; seconds: number },
): Promise<Run> {
  const bodies = makeSignals({ prefix: `load-${symbols}`, count: seconds * ratePerSecond, symbols });
  const samples = await runLoad({ url: desk.signalUrl, ratePerSecond, bodies });
  const outcome = await followUp(desk, samples, { orderIdOf: deskOrderIdOf, waitMsMax });
  const { accepted, refused, lost, doubled } = outcome;
  const latencies = latenciesOf(outcome);
  return {
    ...{ name, accepted: accepted.length, refused, lost, doubled },
    achievedPerSecond: rateOf(accepted),
    latency: distributionOf(latencies),
    backlogAgeMs: backlogAgeOf(accepted),
  };
}

function rateOf(accepted: readonly Followed[]): number {
  const times = accepted.flatMap(({ acceptedAtMs }) => acceptedAtMs ?? []);
  const startMs = Math.min(...accepted.map(({ postedAtMs }) => postedAtMs));
  return rounded((times.length * 1000) / (Math.max(...times) - startMs));
}

function backlogAgeOf(accepted: readonly Followed[]): number {
  const endMs = Math.max(...accepted.map(({ postedAtMs }) => postedAtMs));
  const waiting = accepted.filter(({ acceptedAtMs = Number.POSITIVE_INFINITY }) => acceptedAtMs > endMs);
  return rounded(Math.max(0, ...waiting.map(({ postedAtMs }) => endMs - postedAtMs)));
}

function row({ name, accepted, achievedPerSecond, latency, backlogAgeMs, lost, doubled }: Run): string[] {
  const cells = distributionColumns.map((column) => milliseconds(latency[column]));
  return [
    name,
    String(accepted),
    achievedPerSecond.toFixed(1),
    ...cells,
    milliseconds(backlogAgeMs),
    String(lost),
    String(doubled),
  ];
}
