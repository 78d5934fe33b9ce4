/** Process spawned → first order accepted by the venue. */
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { synthesizeApp } from '@nightdesk/local/supervisor/app-assembly.ts';
import { bundleCodeCache } from '@nightdesk/local/supervisor/code-cache.ts';
import { runScript } from '../child.ts';
import type { BenchDesk } from '../desk.ts';
import { distributionColumns, milliseconds, type Report, times, verdict } from '../report.ts';
import { makeSignals } from '../signals.ts';
import { type Distribution, distributionOf, medianOf, rounded } from '../statistics.ts';

const targetRatio = 5;
const coldFunction = 'execute-order';
/** More than it takes the one sandbox that works in quiet times to keep its code. */
const ordersUntilKept = 4;
const pollEveryMs = 25;
const waitMsMax = 20_000;
/**
 * Before each sample. Nothing may be under way when sandboxes are ended: the lane of a message whose function dies stands
 * still until the message is visible again.
 */
const pauseMs = 500;
/**
 * After a signal was posted. Asking the desk again and again what became of it would take a core from the process that is
 * measured; the naive one is asked about once it has ended.
 */
const quietMs = 1_000;

export async function measureColdStart(desk: BenchDesk, { quick }: { quick: boolean }): Promise<Report> {
  const samples = quick ? 3 : 9;
  const keptCode = await keepCode(desk);
  const own = { kept: [] as number[], bare: [] as number[] };
  const naive = { kept: [] as NaiveSample[], bare: [] as NaiveSample[] };
  // In turn, so that what else the machine does is the same for all.
  for (let index = 0; index < samples; index++) {
    own.kept.push(await sampleDesk(desk, `kept-${index}`));
    naive.bare.push(await sampleNaive(desk, `bare-${index}`, { keepCompiled: false }));
    own.bare.push(await withoutFolder(keptCode, () => sampleDesk(desk, `bare-${index}`)));
    naive.kept.push(await sampleNaive(desk, `kept-${index}`, { keepCompiled: true }));
  }
  const totals = (taken: readonly NaiveSample[]) => distributionOf(taken.map(({ totalMs }) => totalMs));
  return toReport(samples, {
    nightdesk: distributionOf(own.kept),
    nightdeskBare: distributionOf(own.bare),
    naive: totals(naive.bare),
    // The first of them had nothing kept yet.
    naiveKept: totals(naive.kept.slice(1)),
    importMs: medianOf(naive.bare.map((sample) => sample.importMs)),
    loadMarketsMs: medianOf(naive.bare.map((sample) => sample.loadMarketsMs)),
  });
}

interface Figures {
  /** As it runs here: with what Node compiled for the sandboxes before. */
  nightdesk: Distribution;
  /** As on Lambda, where nothing is kept. */
  nightdeskBare: Distribution;
  naive: Distribution;
  naiveKept: Distribution;
  importMs: number;
  loadMarketsMs: number;
}

function toReport(samples: number, figures: Figures): Report {
  const { nightdesk, nightdeskBare, naive, naiveKept, importMs, loadMarketsMs } = figures;
  const ratio = rounded(naive.p50 / nightdesk.p50);
  const ratioBare = rounded(naive.p50 / nightdeskBare.p50);
  const ratioKept = rounded(naiveKept.p50 / nightdesk.p50);
  const cells = ({ p50, max }: Distribution) => [milliseconds(p50), milliseconds(max)];
  const reached = ratio >= targetRatio;
  return {
    title: `Cold start: process spawned → first order accepted by the venue, ${samples} samples each`,
    columns: ['', distributionColumns[0], 'max'],
    rows: [
      [`Nightdesk, ${coldFunction}`, ...cells(nightdesk)],
      ['  as on Lambda, where no compiled code is kept', ...cells(nightdeskBare)],
      ['import ccxt, loadMarkets, createOrder', ...cells(naive)],
      ['  of which import', milliseconds(importMs), ''],
      ['  of which loadMarkets', milliseconds(loadMarketsMs), ''],
      ['  with compiled code kept', ...cells(naiveKept)],
    ],
    notes: [
      `target ${targetRatio} times faster: ${times(ratio)}, ${verdict(reached)}`,
      `both without kept code ${times(ratioBare)}, both with it ${times(ratioKept)}`,
    ],
    figures: { ...figures, ratio, ratioBare, ratioKept, targetRatio, reached },
  };
}

/** Has a sandbox keep what it compiled for orders. @returns the folder */
async function keepCode({ client }: BenchDesk): Promise<string> {
  for (let index = 0; index < ordersUntilKept; index++) {
    const [signal] = makeSignals({ prefix: `cold-keep-${index}`, count: 1, symbols: 1 });
    await client.waitForOrder((await client.postSignal(signal ?? '')).body.signalId ?? '', waitMsMax);
  }
  const { NODE_COMPILE_CACHE: folder = '' } = bundleCodeCache(await synthesizeApp(console.error));
  if (!existsSync(folder)) throw new Error(`no compiled code is kept in ${folder}`);
  return folder;
}

/** Does something while no compiled code can be kept: what is in place of the folder is none. */
async function withoutFolder<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  const aside = `${folder}-aside`;
  renameSync(folder, aside);
  writeFileSync(folder, '');
  try {
    return await work();
  } finally {
    rmSync(folder);
    renameSync(aside, folder);
  }
}

/** Ends every sandbox of the function that places orders, so that the next signal needs a new one. */
async function sampleDesk({ cloud, client }: BenchDesk, name: string): Promise<number> {
  await sleep(pauseMs);
  const sandboxes = () => cloud.sandboxes().filter(({ functionName }) => functionName.endsWith(coldFunction));
  for (const { pid } of sandboxes()) process.kill(pid, 'SIGKILL');
  await until(async () => sandboxes().length === 0, 'sandboxes to end');
  const [signal] = makeSignals({ prefix: `cold-${name}`, count: 1, symbols: 1 });
  const { body } = await client.postSignal(signal ?? '');
  await sleep(quietMs);
  const { orders } = await client.waitForOrder(body.signalId ?? '', waitMsMax);
  const acceptedAtMs = await acceptedAt(client, orders[0]?.orderId ?? '');
  const [sandbox] = sandboxes();
  if (sandbox === undefined) throw new Error(`no sandbox of ${coldFunction} was started for a signal`);
  return acceptedAtMs - sandbox.startedAtMs;
}

interface NaiveSample {
  importMs: number;
  loadMarketsMs: number;
  totalMs: number;
}

async function sampleNaive(
  { client, simulatorUrl, keys }: BenchDesk,
  name: string,
  options: { keepCompiled: boolean },
): Promise<NaiveSample> {
  await sleep(pauseMs);
  const clientOrderId = `naive-${name}`;
  const input = {
    ...{ module: 'ccxt', exportName: 'binance', config: keys },
    ...{ simulatorUrl, clientOrderId, symbol: 'BTC/USDT', amount: 0.001 },
  };
  const { output, spawnedAtMs } = await runScript<Omit<NaiveSample, 'totalMs'>>('naive-order.mjs', input, options);
  return { ...output, totalMs: (await acceptedAt(client, clientOrderId)) - spawnedAtMs };
}

async function acceptedAt(client: BenchDesk['client'], clientOrderId: string): Promise<number> {
  const [order] = await client.simulatorOrders({ clientOrderId });
  if (order === undefined) throw new Error(`the venue has no order ${clientOrderId}`);
  return order.acceptedAtMs;
}

async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  const endsAtMs = performance.now() + waitMsMax;
  while (!(await condition())) {
    if (performance.now() >= endsAtMs) throw new Error(`waited ${waitMsMax} ms for ${what}`);
    await sleep(pollEveryMs);
  }
}
