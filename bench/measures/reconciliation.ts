/** What comparing accounts with their venue every minute asks of the venue and of the tables, and how long it takes. */
import { synthesizeApp } from '@nightdesk/local/supervisor/app-assembly.ts';
import { runScript } from '../child.ts';
import type { ReconcileAccountsInput, ReconcileAccountsOutput } from '../processes/reconcile-accounts.ts';
import { perLookOf } from '../reconciling-cost.ts';
import { megabytes, milliseconds, type Report } from '../report.ts';

const situations = { quick: [1, 10], full: [1, 10, 100] };
/** Transfers are asked for every fifth time: less than that would not be the average. */
const looks = { quick: 2, full: 5 };
const uncounted = { quick: 1, full: 2 };
const tradingOneOf = 5;

export async function measureReconciliation({ quick }: { quick: boolean }): Promise<Report> {
  const directory = await synthesizeApp(console.error);
  const size = quick ? 'quick' : 'full';
  const counted = looks[size];
  const input: ReconcileAccountsInput = {
    ...{ directory, situations: situations[size], looks: counted, uncountedLooks: uncounted[size], tradingOneOf },
  };
  const { output } = await runScript<ReconcileAccountsOutput>('reconcile-accounts.ts', input);
  const found = output.map(perLookOf);
  return {
    title: `Reconciliation, per account and look, over ${counted} minutes of the desk's own time`,
    columns: [
      'accounts (trading)',
      'venue calls',
      'weight',
      'table requests',
      'read units',
      'write units',
      'look p50',
      'look p99',
      'all of them p50',
      'memory',
    ],
    rows: found.map(({ accounts, trading, look, round, memoryMb, ...each }) => [
      `${accounts} (${trading})`,
      ...[each.venueCalls, each.venueWeight, each.tableRequests, each.readUnits, each.writeUnits].map(figure),
      ...[milliseconds(look.p50), milliseconds(look.p99), milliseconds(round.p50), megabytes(memoryMb)],
    ]),
    notes: [
      'counted is all that follows from the schedule: planning, the looks, the sums over all accounts, and what streams hand on',
      'one account of five places an order between two looks and has one that rests; all books agree at the end',
      "units after DynamoDB's rules; the venue is a simulated Binance, whose limits let all of it through; two accounts at once",
    ],
    figures: { looks: counted, situations: found },
  };
}

const figure = (value: number): string => value.toFixed(value < 100 ? 2 : 0);
