import type { VenueId } from '@nightdesk/core';
import { mapMarkets, precisionModes } from '@nightdesk/exchange/map-market.ts';
import { describe, expect, it } from 'vitest';
import { parseInstrument } from '../../../layers/exchange/custom/bitmex/instruments.ts';
import { fromMinorUnits } from '../../../layers/exchange/custom/bitmex/units.ts';
import { bitcoinIndex, ethUsd, ltcUsdt, xbtH27, xbtSpot, xbtUsd } from '../../support/bitmex-answers.ts';
import { createBitmexClient } from '../../support/bitmex-client.ts';

const client = createBitmexClient();
const parse = (instrument: object) => parseInstrument(client, instrument);

describe('an instrument of BitMEX', () => {
  it.each([
    // One contract is a dollar, so its value in bitcoin falls as bitcoin rises.
    ['an inverse perpetual', xbtUsd, 'BTC/USD:BTC', 'swap', { inverse: true, linear: false, contractSize: '1' }],
    ['a linear perpetual', ltcUsdt, 'LTC/USDT:USDT', 'swap', { linear: true, contractSize: '0.0001' }],
    // One contract is worth 100 satoshi per dollar of ether's price.
    ['a quanto perpetual', ethUsd, 'ETH/USD:BTC', 'swap', { quanto: true, linear: false, contractSize: '0.000001' }],
    ['a future', xbtH27, 'BTC/USD:BTC-270326', 'future', { inverse: true, expiry: Date.UTC(2027, 2, 26, 12) }],
    ['a spot market', xbtSpot, 'BTC/USDT', 'spot', { contract: false, contractSize: undefined }],
  ])('that is %s', (_, instrument, symbol, type, expected) => {
    expect(parse(instrument)).toMatchObject({ id: instrument.symbol, symbol, type, active: true, ...expected });
  });

  it('counts contracts in lots, and spot in the base currency', () => {
    expect(parse(xbtUsd)).toMatchObject({
      precision: { amount: '100', price: '0.1' },
      limits: { amount: { min: '100', max: '10000000' }, leverage: { max: '100' } },
    });
    expect(parse(xbtSpot)).toMatchObject({
      precision: { amount: '0.00001', price: '0.5' },
      limits: { amount: { min: '0.00001', max: '1000' }, leverage: { max: undefined } },
    });
  });

  it.each([
    ['an index', bitcoinIndex],
    ['an option', { ...xbtUsd, typ: 'OCECCS' }],
    ['a prediction market', { ...xbtUsd, typ: 'FFICSX' }],
    ['a future that never expires', { ...xbtH27, expiry: null }],
    ['a contract settled in nothing', { ...xbtUsd, settlCurrency: '' }],
    ['a contract of no known size', { ...xbtUsd, multiplier: null }],
    ['a contract without a lot', { ...xbtUsd, lotSize: null }],
    ['a spot market that does not say what a unit is', { ...xbtSpot, underlyingToPositionMultiplier: null }],
  ])('that is %s is no market', (_, instrument) => {
    expect(parse(instrument)).toBeUndefined();
  });

  it('that does not trade is listed as such', () => {
    expect(parse({ ...xbtUsd, state: 'Closed' })).toMatchObject({ active: false });
  });

  it("becomes a market in Nightdesk's words like that of any other venue", () => {
    const listed = [xbtUsd, ltcUsdt, ethUsd, xbtH27, xbtSpot].map(parse);
    const { markets, skipped } = mapMarkets('bitmex' as VenueId, listed, precisionModes.tickSize);
    expect(skipped).toEqual([]);
    expect(markets.map(({ symbol, kind, settle }) => [symbol, kind, settle])).toEqual([
      ['BTC/USD:BTC', 'perpetual', 'BTC'],
      ['LTC/USDT:USDT', 'perpetual', 'USDT'],
      ['ETH/USD:BTC', 'perpetual', 'BTC'],
      ['BTC/USD:BTC-270326', 'future', 'BTC'],
      ['BTC/USDT', 'spot', undefined],
    ]);
  });
});

describe('minor units', () => {
  it.each([
    ['0', 8, '0'],
    ['1', 8, '0.00000001'],
    ['-25', 8, '-0.00000025'],
    ['100010360', 8, '1.0001036'],
    ['2100000000000001', 8, '21000000.00000001'],
    ['9007199254740993', 6, '9007199254.740993'],
  ])('%s at scale %i is exactly %s', (units, scale, decimal) => {
    expect(fromMinorUnits(units, scale)).toBe(decimal);
  });
});
