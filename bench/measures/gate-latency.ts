/** What every limit there is adds to the way of an order, beside a desk with only the two limits that must be. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { paths } from '@nightdesk/infra/config/paths.ts';
import { synthesizeApp } from '@nightdesk/local/supervisor/app-assembly.ts';
import { runScript } from '../child.ts';
import { type BenchDesk, startDesk } from '../desk.ts';
import { everyLimitSettings } from '../gate-limits.ts';
import { deskOrderIdOf, followUp, latenciesOf, runLoad } from '../load.ts';
import type { CountOrdersInput, CountOrdersOutput } from '../processes/count-orders.ts';
import { distributionCells, distributionColumns, milliseconds, type Report } from '../report.ts';
import { makeSignals } from '../signals.ts';
import { distributionOf, rounded } from '../statistics.ts';

/** At both desks together, which take turns. */
const ratePerSecond = 10;
const warmUp = { count: 400, ratePerSecond: 20 };
const waitMsMax = 30_000;
/** Until a configuration is known, an account reconciled, and the sum over all accounts made. */
const readyMsMax = 120_000;
const askEveryMs = 500;

export async function measureGateLatency({ quick }: { quick: boolean }): Promise<Report> {
  const directory = await synthesizeApp(console.error);
  const input: CountOrdersInput = { directory, orders: quick ? 10 : 50 };
  const { output: tables } = await runScript<CountOrdersOutput>('count-orders.ts', input);
  const seconds = quick ? 6 : 60;
  const warmUpCount = quick ? warmUp.count / 4 : warmUp.count;
  const { few, every, pairs } = await atTwoDesks((desks) =>
    compare(desks, { count: seconds * ratePerSecond, warmUpCount }),
  );
  const added = {
    p50: rounded(every.latency.p50 - few.latency.p50),
    p99: rounded(every.latency.p99 - few.latency.p99),
  };
  const rows = [
    ['the two limits that must be', few, tables.few],
    ['every limit', every, tables.every],
  ] as const;
  return {
    title: `Signal posted → order accepted by the venue, ${ratePerSecond / 2} signals/s at either desk for ${seconds} s, in turn`,
    columns: ['', ...distributionColumns, 'table requests', 'read units', 'write units'],
    rows: [
      ...rows.map(([name, { latency }, { requests, read, write }]) => [
        ...[name, ...distributionCells(latency)],
        ...[requests, read, write].map((value) => value.toFixed(1)),
      ]),
      ['added, order by order', milliseconds(pairs.p50), milliseconds(pairs.p90), milliseconds(pairs.p99)],
      ['added', milliseconds(added.p50), '', milliseconds(added.p99), '', ...addedUnits(tables)],
    ],
    notes: [
      `${few.latency.count} and ${every.latency.count} orders at the venue, ${few.lost + every.lost} lost, ${few.doubled + every.doubled} doubled`,
      `requests and units of one order from its webhook to its notice, of ${input.orders} one after the other`,
      'every limit: collar, exposure, leverage, losses, rates, symbols, a source of its own limits, free balance; as shares of equity where that can be',
    ],
    figures: { few: { ...few, tables: tables.few }, every: { ...every, tables: tables.every }, added, pairs },
  };
}

const addedUnits = ({ few, every }: CountOrdersOutput): string[] =>
  (['requests', 'read', 'write'] as const).map((name) => (every[name] - few[name]).toFixed(1));

interface Desks {
  few: BenchDesk;
  every: BenchDesk;
}

/** The repository's configuration has the two limits only. */
async function atTwoDesks<Result>(work: (desks: Desks) => Promise<Result>): Promise<Result> {
  const configDirectory = mkdtempSync(join(tmpdir(), 'nightdesk-gate-'));
  cpSync(paths.config, configDirectory, { recursive: true });
  // JSON is YAML as well.
  writeFileSync(join(configDirectory, 'risk.yaml'), JSON.stringify(everyLimitSettings('shares')));
  const log = (message: string) => console.error(message);
  try {
    const few = await startDesk(log);
    try {
      const every = await startDesk(log, { configDirectory });
      return await work({ few, every }).finally(() => every.close());
    } finally {
      await few.close();
    }
  } finally {
    rmSync(configDirectory, { recursive: true, force: true });
  }
}

async function compare(desks: Desks, { count, warmUpCount }: { count: number; warmUpCount: number }) {
  await untilLimited(desks.every);
  await postInTurn(desks, { prefix: 'warm', count: warmUpCount, ratePerSecond: warmUp.ratePerSecond });
  return postInTurn(desks, { prefix: 'gate', count, ratePerSecond });
}

interface Load {
  prefix: string;
  count: number;
  ratePerSecond: number;
}

async function postInTurn({ few, every }: Desks, { prefix, count, ratePerSecond: rate }: Load) {
  // Each desk gets buying and selling in turn.
  const bodies = makeSignals({ prefix, count: count / 2, symbols: 1 }).flatMap((body) => [body, body]);
  const samples = await runLoad({ url: [few.signalUrl, every.signalUrl], ratePerSecond: rate, bodies });
  const outcome = async (desk: BenchDesk, turn: number) => {
    const own = samples.filter((_, index) => index % 2 === turn);
    const found = await followUp(desk, own, { orderIdOf: deskOrderIdOf, waitMsMax });
    const { refused, lost, doubled } = found;
    const latenciesMs = latenciesOf(found);
    return { latenciesMs, told: { latency: distributionOf(latenciesMs), refused, lost, doubled } };
  };
  const [one, other] = [await outcome(few, 0), await outcome(every, 1)];
  // Neighbours had the machine in the same state. Where one is missing, no two belong together.
  const isWhole = one.latenciesMs.length === other.latenciesMs.length;
  const pairs = distributionOf(
    isWhole ? other.latenciesMs.map((latencyMs, index) => latencyMs - (one.latenciesMs[index] ?? 0)) : [Number.NaN],
  );
  return { few: one.told, every: other.told, pairs };
}

/** Until the limits are in force, and then until the figures that they need are there: orders have to pass. */
async function untilLimited(desk: BenchDesk): Promise<void> {
  let trials = 0;
  const stateOf = async (symbol: string): Promise<string> => {
    trials += 1;
    const signal = { id: `limited-${trials}`, symbol, action: 'buy', size: { quote: '100' } };
    const { body } = await desk.client.postSignal(signal);
    if (body.signalId === undefined) return JSON.stringify(body);
    const { orders } = await desk.client.waitForOrder(body.signalId);
    return orders.map(({ state, cause }) => cause?.code ?? state).join(' ');
  };
  await until(() => stateOf('LTC/USDT'), 'symbol_not_allowed');
  const trade = async () => {
    await desk.cloud.tick('plan-reconciliations');
    return stateOf('BTC/USDT');
  };
  await until(trade, 'filled');
}

/** @throws Error with the last answer */
async function until(ask: () => Promise<string>, wanted: string): Promise<void> {
  const endsAtMs = performance.now() + readyMsMax;
  for (;;) {
    const told = await ask();
    if (told === wanted) return;
    if (performance.now() > endsAtMs) throw new Error(`${readyMsMax} ms later an order is ${told} and not ${wanted}`);
    await sleep(askEveryMs);
  }
}
