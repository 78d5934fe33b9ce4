/** How fast answers of a venue become Nightdesk's own words, beside what ccxt takes to parse them in the first place. */
import { runScript } from '../child.ts';
import type { MapAnswersInput, MapperRate } from '../processes/map-answers.ts';
import { type Report, times } from '../report.ts';
import { startSimulatedVenue } from '../simulated-venue.ts';
import { rounded } from '../statistics.ts';
import { venuesDirectory } from '../venue-layer.ts';

export async function measureMappers({ quick }: { quick: boolean }): Promise<Report> {
  const directory = await venuesDirectory();
  const turns = quick ? { rounds: 3, sliceMs: 30 } : { rounds: 9, sliceMs: 100 };
  const simulator = await startSimulatedVenue();
  const input: MapAnswersInput = { directory, simulatorUrl: simulator.url, ...simulator.keys, ...turns };
  const { output: rates } = await runScript<MapperRate[]>('map-answers.ts', input).finally(() => simulator.stop());
  const figures = Object.fromEntries(rates.map((rate) => [rate.name, { ...rate, costRatio: costRatioOf(rate) }]));
  return {
    title: `Mappers, one thread: of a simulated Binance's answers, median of ${turns.rounds} rounds`,
    columns: ['', 'in one answer', 'ccxt parses', 'mapped', 'parsed and mapped : parsed'],
    rows: rates.map((rate) => [
      rate.name,
      count(rate.count),
      perSecond(rate.parsedPerSecond),
      perSecond(rate.mappedPerSecond),
      times(costRatioOf(rate)),
    ]),
    notes: ['mapping checks every number and keeps it as a decimal; ccxt hands on what it finds'],
    figures,
  };
}

/** What parsing and mapping take together, over what parsing takes. */
const costRatioOf = ({ parsedPerSecond, mappedPerSecond }: MapperRate): number =>
  rounded(1 + parsedPerSecond / mappedPerSecond);

const count = (value: number): string => value.toLocaleString('en-US');

const perSecond = (rate: number): string => `${count(Math.round(rate))}/s`;
