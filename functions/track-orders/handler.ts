import type { Telemetry } from '@nightdesk/aws';
import {
  accountOf,
  type ConfiguredAccount,
  callStartMsMax,
  type DeskConfig,
  type ExecutionPorts,
  limitsOf,
  metricNames,
  type Order,
  refreshOrder,
  resolveOrder,
} from '@nightdesk/core';

export interface TrackOrdersDependencies {
  loadConfig(): Promise<DeskConfig>;
  ports: Pick<ExecutionPorts, 'orders' | 'clock' | 'findMarket' | 'openVenue'>;
  liveTrading: boolean;
  telemetry: Telemetry;
}

/** Orders of one account looked at in one run; the rest follows in the next ones. */
const ordersMax = 500;
/** Orders of one account that take turns. */
const listedMax = 5_000;
/** Steps of this part of a list come close to every place of it soon, whatever its length: the golden section. */
const turnStep = 0.618_033_988_75;
const minuteMs = 60_000;
/** Questions to one venue at once. */
const lanesPerAccount = 4;

export interface TrackingSummary {
  looked: number;
  /** Orders whose state the venue still has not told. */
  unknown: number;
  /** Orders that could not be asked about, or that are open and that the venue did not show. */
  failed: number;
}

/**
 * Brings every order that is not final up to date with its venue. One account or order that fails leaves the others alone.
 *
 * @param deadlineMs when this run must have ended; UTC epoch milliseconds
 */
export function createHandler(dependencies: TrackOrdersDependencies) {
  return async (deadlineMs: number): Promise<TrackingSummary> => {
    const { telemetry, loadConfig } = dependencies;
    const config = await loadConfig();
    const accounts = Object.keys(config.accounts).map((id) => accountOf(config, id));
    const known = accounts.filter((account) => account !== undefined);
    const context = { ...dependencies, config, deadlineMs };
    const summaries = await Promise.all(known.map((account) => trackAccount(account, context)));
    const sum = (field: keyof TrackingSummary) => summaries.reduce((total, summary) => total + summary[field], 0);
    const summary = { looked: sum('looked'), unknown: sum('unknown'), failed: sum('failed') };
    telemetry.count(metricNames.ordersUnknown, summary.unknown + summary.failed);
    if (summary.looked > 0) telemetry.info('orders tracked', { ...summary });
    return summary;
  };
}

type TrackingContext = TrackOrdersDependencies & { config: DeskConfig; deadlineMs: number };

async function trackAccount(account: ConfiguredAccount, context: TrackingContext): Promise<TrackingSummary> {
  const { ports, telemetry, deadlineMs } = context;
  const summary: TrackingSummary = { looked: 0, unknown: 0, failed: 0 };
  const waiting = inTurn(await ports.orders.listOpen(account.id, listedMax), ports.clock.nowMs());
  const worker = async () => {
    for (let order = waiting.shift(); order !== undefined; order = waiting.shift()) {
      if (ports.clock.nowMs() >= deadlineMs) return;
      summary.looked += 1;
      const state = await trackOrder(order, account, context).catch((error: unknown) => {
        telemetry.failure('order could not be tracked', error);
        summary.failed += 1;
      });
      if (state === 'unknown') summary.unknown += 1;
    }
  };
  await Promise.all(Array.from({ length: lanesPerAccount }, worker));
  return summary;
}

/** Orders in doubt first. Those that rest at the venue begin elsewhere each minute, so that none is always left over. */
function inTurn(orders: readonly Order[], nowMs: number): Order[] {
  const doubtful = orders.filter(({ state }) => state !== 'open');
  const open = orders.filter(({ state }) => state === 'open');
  const start = Math.floor(((Math.floor(nowMs / minuteMs) * turnStep) % 1) * open.length);
  return [...doubtful, ...open.slice(start), ...open.slice(0, start)].slice(0, ordersMax);
}

async function trackOrder(order: Order, account: ConfiguredAccount, context: TrackingContext): Promise<Order['state']> {
  const { ports, config, liveTrading } = context;
  // Whoever recorded it is still at work on it.
  if (order.state === 'intended' && ports.clock.nowMs() - order.attemptedAtMs < callStartMsMax) return order.state;
  // Another venue than the order's would show that it does not have the order, and that says nothing.
  if (account.venue !== order.venue) {
    throw new Error(`order ${order.orderId} is at ${order.venue}, and its account ${account.id} at ${account.venue}`);
  }
  const market = await ports.findMarket(order.venue, order.symbol);
  if (market === undefined) throw new Error(`${order.symbol} is not a market of ${order.venue} any more`);
  const venue = await ports.openVenue(account);
  // The signal is long past: what turns out not to be placed stays that way.
  const policy = {
    account,
    limits: limitsOf(config, account.id),
    liveTrading,
    onUnknown: 'give_up' as const,
    standIns: [],
    expiresAtMs: 0,
  };
  // One question per run and order: this comes round every minute.
  const oneQuestion = { ...ports, deadlineMs: ports.clock.nowMs() };
  const follow = order.state === 'open' ? refreshOrder : resolveOrder;
  return (await follow(order, { venue, market, policy }, oneQuestion)).state;
}
