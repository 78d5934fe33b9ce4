/** Signal posted → order accepted by the venue, beside the least that could be done with a signal. */
import { noWatchdog } from '@nightdesk/local/cloud/lambda/watchdog.ts';
import { type ReadyChild, startChild } from '@nightdesk/local/supervisor/child-process.ts';
import { scriptPath } from '../child.ts';
import type { BenchDesk } from '../desk.ts';
import { answerTimesOf, deskOrderIdOf, followUp, latenciesOf, type OrderIdOf, type Outcome, runLoad } from '../load.ts';
import type { FloorInput } from '../processes/floor.ts';
import { distributionCells, distributionColumns, type Report, times, verdict } from '../report.ts';
import { makeSignals } from '../signals.ts';
import { distributionOf, rounded } from '../statistics.ts';

const ratePerSecond = 10;
const targetMs = { p50: 25, p99: 50 };
/** Both sides are warmed up alike: what is compared is how they run, not how soon their code is compiled. */
const warmUp = { count: 300, ratePerSecond: 30 };
const waitMsMax = 30_000;

export async function measureLatency(desk: BenchDesk, { quick }: { quick: boolean }): Promise<Report> {
  const seconds = quick ? 5 : 30;
  const own = await measure(desk, { name: 'desk', url: desk.signalUrl, seconds, orderIdOf: deskOrderIdOf });
  const floor = await startFloor(desk);
  const bare = await measure(desk, {
    name: 'floor',
    url: String(floor.ready.url),
    seconds,
    orderIdOf: ({ answer }) => JSON.parse(answer).clientOrderId,
  }).finally(() => floor.stop());
  const [nightdesk, bareHandler] = [distributionOf(latenciesOf(own)), distributionOf(latenciesOf(bare))];
  const answered = distributionOf(answerTimesOf(own));
  const lateness = distributionOf(own.accepted.map(({ dueAtMs, postedAtMs }) => postedAtMs - dueAtMs));
  const ratio = { p50: rounded(nightdesk.p50 / bareHandler.p50), p99: rounded(nightdesk.p99 / bareHandler.p99) };
  const reached = nightdesk.p50 <= targetMs.p50 && nightdesk.p99 <= targetMs.p99;
  const { refused, lost, doubled } = own;
  return {
    title: `Signal posted → order accepted by the venue, ${ratePerSecond} signals/s for ${seconds} s`,
    columns: ['', ...distributionColumns],
    rows: [
      ['Nightdesk', ...distributionCells(nightdesk)],
      ['bare handler with ccxt', ...distributionCells(bareHandler)],
      ['ratio', times(ratio.p50), '', times(ratio.p99), ''],
      ['Nightdesk, answered 202', ...distributionCells(answered)],
    ],
    notes: [
      `target p50 ${targetMs.p50} ms and p99 ${targetMs.p99} ms: ${verdict(reached)}`,
      `${own.accepted.length} signals accepted, ${refused} refused, ${lost} lost, ${doubled} doubled; posted at most ${lateness.max} ms late`,
    ],
    figures: { nightdesk, bareHandler, ratio, answered, lateness, refused, lost, doubled, targetMs, reached },
  };
}

interface Side {
  name: string;
  url: string;
  seconds: number;
  orderIdOf: OrderIdOf;
}

async function measure(desk: BenchDesk, { name, url, seconds, orderIdOf }: Side): Promise<Outcome> {
  const warmUpBodies = makeSignals({ prefix: `${name}-warm`, count: warmUp.count, symbols: 1 });
  const warm = await runLoad({ url, ratePerSecond: warmUp.ratePerSecond, bodies: warmUpBodies });
  // What is measured must not wait behind what only warmed up.
  await followUp(desk, warm, { orderIdOf, waitMsMax });
  const bodies = makeSignals({ prefix: name, count: seconds * ratePerSecond, symbols: 1 });
  return followUp(desk, await runLoad({ url, ratePerSecond, bodies }), { orderIdOf, waitMsMax });
}

function startFloor({ simulatorUrl, keys }: BenchDesk): Promise<ReadyChild> {
  const input: FloorInput = { simulatorUrl, ...keys };
  return startChild({
    name: 'bare handler',
    arguments: [scriptPath('floor.ts')],
    input: JSON.stringify(input),
    watchdog: noWatchdog,
    log: console.error,
    onUnexpectedExit: (error) => console.error(error.message),
  });
}
