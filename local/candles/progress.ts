/** How far something is: a bar on a terminal, a line now and then elsewhere. */
import { Presets, SingleBar } from 'cli-progress';
import { grouped } from './command.ts';
import { durationText } from './describe.ts';

export interface Progress {
  /** @param note why it does not move, where it does not */
  update(done: number, note?: string): void;
  stop(): void;
}

export interface ProgressOptions {
  total: number;
  /** What is counted, e.g. `candles`. */
  unit: string;
  stream: NodeJS.WriteStream;
  nowMs(): number;
}

const lineEveryMs = 5_000;
/** The speed is that of the last while, so that it is the present one. */
const windowMs = 10_000;

export function createProgress({ total, unit, stream, nowMs }: ProgressOptions): Progress {
  const speed = createSpeed(nowMs);
  const wordsOf = (done: number, note = '') => {
    const perSecond = speed(done);
    const left = perSecond > 0 && done < total ? `, ${durationText(((total - done) / perSecond) * 1_000)} left` : '';
    return note === '' ? `${grouped(Math.round(perSecond))} ${unit}/s${left}` : note;
  };
  if (!stream.isTTY) return createLines({ total, unit, stream, nowMs }, wordsOf);
  const bar = new SingleBar(
    { ...{ stream, format: '{bar} {percentage} % | {count} | {words}', hideCursor: true }, barsize: 30 },
    Presets.shades_classic,
  );
  const payloadOf = (done: number, note?: string) => ({
    count: countText(done, total, unit),
    words: wordsOf(done, note),
  });
  bar.start(total, 0, payloadOf(0));
  return {
    update: (done, note) => bar.update(done, payloadOf(done, note)),
    stop: () => bar.stop(),
  };
}

const countText = (done: number, total: number, unit: string): string => `${grouped(done)}/${grouped(total)} ${unit}`;

function createLines(
  { total, unit, stream, nowMs }: ProgressOptions,
  wordsOf: (done: number, note?: string) => string,
): Progress {
  let toldAtMs = nowMs();
  return {
    update(done, note) {
      const words = wordsOf(done, note);
      if (nowMs() - toldAtMs < lineEveryMs) return;
      toldAtMs = nowMs();
      const percent = total === 0 ? 100 : Math.floor((done / total) * 100);
      stream.write(`${percent} % | ${countText(done, total, unit)} | ${words}\n`);
    },
    stop() {},
  };
}

function createSpeed(nowMs: () => number): (done: number) => number {
  const seen: { atMs: number; done: number }[] = [];
  return (done) => {
    const atMs = nowMs();
    seen.push({ atMs, done });
    while (seen.length > 2 && (seen[0]?.atMs ?? atMs) < atMs - windowMs) seen.shift();
    const [first = { atMs, done }] = seen;
    return atMs > first.atMs ? ((done - first.done) / (atMs - first.atMs)) * 1_000 : 0;
  };
}
