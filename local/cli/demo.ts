/** `npm run demo`: one TradingView alert, followed from the webhook to the filled order. */
import { parseArgs } from 'node:util';
import type { JournalEvent, Order } from '@nightdesk/core';
import { findDeskTables } from '../audit/desk-tables.ts';
import { createLocalClient } from '../audit/local-tables.ts';
import { describeVerification, verifyDesk } from '../audit/verify-desk.ts';
import { createDeskClient, type DeskClient, type SimulatorOrder } from '../supervisor/client.ts';
import { type Cloud, startCloud } from '../supervisor/cloud.ts';

const help = `Starts the desk and a simulated Binance on this machine, posts one TradingView alert, follows it to the filled order,
verifies the journal, and stops. Keeps nothing.

  npm run demo [-- --help]`;

const say = (text = ''): void => console.log(text);

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h', default: false } } });
  if (values.help) return say(help);
  say('Starting the desk: the same bundles that `cdk deploy` ships, on an embedded cloud, and a simulated Binance.');
  // What is shown is one order's journey; a service that starts beside it and streams books would only make that longer.
  const cloud = await startCloud({ log: (message) => say(`  ${message}`), collects: false, streams: false });
  try {
    await follow(cloud);
  } finally {
    await cloud.close();
  }
}

/** What TradingView sends for this alert once it has filled in its placeholders. */
function tradingViewAlert(): object {
  return {
    ticker: 'BTCUSDT',
    exchange: 'BINANCE',
    action: 'buy',
    contracts: '0.01',
    orderId: 'Long',
    timenow: new Date().toISOString(),
  };
}

async function follow(cloud: Cloud): Promise<void> {
  const desk = createDeskClient(cloud.ready);
  const alert = tradingViewAlert();
  say(`\nA TradingView alert is posted to ${cloud.ready.api}/signals/demo/<token>:\n  ${JSON.stringify(alert)}`);
  const postedAtMs = preciseNowMs();
  const answer = await desk.postSignal(alert);
  const answeredAtMs = preciseNowMs();
  const { signalId } = answer.body;
  if (answer.status !== 202 || signalId === undefined)
    throw new Error(`the alert was not accepted: ${JSON.stringify(answer)}`);
  const again = await desk.postSignal(alert);
  const { orders } = await desk.waitForOrder(signalId);
  const [order] = orders;
  if (order?.state !== 'filled') throw new Error(`the order was not filled: ${JSON.stringify(orders)}`);
  const { body: journal } = await desk.call<{ events: JournalEvent[] }>('GET', `/orders/${order.orderId}/events`);
  const atVenue = await findAtVenue(desk, order);
  printJourney({ order, events: journal.events, atVenue, postedAtMs, answeredAtMs });
  say(
    `\nThe same alert posted again was answered ${again.status} "${again.body.status}", and the venue has ${atVenue.count} order.`,
  );
  await verify(cloud);
}

async function findAtVenue(desk: DeskClient, order: Order): Promise<SimulatorOrder & { count: number }> {
  const found = await desk.simulatorOrders({ clientOrderId: order.orderId });
  const [venueOrder] = found;
  if (venueOrder === undefined || found.length > 1)
    throw new Error(`the venue has ${found.length} orders for this alert`);
  return { ...venueOrder, count: found.length };
}

interface Journey {
  order: Order;
  events: JournalEvent[];
  atVenue: SimulatorOrder;
  postedAtMs: number;
  answeredAtMs: number;
}

function printJourney({ order, events, atVenue, postedAtMs, answeredAtMs }: Journey): void {
  const since = (atMs: number): string => `${(atMs - postedAtMs).toFixed(1)} ms`.padStart(10);
  const recorded = events.find(({ type }) => type === 'order.intended');
  const outcome = events.find(({ type }) => type === 'order.observed');
  const hops: [number, string, string][] = [
    [postedAtMs, 'posted', 'TradingView calls the webhook'],
    [order.receivedAtMs, 'received', 'receive-signal checks the token and the alert'],
    [answeredAtMs, 'answered 202', `the signal is on the queue as ${order.signalId}`],
    [recorded?.atMs ?? Number.NaN, 'recorded', `execute-order writes the intent ${order.orderId}`],
    [atVenue.acceptedAtMs, 'accepted', `Binance takes the order as number ${order.venueOrderId}`],
    [outcome?.atMs ?? Number.NaN, 'filled', fillText(order)],
  ];
  say('\nIts journey, in milliseconds since it was posted:');
  // The answer to the sender and the work on its signal go on side by side, so the order of the hops is that of their times.
  for (const [atMs, hop, what] of hops.sort(([left], [right]) => left - right))
    say(`${since(atMs)}  ${hop.padEnd(13)} ${what}`);
}

function fillText({ filled, symbol, fills, side }: Order): string {
  const [base, quote] = symbol.split('/');
  const parts = fills.map(
    ({ amount, price, fee }) => `${amount} at ${price} ${quote}${fee ? `, fee ${fee.amount} ${fee.asset}` : ''}`,
  );
  return `${side === 'buy' ? 'bought' : 'sold'} ${filled} ${base}: ${parts.join('; ')}`;
}

async function verify({ ready }: Cloud): Promise<void> {
  const client = createLocalClient(ready.aws);
  const verification = await verifyDesk(client, await findDeskTables(client, 'local'));
  client.destroy();
  say(`The audit: ${describeVerification(verification)}.`);
  if (verification.kind !== 'verified') throw new Error('the journal does not verify');
}

/** Epoch milliseconds with decimals. */
const preciseNowMs = (): number => performance.timeOrigin + performance.now();

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
