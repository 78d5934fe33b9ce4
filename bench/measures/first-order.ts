/** The first order of a cold process that is handed the one market it trades, beside one that loads them all. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { systemClock } from '@nightdesk/aws/system-clock.ts';
import { amount, type Market, type VenueId } from '@nightdesk/core';
import { createVenue } from '@nightdesk/exchange';
import { bundleScript } from '@nightdesk/infra/bundling/bundle-script.ts';
import { runScript, scriptPath } from '../child.ts';
import type { StoredMarketOrderInput, StoredMarketOrderOutput } from '../processes/stored-market-order.ts';
import { milliseconds, type Report, times } from '../report.ts';
import { type SimulatedVenue, startSimulatedVenue } from '../simulated-venue.ts';
import { distributionOf, medianOf, rounded } from '../statistics.ts';
import { venuesDirectory } from '../venue-layer.ts';

const symbol = 'BTC/USDT';
const size = '0.001';
/** Lists two thousand markets; a first order asks for them once, a cold machine at most this long. */
const timeoutMs = 10_000;
/**
 * The least that ccxt's class can do and still know its markets: one request for the spot list, none for currencies, margin
 * pairs and contracts, and no pause between requests.
 */
const leanConfig = {
  enableRateLimit: false,
  options: { fetchMarkets: { types: ['spot'] }, fetchMargins: false, fetchCurrencies: false },
};

interface Sample {
  /** From the process's start to the venue's acceptance. */
  totalMs: number;
  /** Processor time of the whole process. */
  cpuMs: number;
}

interface LoadedSample extends Sample {
  importMs: number;
  loadMarketsMs: number;
  marketsCount: number;
}

interface Bench {
  simulator: SimulatedVenue;
  directory: string;
  /** Path of the bundled script that places an order with a stored market. */
  script: string;
  market: Market;
}

export async function measureFirstOrder({ quick }: { quick: boolean }): Promise<Report> {
  const directory = await venuesDirectory();
  const workDirectory = mkdtempSync(join(tmpdir(), 'nightdesk-first-order-'));
  const simulator = await startSimulatedVenue();
  try {
    const script = join(workDirectory, 'order.mjs');
    await bundleScript({
      ...{ entry: scriptPath('stored-market-order.ts'), credentials: 'environment', name: 'order' },
      outdir: workDirectory,
    });
    const market = await fetchMarket(simulator, directory);
    return reportOf(await sampleInTurn({ simulator, directory, script, market }, quick ? 3 : 9));
  } finally {
    await simulator.stop();
    rmSync(workDirectory, { recursive: true, force: true });
  }
}

/** Fetched once, as the scheduled refresh does for the table of markets. */
async function fetchMarket({ url }: SimulatedVenue, directory: string): Promise<Market> {
  const exchangeConfig = { baseUrl: url, timeoutMs };
  const options = {
    venue: 'binance' as VenueId,
    directory,
    mode: 'sandbox',
    exchangeConfig,
    clock: systemClock,
  } as const;
  const markets = await (await createVenue(options)).fetchMarkets();
  const market = markets.find((candidate) => candidate.symbol === symbol);
  if (market === undefined) throw new Error(`the simulated venue does not list ${symbol}`);
  return market;
}

interface Samples {
  stored: Sample[];
  loaded: LoadedSample[];
}

async function sampleInTurn(bench: Bench, count: number): Promise<Samples> {
  const samples: Samples = { stored: [], loaded: [] };
  // Once unmeasured: the venue, too, has to be warm for whoever comes first.
  await sampleStored(bench, 'warm-stored');
  await sampleLoaded(bench, 'warm-loaded');
  for (let index = 0; index < count; index++) {
    samples.stored.push(await sampleStored(bench, `stored-${index}`));
    samples.loaded.push(await sampleLoaded(bench, `loaded-${index}`));
  }
  return samples;
}

async function sampleStored(bench: Bench, clientOrderId: string): Promise<Sample> {
  const { simulator, directory, script, market } = bench;
  const request = { clientOrderId, symbol, side: 'buy', type: 'market', amount: amount(size) } as const;
  const input: StoredMarketOrderInput = { directory, simulatorUrl: simulator.url, ...simulator.keys, market, request };
  const { output, spawnedAtMs } = await runScript<StoredMarketOrderOutput>(script, input);
  return { ...output, totalMs: (await simulator.acceptedAtMs(clientOrderId)) - spawnedAtMs };
}

async function sampleLoaded({ simulator, directory }: Bench, clientOrderId: string): Promise<LoadedSample> {
  const input = {
    ...{ module: pathToFileURL(join(directory, 'rest/binance.js')).href, exportName: 'default' },
    ...{ config: { ...simulator.keys, ...leanConfig }, simulatorUrl: simulator.url },
    ...{ clientOrderId, symbol, amount: Number(size) },
  };
  const { output, spawnedAtMs } = await runScript<Omit<LoadedSample, 'totalMs'>>('naive-order.mjs', input);
  return { ...output, totalMs: (await simulator.acceptedAtMs(clientOrderId)) - spawnedAtMs };
}

function reportOf({ stored, loaded }: Samples): Report {
  const summaryOf = (samples: readonly Sample[]) => ({
    total: distributionOf(samples.map(({ totalMs }) => totalMs)),
    cpu: distributionOf(samples.map(({ cpuMs }) => cpuMs)),
  });
  const [nightdesk, ccxt] = [summaryOf(stored), summaryOf(loaded)];
  const median = (name: keyof LoadedSample) => medianOf(loaded.map((sample) => sample[name]));
  const [importMs, loadMarketsMs, marketsCount] = [median('importMs'), median('loadMarketsMs'), median('marketsCount')];
  const ratio = {
    total: rounded(ccxt.total.p50 / nightdesk.total.p50),
    cpu: rounded(ccxt.cpu.p50 / nightdesk.cpu.p50),
  };
  const cells = ({ total, cpu }: typeof ccxt) =>
    [total.p50, total.max, cpu.p50, cpu.max].map((value) => milliseconds(value));
  return {
    title: `First order of a cold process: spawned → accepted by the venue, ${stored.length} samples each`,
    columns: ['', 'p50', 'max', 'processor p50', 'max'],
    rows: [
      ['Nightdesk with a stored market', ...cells(nightdesk)],
      [`ccxt's class, loadMarkets of ${marketsCount.toLocaleString('en-US')}`, ...cells(ccxt)],
      ['  of which import', milliseconds(importMs)],
      ['  of which loadMarkets', milliseconds(loadMarketsMs)],
    ],
    notes: [
      `${times(ratio.total)} sooner with ${times(ratio.cpu)} less processor time; both import the class from the venue layer`,
      'loadMarkets is asked for as little as it can be: the spot list only, over loopback',
    ],
    figures: { nightdesk, ccxt, importMs, loadMarketsMs, marketsCount, ratio },
  };
}
