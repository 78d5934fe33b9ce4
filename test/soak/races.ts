/**
 * Cancels and changes resting orders while they fill: by a venue that lets them fill in the very instant, by prices that pass
 * them, and by orders that trade in portions. Judged is what is left: as much as the venue has, and never more than was wanted.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createDice, type Dice } from './dice.ts';
import { judgeUntilAgreed, type Verdict } from './judge.ts';
import type { Paired } from './judge-orders.ts';
import { judgeRaces } from './judge-races.ts';
import { type Prices, priceKey, type SoakVenue, soakVenues } from './markets.ts';
import { untilQueued } from './mixed.ts';
import { command, commandKinds, fillings, type Gathered, place, type Race } from './race-commands.ts';
import type { SoakDesk } from './soak-desk.ts';

export interface RaceOptions {
  races: number;
  seed: number;
  log: (message: string) => void;
}

export interface RaceReport extends Gathered {
  /** What became of the commands, by the cause of their rows. */
  outcomes: Record<string, number>;
  verdict: Verdict;
  seconds: number;
}

const perBatch = 30;
/** Ordered at once, and within how long all of a batch are commanded: more would start a process for each. */
const placedAtOnce = 8;
const commandedWithinMs = 2_000;
const settleMsMax = 300_000;
/** How far a price is moved to pass orders that rest nearer than that. */
const sweepShare = 0.012;

export async function runRaces(soak: SoakDesk, { races: count, seed, log }: RaceOptions): Promise<RaceReport> {
  const startedAtMs = performance.now();
  const dice = createDice(seed, 3);
  const gathered: Gathered = { signals: [], races: [], tooLate: 0, refused: [] };
  for (let done = 0; done < count; done += perBatch) {
    const size = Math.min(perBatch, count - done);
    await runBatch(soak, {
      ids: Array.from({ length: size }, (_, index) => `race-${seed}-${done + index}`),
      dice,
      gathered,
    });
    log(`${done + size} of ${count} races run`);
  }
  await soak.clearFaults();
  await untilQueued(soak, 0);
  const { races, signals } = gathered;
  const judging = {
    signals,
    markets: await soak.markets(),
    extra: (pairs: readonly Paired[]) => judgeRaces(races, pairs),
  };
  const verdict = await judgeUntilAgreed(soak, judging, { withinMs: settleMsMax, log });
  return {
    ...gathered,
    outcomes: outcomesOf(gathered, verdict),
    verdict,
    seconds: (performance.now() - startedAtMs) / 1_000,
  };
}

interface Batch {
  ids: readonly string[];
  dice: Dice;
  gathered: Gathered;
}

async function runBatch(soak: SoakDesk, { ids, dice, gathered }: Batch): Promise<void> {
  await soak.clearFaults();
  const prices = await soak.prices();
  const races = ids.map((id) => draw(id, dice, prices));
  const portions = {
    kind: 'partial-fill',
    ratio: dice.pick(['0.1', '0.2']),
    everyMs: Math.floor(dice.between(700, 2_000)),
  };
  for (const { venue, requests } of soakVenues) await soak.setFaults(venue, [{ ...portions, match: requests.place }]);
  for (let start = 0; start < races.length; start += placedAtOnce) {
    await Promise.all(races.slice(start, start + placedAtOnce).map((race) => place(soak, race, gathered)));
  }
  await untilQueued(soak, 0);
  await soak.clearFaults();
  await learnOrders(soak, races);
  for (const venue of soakVenues) await soak.setFaults(venue.venue, raceFaults(venue, dice));
  const plans = races.map((race) => ({
    race,
    afterMs: dice.between(0, commandedWithinMs),
    factors: [dice.between(0.3, 1.8), dice.between(0.3, 1.8)],
  }));
  const swept = soakVenues.map(({ venue, markets }) => ({
    venue,
    name: dice.pick(markets).name,
    afterMs: dice.between(0, commandedWithinMs),
  }));
  await Promise.all([
    ...plans.map(async ({ race, afterMs, factors }) => {
      await sleep(afterMs);
      await command(soak, race, { factors, gathered });
    }),
    ...swept.map(async ({ venue, name, afterMs }) => {
      await sleep(afterMs);
      await soak.movePrice(venue, name, 1 + sweepShare);
      await sleep(afterMs / 2);
      await soak.movePrice(venue, name, (1 - sweepShare) / (1 + sweepShare));
      await sleep(100);
      await soak.movePrice(venue, name, 1 / (1 - sweepShare));
    }),
  ]);
  await untilQueued(soak, 4);
}

function draw(id: string, dice: Dice, prices: Prices): Race {
  const venue = dice.pick(soakVenues);
  const market = dice.pick(venue.markets);
  const filling = dice.weighted(fillings);
  const side = dice.pick(['buy', 'sell'] as const);
  // An order that trades in portions is one that the market would fill at once; the others rest, near it or far.
  const share = { instant: dice.between(0.05, 0.2), sweep: dice.between(0.001, 0.01), portions: -0.02 }[filling];
  const price = (prices.get(priceKey(venue.venue, market.symbol)) ?? 0) * (side === 'buy' ? 1 - share : 1 + share);
  return {
    ...{ id, venue, market, filling, side, signalId: '', account: dice.pick(venue.accounts) },
    command: dice.weighted(commandKinds),
    price: price.toFixed(market.priceDecimals),
    amounts: [(market.size * dice.between(1, 3)).toFixed(market.sizeDecimals)],
  };
}

/** Every second cancel and change finds the order filled further, and every fourth goes wrong on the way. */
function raceFaults({ requests }: SoakVenue, dice: Dice): object[] {
  const ratio = dice.pick(['0.3', '0.5', '1']);
  return [requests.cancel, requests.amend].flatMap((match) => {
    const kind = dice.pick(['drop-answer', 'error-after', 'drop-request', 'delay']);
    const late = { delayMs: Math.floor(dice.between(100, 900)), when: dice.pick(['before', 'after']) };
    const wrong = { kind, match, every: 4, ...(kind === 'delay' && late) };
    return [{ kind: 'fill-first', ratio, match, every: 2 }, wrong];
  });
}

async function learnOrders({ desk }: SoakDesk, races: readonly Race[]): Promise<void> {
  const bySignal = Map.groupBy(await desk.records.orders(), ({ signalId }) => signalId as string);
  for (const race of races) {
    const order = bySignal.get(race.signalId)?.find(({ replaces }) => replaces === undefined);
    if (order !== undefined) race.orderId = order.orderId;
  }
}

function outcomesOf({ signals }: Gathered, { pairs }: Verdict): Record<string, number> {
  const ids = new Set(signals.map(({ signalId }) => signalId));
  const rows = pairs.filter(({ order }) => ids.has(order.signalId));
  const groups = Map.groupBy(rows, ({ order }) => [order.state, order.cause?.code].filter(Boolean).join(' '));
  return Object.fromEntries([...groups].map(([outcome, { length }]) => [outcome, length]));
}
