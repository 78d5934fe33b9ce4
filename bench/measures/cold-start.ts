/** Process spawned → first order accepted by the venue. */
import { setTimeout as sleep } from 'node:timers/promises';
import { runScript } from '../child.ts';
import type { BenchDesk } from '../desk.ts';
import { distributionColumns, milliseconds, type Report, times, verdict } from '../report.ts';
import { makeSignals } from '../signals.ts';
import { distributionOf, medianOf, rounded } from '../statistics.ts';

const targetRatio = 5;
const coldFunction = 'execute-order';
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
  const own: number[] = [];
  const naive: NaiveSample[] = [];
  // In turn, so that what else the machine does is the same for both.
  for (let index = 0; index < samples; index++) {
    await sleep(pauseMs);
    own.push(await sampleDesk(desk, index));
    await sleep(pauseMs);
    naive.push(await sampleNaive(desk, index));
  }
  const nightdesk = distributionOf(own);
  const script = distributionOf(naive.map(({ totalMs }) => totalMs));
  const ratio = rounded(script.p50 / nightdesk.p50);
  const importMs = medianOf(naive.map((sample) => sample.importMs));
  const loadMarketsMs = medianOf(naive.map((sample) => sample.loadMarketsMs));
  const cells = ({ p50, max }: typeof script) => [milliseconds(p50), milliseconds(max)];
  const reached = ratio >= targetRatio;
  return {
    title: `Cold start: process spawned → first order accepted by the venue, ${samples} samples each`,
    columns: ['', distributionColumns[0], 'max'],
    rows: [
      [`Nightdesk, ${coldFunction}`, ...cells(nightdesk)],
      ['import ccxt, loadMarkets, createOrder', ...cells(script)],
      ['  of which import', milliseconds(importMs), ''],
      ['  of which loadMarkets', milliseconds(loadMarketsMs), ''],
    ],
    notes: [`target ${targetRatio} times faster: ${times(ratio)}, ${verdict(reached)}`],
    figures: { nightdesk, naive: script, importMs, loadMarketsMs, ratio, targetRatio, reached },
  };
}

/** Ends every sandbox of the function that places orders, so that the next signal needs a new one. */
async function sampleDesk({ cloud, client }: BenchDesk, index: number): Promise<number> {
  const sandboxes = () => cloud.sandboxes().filter(({ functionName }) => functionName.endsWith(coldFunction));
  for (const { pid } of sandboxes()) process.kill(pid, 'SIGKILL');
  await until(async () => sandboxes().length === 0, 'sandboxes to end');
  const [signal] = makeSignals({ prefix: `cold-${index}`, count: 1, symbols: 1 });
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

async function sampleNaive({ client, simulatorUrl, keys }: BenchDesk, index: number): Promise<NaiveSample> {
  const clientOrderId = `naive-${index}`;
  const input = {
    ...{ module: 'ccxt', exportName: 'binance', config: keys },
    ...{ simulatorUrl, clientOrderId, symbol: 'BTC/USDT', amount: 0.001 },
  };
  const { output, spawnedAtMs } = await runScript<Omit<NaiveSample, 'totalMs'>>('naive-order.mjs', input);
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
