/** ccxt's tickers in Nightdesk's words. */
import { amount, type Market, notional, type Ticker } from '@nightdesk/core';
import { fromContracts } from './contract-amounts.ts';
import { Fields, present } from './fields.ts';

/** @throws UnparsableAnswerError when a number makes no sense. */
export function mapTicker(value: unknown, market: Market): Ticker {
  const fields = new Fields('ticker', value);
  const read = <Result>(name: string, convert: (text: string) => Result): Result | undefined => {
    const text = fields.optionalQuantity(name);
    return text === undefined ? undefined : convert(text);
  };
  return {
    symbol: market.symbol,
    ...present({
      bid: fields.optionalPrice('bid'),
      bidAmount: read('bidVolume', (text) => fromContracts(text, market)),
      ask: fields.optionalPrice('ask'),
      askAmount: read('askVolume', (text) => fromContracts(text, market)),
      last: fields.optionalPrice('last'),
      high: fields.optionalPrice('high'),
      low: fields.optionalPrice('low'),
      baseVolume: read('baseVolume', amount),
      quoteVolume: read('quoteVolume', notional),
      atMs: fields.optionalTimeMs('timestamp'),
    }),
  };
}
