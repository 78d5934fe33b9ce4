/** An order's fill recorded → a webhook on this machine has the signed notice, beside a bare POST to the same webhook. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { secretNames } from '@nightdesk/core';
import { paths } from '@nightdesk/infra/config/paths.ts';
import { noWatchdog } from '@nightdesk/local/cloud/lambda/watchdog.ts';
import { type ReadyChild, startChild } from '@nightdesk/local/supervisor/child-process.ts';
import { scriptPath } from '../child.ts';
import { type BenchDesk, startDesk } from '../desk.ts';
import { deskOrderIdOf, runLoad } from '../load.ts';
import { fillsTold } from '../notice-times.ts';
import type { ReceivedNotice, ReceiverInput } from '../processes/receive-notices.ts';
import { distributionCells, distributionColumns, type Report, times } from '../report.ts';
import { makeSignals } from '../signals.ts';
import { distributionOf, rounded } from '../statistics.ts';

const channel = 'bench';
const secret = 'what the receiver and the desk know';
const ratePerSecond = 2;
const warmUpCount = 20;
/** Functions use a configuration for a few seconds before they ask for a newer one. */
const firstNoticeMsMax = 60_000;
/** A notice that has not come by then counts as lost. */
const noticeMsMax = 60_000;
const askEveryMs = 250;

export async function measureNotices({ quick }: { quick: boolean }): Promise<Report> {
  const configDirectory = mkdtempSync(join(tmpdir(), 'nightdesk-notices-'));
  cpSync(paths.config, configDirectory, { recursive: true });
  writeFileSync(join(configDirectory, 'notifications.yaml'), `channels:\n  ${channel}: { type: webhook }\n`);
  const receiver = await startReceiver();
  try {
    const desk = await startDesk((message) => console.error(message), { configDirectory });
    const url = String(receiver.ready.url);
    return await measure(desk, { url, count: quick ? 40 : 200 }).finally(() => desk.close());
  } finally {
    await receiver.stop();
    rmSync(configDirectory, { recursive: true, force: true });
  }
}

interface Plan {
  /** Of the receiver. */
  url: string;
  /** How many fills are told of. */
  count: number;
}

async function measure(desk: BenchDesk, { url, count }: Plan): Promise<Report> {
  await putSecret(desk.cloud.ready.aws, { url, secret });
  await untilTold(desk, url);
  await tellOfFills(desk, { url, count: warmUpCount });
  const told = await tellOfFills(desk, { url, count });
  const nightdesk = distributionOf(told.latenciesMs);
  const barePost = distributionOf(await postBare({ url, count }, told.bytes));
  const ratio = { p50: rounded(nightdesk.p50 / barePost.p50), p99: rounded(nightdesk.p99 / barePost.p99) };
  const { lost, repeated, unsigned } = told;
  return {
    title: `Fill recorded → a webhook has the signed notice, ${ratePerSecond} fills/s`,
    columns: ['', ...distributionColumns],
    rows: [
      ['Nightdesk', ...distributionCells(nightdesk)],
      ['bare POST', ...distributionCells(barePost)],
      ['ratio', times(ratio.p50), '', times(ratio.p99), ''],
    ],
    notes: [
      'counted from the time in the record, which is before it is written: the write, the stream and the queue are all in it',
      `${nightdesk.count} fills told of, ${lost} lost, ${repeated} told of again, ${unsigned} without a valid signature`,
    ],
    figures: { nightdesk, barePost, ratio, lost, repeated, unsigned },
  };
}

/** Waits for the notices of market orders, which are filled at once. */
async function tellOfFills(desk: BenchDesk, { url, count }: Plan) {
  const bodies = makeSignals({ prefix: `told-${count}`, count, symbols: 1 });
  const samples = await runLoad({ url: desk.signalUrl, ratePerSecond, bodies });
  const refused = samples.filter(({ status }) => status !== 202);
  if (refused[0] !== undefined) throw new Error(`a signal was answered ${refused[0].status}: ${refused[0].answer}`);
  const orderIds = new Set(samples.map(deskOrderIdOf));
  const endsAtMs = performance.now() + noticeMsMax;
  for (;;) {
    const told = fillsTold(await receivedAt(url), orderIds);
    if (told.lost === 0 || performance.now() >= endsAtMs) return told;
    await sleep(askEveryMs);
  }
}

/** The time of the way there alone, of a body as long as a notice. */
async function postBare({ url, count }: Plan, bytes: number): Promise<number[]> {
  const bodyOf = (index: number): string => {
    const fields = { kind: 'bare', orderId: `bare-${index}` };
    return JSON.stringify({ ...fields, text: 'x'.repeat(Math.max(0, bytes - JSON.stringify(fields).length)) });
  };
  const samples = await runLoad({
    url,
    ratePerSecond,
    bodies: Array.from({ length: count }, (_, index) => bodyOf(index)),
  });
  const arrivals = new Map((await receivedAt(url)).map(({ orderId, arrivedAtMs }) => [orderId, arrivedAtMs]));
  return samples.map(({ postedAtMs }, index) => (arrivals.get(`bare-${index}`) ?? Number.NaN) - postedAtMs);
}

async function receivedAt(url: string): Promise<ReceivedNotice[]> {
  return (await (await fetch(url)).json()) as ReceivedNotice[];
}

/** As its owner does once the channel is configured; the secret is there soon after. */
async function putSecret(endpoint: string, value: object): Promise<void> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new SecretsManagerClient({ endpoint, region: 'us-east-1', credentials });
  const SecretId = secretNames.channel('nightdesk/local', channel);
  const put = new PutSecretValueCommand({ SecretId, SecretString: JSON.stringify(value) });
  const trial = (): Promise<boolean> =>
    client.send(put).then(
      () => true,
      () => false,
    );
  await until(trial, `the secret of the channel is not there after ${firstNoticeMsMax} ms`);
  client.destroy();
}

/** Trades until the first notice comes. */
async function untilTold(desk: BenchDesk, url: string): Promise<void> {
  let trials = 0;
  const trial = async (): Promise<boolean> => {
    trials += 1;
    const [body = ''] = makeSignals({ prefix: `first-${trials}`, count: 1, symbols: 1 });
    await desk.client.postSignal(body);
    await sleep(askEveryMs);
    return (await receivedAt(url)).length > 0;
  };
  await until(trial, `no notice came within ${firstNoticeMsMax} ms`);
}

async function until(trial: () => Promise<boolean>, complaint: string): Promise<void> {
  const endsAtMs = performance.now() + firstNoticeMsMax;
  while (!(await trial())) {
    if (performance.now() > endsAtMs) throw new Error(complaint);
    await sleep(askEveryMs);
  }
}

function startReceiver(): Promise<ReadyChild> {
  const input: ReceiverInput = { secret };
  return startChild({
    name: 'receiver of notices',
    arguments: [scriptPath('receive-notices.ts')],
    input: JSON.stringify(input),
    watchdog: noWatchdog,
    log: console.error,
    onUnexpectedExit: (error) => console.error(error.message),
  });
}
