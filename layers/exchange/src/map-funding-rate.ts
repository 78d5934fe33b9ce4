/** ccxt's funding rates in Nightdesk's words. */
import { amount, type FundingPoint, type FundingRate, type Market } from '@nightdesk/core';
import { Fields, listOf, present } from './fields.ts';

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

/**
 * Oldest first.
 *
 * @param markPrice where the venue's own payment has the price, which ccxt leaves out
 * @throws UnparsableAnswerError when a payment has no time or no rate.
 */
export const mapFundingPoints = (value: unknown, markPrice?: string): FundingPoint[] =>
  listOf('funding payments', value)
    .map((payment) => {
      const fields = new Fields('funding payment', payment);
      return {
        atMs: fields.timeMs('timestamp'),
        rate: amount(fields.decimal('fundingRate')),
        ...present({
          markPrice: markPrice === undefined ? undefined : fields.optionalFields('info')?.optionalPrice(markPrice),
        }),
      };
    })
    .sort((left, right) => left.atMs - right.atMs);
