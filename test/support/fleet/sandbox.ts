/**
 * One sandbox of a fleet: a process that sends to a venue as much as its budget lets it, when it is told to. Commands come as
 * JSON lines on stdin; each is answered by a JSON line when it is done.
 */
import { createInterface } from 'node:readline';
import { createCoordinationTable, createDynamoDbClient, systemClock } from '@nightdesk/aws';
import {
  type AccountId,
  amount,
  LocalBudget,
  type Market,
  price,
  type RequestLimit,
  type VenueId,
} from '@nightdesk/core';
import { createVenue, type VenueFleet } from '@nightdesk/exchange';
import { createVenueFleets } from '../../../functions/shared/venue-fleets.ts';
import { createRecordingTelemetry, type RecordingTelemetry } from '../telemetry.ts';

export interface FleetCommand {
  /** The simulated venue. */
  url: string;
  venue: string;
  /** Folder of the venue layer. */
  directory: string;
  credentials: { apiKey: string; secret: string };
  market: Market;
  /** Instead of the venue's own. */
  limits?: readonly RequestLimit[];
  /** Table in which the fleet meets, and under which name. Absent leaves each to itself. */
  table?: string;
  fleetName: string;
  /** UTC epoch milliseconds. */
  startAtMs: number;
  endAtMs: number;
  /** Loops that place orders, and that ask for them, side by side. */
  placing: number;
  asking: number;
}

/** How calls ended, by kind and cause, and what failed beside them. */
export type FleetReport = Record<string, number>;

/** After a call that was refused at once, so that a sandbox does not spin. */
const pauseMs = 25;

async function run(command: FleetCommand): Promise<FleetReport> {
  const { url, directory, credentials, market, startAtMs, endAtMs } = command;
  const venue = command.venue as VenueId;
  const telemetry = createRecordingTelemetry();
  const port = await createVenue({
    ...{ venue, directory, credentials, mode: 'sandbox', clock: systemClock },
    exchangeConfig: { baseUrl: url, timeoutMs: 5_000 },
    fleet: fleetOf(command, telemetry),
  });
  const report: FleetReport = {};
  const count = (what: string) => {
    report[what] = (report[what] ?? 0) + 1;
  };
  let sequence = 0;
  const request = () => {
    sequence += 1;
    const clientOrderId = `nd${process.pid}x${sequence}x${startAtMs % 1_000_000}`;
    return { clientOrderId, symbol: market.symbol, side: 'buy' as const, amount: amount('0.001') };
  };
  const place = async () => {
    const outcome = await port.placeOrder(
      { ...request(), type: 'limit', price: price('20000'), timeInForce: 'IOC' },
      market,
    );
    if (outcome.kind === 'accepted') return 'placed';
    return `order ${outcome.kind}: ${outcome.kind === 'rejected' ? outcome.evidence.code : outcome.cause.code}`;
  };
  const ask = async () => {
    const outcome = await port.findOrder({ ...request(), sinceMs: startAtMs }, market);
    return outcome.kind === 'unknown' ? `question unknown: ${outcome.cause.code}` : 'asked';
  };
  const loop = async (call: () => Promise<string>) => {
    while (systemClock.nowMs() < endAtMs) {
      const result = await call();
      count(result);
      if (result.includes(': ')) await systemClock.sleep(pauseMs);
    }
  };
  await systemClock.sleep(Math.max(0, startAtMs - systemClock.nowMs()));
  const loops = (calls: number, call: () => Promise<string>) => Array.from({ length: calls }, () => loop(call));
  await Promise.all([...loops(command.placing, place), ...loops(command.asking, ask)]);
  for (const line of telemetry.lines) if (line.includes('errorName')) count(line);
  return report;
}

/** The functions' own way to a venue's limits, except that the limits may be others. */
function fleetOf({ venue, limits: given, table, fleetName }: FleetCommand, telemetry: RecordingTelemetry): VenueFleet {
  const store = createCoordinationTable(createDynamoDbClient(), table ?? 'none');
  const fleets = createVenueFleets({ store, egressName: fleetName, clock: systemClock, telemetry });
  const fleet = fleets(venue as VenueId, fleetName as AccountId);
  const openAlone = (limits: readonly RequestLimit[]) => new LocalBudget({ limits, clock: systemClock });
  const open = table === undefined ? openAlone : fleet.openBudget;
  return { ...fleet, openBudget: (limits) => open(given ?? limits) };
}

process.stdout.write('"ready"\n');
for await (const line of createInterface({ input: process.stdin })) {
  const report = await run(JSON.parse(line) as FleetCommand);
  process.stdout.write(`${JSON.stringify(report)}\n`);
}
