/** The books of a venue as users of ccxt.pro read them. */
import { pro } from 'ccxt';
import type { BookReader, Counts, ReadBooksInput } from './processes/read-books.ts';

/** Of each side: what the desk asks Bybit for where a quote has ten. */
const levels = 50;

/** ccxt's own class with nothing changed but the addresses. */
export async function openBareReader({ way, url, symbols }: ReadBooksInput): Promise<BookReader> {
  const exchange = new pro.bybit({ enableRateLimit: false, options: { fetchMarkets: { types: ['spot'] } } });
  exchange.urls.api = moved(exchange.urls.api, url) as typeof exchange.urls.api;
  // ccxt wants this before it opens any address that begins with ws:// rather than wss://.
  await exchange.loadHttpProxyAgent();
  await exchange.loadMarkets();
  const counts: Counts = { updates: 0, seen: 0, written: 0, incidents: [] };
  const apply = exchange.handleOrderBook.bind(exchange);
  exchange.handleOrderBook = (client, message) => {
    counts.updates += 1;
    apply(client, message);
  };
  const loop = async (next: () => Promise<unknown>): Promise<void> => {
    for (;;) {
      await next();
      counts.seen += 1;
    }
  };
  if (way === 'together') void loop(() => exchange.watchOrderBookForSymbols([...symbols], levels)).catch(tell);
  else for (const symbol of symbols) void loop(() => exchange.watchOrderBook(symbol, levels)).catch(tell);
  return { updates: () => counts.updates, counts: () => ({ ...counts }) };

  function tell(error: unknown): void {
    counts.incidents.push(String(error).slice(0, 200));
  }
}

function moved(urls: unknown, origin: string): unknown {
  if (typeof urls === 'string') {
    return urls.replace(/^(https|wss):\/\/[^/]+/, (_, scheme) =>
      scheme === 'wss' ? origin.replace('http', 'ws') : origin,
    );
  }
  if (typeof urls !== 'object' || urls === null) return urls;
  return Object.fromEntries(Object.entries(urls).map(([name, part]) => [name, moved(part, origin)]));
}
