/** What following resting orders asks of the venue and of the tables in an hour, beside asking about each of them every minute. */
import { synthesizeApp } from '@nightdesk/local/supervisor/app-assembly.ts';
import { runScript } from '../child.ts';
import type { TrackRestingInput, TrackRestingOutput } from '../processes/track-resting.ts';
import { type Report, times } from '../report.ts';
import { costOf, type HourlyCost, ratiosOf } from '../tracking-cost.ts';

/** Orders in one market are the common case; as many markets as orders the worst one. */
const situations = [
  { orders: 1, markets: 1 },
  { orders: 10, markets: 1 },
  { orders: 10, markets: 10 },
  { orders: 100, markets: 5 },
  { orders: 500, markets: 10 },
] as const;
/** Every half hour each order is asked about singly, whatever lists show of it: less than that would not be the average. */
const minutes = { quick: 30, full: 60 };
const naiveMinutes = 2;

export async function measureTracking({ quick }: { quick: boolean }): Promise<Report> {
  const directory = await synthesizeApp(console.error);
  const followed = quick ? minutes.quick : minutes.full;
  const found = [];
  for (const situation of situations) {
    const input: TrackRestingInput = { directory, ...situation, minutes: followed, naiveMinutes };
    const { output } = await runScript<TrackRestingOutput>('track-resting.ts', input);
    const nightdesk = costOf(output.nightdesk, situation.orders);
    const naive = costOf(output.naive, situation.orders);
    found.push({
      ...situation,
      nightdesk,
      naive,
      ratio: ratiosOf(naive, nightdesk),
      endpoints: output.nightdesk.endpoints,
    });
  }
  return {
    title: `Following orders that rest, per order and hour, over ${followed} minutes of the desk's own time`,
    columns: [
      'orders in markets',
      'venue calls',
      'naive',
      'fewer',
      'weight',
      'naive',
      'read units',
      'naive',
      'write units',
    ],
    rows: found.map(({ orders, markets, nightdesk, naive, ratio }) => [
      `${orders} in ${markets}`,
      ...[figure(nightdesk.venueCalls), figure(naive.venueCalls), times(ratio.venueCalls)],
      ...[figure(nightdesk.venueWeight), figure(naive.venueWeight)],
      ...[figure(nightdesk.readUnits), figure(naive.readUnits), figure(nightdesk.writeUnits)],
    ]),
    notes: [
      'naive: the same list of orders from the table, and each asked about singly every minute; it writes nothing',
      "units after DynamoDB's rules, from the requests of the deployed function; its own writes are leases of the venue's request limits",
      'sandboxes are warm, and no order changes',
    ],
    figures: { minutes: followed, naiveMinutes, situations: found },
  };
}

const figure = (value: HourlyCost[keyof HourlyCost]): string => value.toFixed(value < 10 ? 2 : 0);
