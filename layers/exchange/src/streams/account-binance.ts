/**
 * Binance tells an order and the trade that changed it in one message. Spot comes over the WebSocket API
 * (https://developers.binance.com/docs/binance-spot-api-docs/user-data-stream), contracts by a listen key
 * (https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams).
 */
import { type AccountReading, type AccountStreamTraits, isRaw, type Raw } from './account-reading.ts';
import { methodOf, type StreamVenueClient } from './stream-client.ts';

/** The event in a message, which the WebSocket API and combined streams wrap. */
const eventOf = ({ event, data, ...rest }: Raw): Raw => (isRaw(event) ? event : isRaw(data) ? data : rest);

/**
 * Left out: changes of a balance by an amount, of which ccxt makes a balance of that amount where it knows none, and which are
 * followed by the balance itself; and orders on contracts that wait for a trigger, which are kept apart from all others and of which
 * the desk places none (traits/binance.ts).
 */
const leftOut: ReadonlySet<unknown> = new Set(['balanceUpdate', 'externalLockUpdate', 'ALGO_UPDATE']);

function read(message: Raw, client: StreamVenueClient): AccountReading | undefined {
  const event = eventOf(message);
  if (leftOut.has(event.e)) return {};
  if (event.e === 'executionReport') return readReport(event, client);
  return event.e === 'ORDER_TRADE_UPDATE' && isRaw(event.o) ? readReport(event.o, client) : undefined;
}

/** `x` is what happened: https://developers.binance.com/docs/binance-spot-api-docs/user-data-stream#order-update */
function readReport(report: Raw, client: StreamVenueClient): AccountReading {
  const parse = (name: string) => methodOf(client, name)?.(report);
  return { orders: [parse('parseWsOrder')], trades: report.x === 'TRADE' ? [parse('parseWsTrade')] : [] };
}

const ends: ReadonlySet<unknown> = new Set(['listenKeyExpired', 'eventStreamTerminated']);

export const binanceAccount: AccountStreamTraits = {
  openReader: () => read,
  ordersWatch: { method: 'watchOrders', parameters: {} },
  isAcknowledgement: ({ result }) => isRaw(result) && result.subscriptionId !== undefined,
  // Contracts have no answer: the listen key in the address is the subscription.
  acknowledgementsOf: (watches) => (watches.some(({ parameters }) => parameters.type === 'swap') ? 0 : 1),
  endOf(message) {
    const { e: name } = eventOf(message);
    return typeof name === 'string' && ends.has(name) ? name : undefined;
  },
  // An order on contracts tells its average price, rounded.
  isCostExact: ({ kind }) => kind === 'spot',
};
