/** Sends mixed signals to three venues that fail in turn, and judges what became of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createDice, type Dice } from './dice.ts';
import { faultsFor } from './faults.ts';
import { type AcceptedSignal, type Judging, judgeUntilAgreed, type Verdict } from './judge.ts';
import { soakVenues } from './markets.ts';
import { type MixedSignal, mixSignal } from './mixed-signals.ts';
import type { SoakDesk } from './soak-desk.ts';

export interface MixedOptions {
  signals: number;
  seed: number;
  log: (message: string) => void;
}

export interface MixedReport {
  signals: AcceptedSignal[];
  /** Answers other than 202, with the signal that got one. */
  refused: string[];
  resent: number;
  verdict: Verdict;
  seconds: number;
}

/** Signals between two changes of the weather. */
const perRound = 30;
/** Posted at once: more would meet the concurrency that the stage allows. */
const postedAtOnce = 6;
/** A round may begin while this many signals of the last one still wait. */
const queuedMax = 8;
const roundMsMax = 120_000;
const queuePollMs = 250;
/** Tracking, the doubts that are left, and what brackets still have to do are over by then. */
const settleMsMax = 300_000;

export async function runMixed(soak: SoakDesk, { signals: count, seed, log }: MixedOptions): Promise<MixedReport> {
  const startedAtMs = performance.now();
  const dice = createDice(seed, 1);
  const weather = createDice(seed, 2);
  const report: Omit<MixedReport, 'verdict' | 'seconds'> = { signals: [], refused: [], resent: 0 };
  for (let done = 0; done < count; done += perRound) {
    const size = Math.min(perRound, count - done);
    await changeWeather(soak, weather);
    const prices = await soak.prices();
    const openOrders = await openOrdersOf(soak);
    const mixed = Array.from({ length: size }, (_, index) =>
      mixSignal({ dice, prices, openOrders, id: `soak-${seed}-${done + index}` }),
    );
    await post(soak, mixed, { dice, report, onHalf: () => movePrices(soak, weather) });
    await untilQueued(soak, queuedMax);
    await movePrices(soak, weather);
    log(`${done + size} of ${count} signals sent`);
  }
  await soak.clearFaults();
  await untilQueued(soak, 0);
  const judging: Judging = { signals: report.signals, markets: await soak.markets() };
  const verdict = await judgeUntilAgreed(soak, judging, { withinMs: settleMsMax, log });
  return { ...report, verdict, seconds: (performance.now() - startedAtMs) / 1_000 };
}

async function changeWeather(soak: SoakDesk, weather: Dice): Promise<void> {
  await soak.clearFaults();
  for (const venue of soakVenues) await soak.setFaults(venue.venue, faultsFor(venue, weather));
}

/** Up or down by enough for some stops and targets to be reached. */
async function movePrices(soak: SoakDesk, weather: Dice): Promise<void> {
  for (const { venue, markets } of soakVenues) {
    await soak.movePrice(venue, weather.pick(markets).name, weather.between(0.97, 1.03));
  }
}

async function openOrdersOf({ desk }: SoakDesk): Promise<ReadonlyMap<string, string[]>> {
  const open = (await desk.records.orders()).filter(({ state }) => state === 'open' || state === 'waiting');
  const groups = Map.groupBy(open, ({ account }) => account as string);
  return new Map(
    [...groups].map(([account, orders]) => [account, orders.map(({ orderId }) => orderId as string).sort()]),
  );
}

interface Posting {
  dice: Dice;
  report: Omit<MixedReport, 'verdict' | 'seconds'>;
  onHalf: () => Promise<void>;
}

/** Some senders resend what was answered, and must be told that it is known. */
async function post(
  { desk }: SoakDesk,
  mixed: readonly MixedSignal[],
  { dice, report, onHalf }: Posting,
): Promise<void> {
  let isHalf = false;
  for (let start = 0; start < mixed.length; start += postedAtOnce) {
    const batch = mixed.slice(start, start + postedAtOnce);
    const answers = await Promise.all(batch.map(({ body }) => desk.postSignal(body)));
    for (const [index, { status, body: answer }] of answers.entries()) {
      const signal = batch[index];
      if (signal === undefined) continue;
      const { kind, accounts, body } = signal;
      if (status === 202) report.signals.push({ signalId: answer.signalId ?? '', accounts, kind, body });
      else report.refused.push(`${kind} was answered ${status}: ${JSON.stringify(answer)} to ${JSON.stringify(body)}`);
    }
    const [again] = batch;
    if (again !== undefined && dice.chance(0.3)) {
      const { status, body } = await desk.postSignal(again.body);
      report.resent += 1;
      if (status === 202) report.refused.push(`a resend was taken for new: ${JSON.stringify(body)}`);
    }
    if (isHalf || start * 2 < mixed.length) continue;
    isHalf = true;
    await onHalf();
  }
}

/** Waits until few signals are still to be executed; those that rest in doubt are left to it. */
export async function untilQueued({ desk }: SoakDesk, queued: number): Promise<void> {
  const endsAtMs = performance.now() + roundMsMax;
  for (;;) {
    const counts = await desk.records.counts();
    const waiting = Object.entries(counts).find(([name]) => name.endsWith('-signals.fifo'))?.[1] ?? 0;
    if (waiting <= queued || performance.now() > endsAtMs) return;
    await sleep(queuePollMs);
  }
}
