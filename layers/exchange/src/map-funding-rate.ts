/** ccxt's funding rates in Nightdesk's words. */
import { amount, type FundingRate, type Market } from '@nightdesk/core';
import { Fields, present } from './fields.ts';

/** @throws UnparsableAnswerError when the rate is missing or a number makes no sense. */
export function mapFundingRate(value: unknown, market: Market): FundingRate {
  const fields = new Fields('funding rate', value);
  return {
    symbol: market.symbol,
    // Like every decimal, in its one spelling.
    rate: amount(fields.decimal('fundingRate')),
    ...present({
      nextAtMs: fields.optionalTimeMs('fundingTimestamp'),
      markPrice: fields.optionalPrice('markPrice'),
      indexPrice: fields.optionalPrice('indexPrice'),
    }),
  };
}
