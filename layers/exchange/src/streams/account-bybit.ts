/**
 * Bybit tells orders and executions apart, one after the other or the other way round
 * (https://bybit-exchange.github.io/docs/v5/websocket/private/order, …/execution, …/wallet). ccxt takes orders on spot for orders of
 * the contract of the same name, since they have a field that only those had once; the category says which it is.
 */
import { type AccountReading, type AccountStreamTraits, marketsNamed, type Raw, rawsOf } from './account-reading.ts';
import { methodOf, type StreamVenueClient } from './stream-client.ts';

function read({ topic, data }: Raw, client: StreamVenueClient): AccountReading | undefined {
  const entries = rawsOf(data);
  const parse = (name: string, raw: Raw) => methodOf(client, name)?.(raw, marketOf(raw, client));
  if (topic === 'order') return { orders: entries.map((raw) => parse('parseOrder', raw)) };
  if (topic === 'execution') {
    // As when they are asked for: funding and settlements are no trades.
    const trades = entries.filter(({ execType }) => execType === 'Trade');
    return {
      trades: trades.map((raw) => ({ ...(parse('parseTrade', raw) as object), clientOrderId: raw.orderLinkId })),
    };
  }
  return topic === 'wallet' ? { balances: balancesOf(entries) } : undefined;
}

/** ccxt's market of an entry; `undefined` leaves ccxt to guess, and a market that it makes up is not read. */
const marketOf = ({ symbol, category }: Raw, client: StreamVenueClient): unknown =>
  marketsNamed(client, symbol).find(({ spot }) => (spot === true) === (category === 'spot'));

/** What is in the wallet, as `fetchBalance` shows it: the equity that ccxt takes here counts open profits. */
function balancesOf(accounts: readonly Raw[]): Raw {
  const coins = accounts.flatMap(({ coin }) => rawsOf(coin));
  return Object.fromEntries(coins.map(({ coin, walletBalance }) => [String(coin), { total: walletBalance }]));
}

export const bybitAccount: AccountStreamTraits = {
  openReader: () => read,
  isAcknowledgement: ({ op, success }) => op === 'subscribe' && success === true,
  acknowledgementsOf: (watches) => watches.length,
  isCostExact: () => true,
};
