/** Our own ccxt class for BitMEX as Nightdesk constructs it, knowing the markets of the documented instruments. */
import Bitmex from '../../layers/exchange/custom/bitmex/index.ts';
import { parseInstrument } from '../../layers/exchange/custom/bitmex/instruments.ts';
import { instruments } from './bitmex-answers.ts';

/** Numbers stay texts, which ccxt's types do not foresee. */
const texts = { number: String } as object;

export function createBitmexClient(config: object = {}): Bitmex {
  const client = new Bitmex({ ...texts, ...config });
  client.setMarkets(instruments.flatMap((instrument) => parseInstrument(client, instrument) ?? []));
  return client;
}
