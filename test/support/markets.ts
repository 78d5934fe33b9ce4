/** Markets for tests, with the steps and minimums that Binance has for them. */
import { amount, type Market, notional, price, type VenueId } from '@nightdesk/core';

const venue = 'fake' as VenueId;

export const btcUsdt: Market = {
  venue,
  symbol: 'BTC/USDT',
  venueSymbol: 'BTCUSDT',
  kind: 'spot',
  base: 'BTC',
  quote: 'USDT',
  active: true,
  amountStep: amount('0.00001'),
  priceStep: price('0.01'),
  amountMin: amount('0.00001'),
  amountMax: amount('9000'),
  notionalMin: notional('5'),
  definition: '{}',
};

export const ethUsdt: Market = {
  ...btcUsdt,
  symbol: 'ETH/USDT',
  venueSymbol: 'ETHUSDT',
  base: 'ETH',
  amountStep: amount('0.0001'),
  amountMin: amount('0.0001'),
};

/** Shares its venue symbol with the spot market, as on Binance: `BTCUSDT` alone does not say which is meant. */
export const btcUsdtPerpetual: Market = {
  ...btcUsdt,
  symbol: 'BTC/USDT:USDT',
  kind: 'perpetual',
  settle: 'USDT',
  contractType: 'linear',
  contractSize: amount('1'),
  amountStep: amount('0.001'),
  amountMin: amount('0.001'),
  notionalMin: notional('100'),
};

/** A contract of a hundredth of the base asset, as OKX has them. */
export const linearByHundredths: Market = {
  ...btcUsdtPerpetual,
  contractSize: amount('0.01'),
  amountStep: amount('0.01'),
  amountMin: amount('0.01'),
};

/** A contract of 100 dollars, paid in bitcoin. */
export const inverseByHundred: Market = {
  ...btcUsdt,
  symbol: 'BTC/USD:BTC',
  venueSymbol: 'BTCUSD_PERP',
  kind: 'perpetual',
  quote: 'USD',
  settle: 'BTC',
  contractType: 'inverse',
  contractSize: amount('100'),
  amountStep: amount('1'),
};
