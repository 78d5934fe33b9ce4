/**
 * How fast ccxt parses a venue's answers and our mappers map them, one thread that does nothing else.
 *
 * stdin `MapAnswersInput`, stdout `MapperRate[]`, both JSON.
 */
import { json } from 'node:stream/consumers';
import { type AnswerSource, fetchAnswers } from '../answers.ts';
import { medianOf } from '../statistics.ts';
import { timeInTurn } from '../turns.ts';

export interface MapAnswersInput extends AnswerSource {
  rounds: number;
  sliceMs: number;
}

export interface MapperRate {
  /** What is mapped, in the plural. */
  name: string;
  /** How many one answer held. */
  count: number;
  /** Medians over the rounds. */
  parsedPerSecond: number;
  mappedPerSecond: number;
}

const { rounds, sliceMs, ...source } = (await json(process.stdin)) as MapAnswersInput;
const answers = await fetchAnswers(source);
const works = answers.flatMap(({ parse, map }) => [parse, map]);
const timings = timeInTurn(works, { rounds, sliceMs, nowMs: () => performance.now() });
const rates = answers.map(({ name, count }, index): MapperRate => {
  const perSecond = (work: number) => medianOf((timings[work] ?? []).map((tookMs) => (count * 1000) / tookMs));
  return { name, count, parsedPerSecond: perSecond(2 * index), mappedPerSecond: perSecond(2 * index + 1) };
});
// Connections that are kept for the next question would keep the process.
process.stdout.write(JSON.stringify(rates), () => process.exit(0));
