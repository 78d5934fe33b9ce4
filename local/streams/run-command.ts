/** Does what `npm run streams` is asked for. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describeQuotes } from './describe-quotes.ts';
import { describeStreams, isFine } from './describe-streams.ts';
import { type LiveSource, openSource } from './live-source.ts';
import { readCommand, type StreamsCommand, streamsHelp } from './options.ts';
import { type Output, openScreen } from './screen.ts';
import { StreamsError } from './streams-error.ts';

export interface Surroundings {
  output: Output;
  environment: NodeJS.ProcessEnv;
  /** Aborted when the person wants no more of it. */
  interrupted: AbortSignal;
  nowMs(): number;
}

/** @returns the exit code; @throws Error whose message is for people, when it could not be done */
export async function runCommand(args: readonly string[], around: Surroundings): Promise<number> {
  const command = readCommand(args, around.environment);
  if (command.name === 'help') {
    around.output.write(`${streamsHelp}\n`);
    return 0;
  }
  const source = await openSource(command.place);
  try {
    if (command.name === 'quote') return await showQuotes(command, source, around);
    return command.once ? await showOnce(command, source, around) : await showTop(command, source, around);
  } finally {
    source.close();
  }
}

type Named<Name> = Extract<StreamsCommand, { name: Name }>;

async function showQuotes(
  { symbol, venue, json }: Named<'quote'>,
  source: LiveSource,
  { output, nowMs }: Surroundings,
): Promise<number> {
  const quotes = await source.quotes(symbol, venue);
  output.write(`${json ? JSON.stringify({ quotes }) : describeQuotes(quotes, nowMs())}\n`);
  return quotes.some(({ stale }) => stale) ? 1 : 0;
}

async function showOnce({ json }: Named<'top'>, source: LiveSource, { output }: Surroundings): Promise<number> {
  const answer = await source.status();
  output.write(`${json ? JSON.stringify(answer) : describeStreams(answer)}\n`);
  return isFine(answer) ? 0 : 1;
}

/** One picture after the other until the person has seen enough. A desk that does not answer for a while is waited for. */
async function showTop(
  { json, everyMs }: Named<'top'>,
  source: LiveSource,
  { output, interrupted, nowMs }: Surroundings,
): Promise<number> {
  const screen = json ? { draw: (text: string) => void output.write(`${text}\n`), close() {} } : openScreen(output);
  try {
    while (!interrupted.aborted) {
      const startedMs = nowMs();
      screen.draw(await pictureOf(source, json));
      const leftMs = Math.max(0, startedMs + everyMs - nowMs());
      await sleep(leftMs, undefined, { signal: interrupted }).catch(() => undefined);
    }
  } finally {
    screen.close();
  }
  return 0;
}

async function pictureOf(source: LiveSource, json: boolean): Promise<string> {
  try {
    const answer = await source.status();
    return json ? JSON.stringify(answer) : describeStreams(answer);
  } catch (error) {
    if (!(error instanceof StreamsError)) throw error;
    return json ? JSON.stringify({ error: error.message }) : error.message;
  }
}
