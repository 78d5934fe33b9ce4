import type { VenueId } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { mapMarkets, precisionModes } from '../../../layers/exchange/src/map-market.ts';

const venue = 'binance' as VenueId;
const { tickSize, decimalPlaces, significantDigits } = precisionModes;

const spot = {
  id: 'BTCUSDT',
  symbol: 'BTC/USDT',
  type: 'spot',
  base: 'BTC',
  quote: 'USDT',
  active: true,
  precision: { amount: '0.00001', price: '0.01' },
  limits: { amount: { min: '0.00001', max: '9000' }, cost: { min: '5', max: null } },
  info: { orderTypes: ['LIMIT', 'MARKET'] },
};
const perpetual = {
  ...spot,
  symbol: 'BTC/USDT:USDT',
  type: 'swap',
  settle: 'USDT',
  linear: true,
  inverse: false,
  contractSize: '1',
};
const expiry = 1_806_048_000_000;

const map = (market: unknown, mode: number = tickSize) => mapMarkets(venue, [market], mode);

it.each([
  ['both', { maker: '0.0002', taker: '0.0005' }, { maker: '0.0002', taker: '0.0005' }],
  ['a rebate', { maker: '-0.0001', taker: '0.0005' }, { maker: '-0.0001', taker: '0.0005' }],
  ['one of them', { taker: '0.0005' }, undefined],
  ['none', {}, undefined],
])('tells the fees of a market where the venue library knows %s', (_, fees, expected) => {
  expect(map({ ...spot, ...fees }).markets[0]?.fees).toEqual(expected);
});

describe("a venue's market", () => {
  it('keeps steps and limits as decimals and itself as an opaque text', () => {
    expect(map(spot).markets).toEqual([
      {
        venue,
        symbol: 'BTC/USDT',
        venueSymbol: 'BTCUSDT',
        kind: 'spot',
        base: 'BTC',
        quote: 'USDT',
        active: true,
        amountStep: '0.00001',
        priceStep: '0.01',
        amountMin: '0.00001',
        amountMax: '9000',
        notionalMin: '5',
        definition: JSON.stringify(spot),
      },
    ]);
  });

  it.each([
    ['swap', 'perpetual'],
    ['future', 'future'],
    ['option', 'option'],
  ])('of type %s is a %s with the asset it settles in', (type, kind) => {
    expect(map({ ...perpetual, type, expiry }).markets).toMatchObject([{ kind, settle: 'USDT' }]);
  });

  it('of a dated contract says when it ends, and others say nothing', () => {
    expect(map({ ...perpetual, type: 'future', expiry }).markets).toMatchObject([{ expiryMs: expiry }]);
    expect(map({ ...perpetual, expiry }).markets[0]).not.toHaveProperty('expiryMs');
    expect(map({ ...perpetual, type: 'future' }).skipped[0]?.reason).toContain('"expiry"');
  });

  it('counts linear contracts in base asset', () => {
    const limits = { amount: { min: '2', max: '5000' }, cost: { min: '5' } };
    const [market] = map({
      ...perpetual,
      contractSize: '0.01',
      precision: { amount: '1', price: '0.1' },
      limits,
    }).markets;
    expect(market).toMatchObject({ contractType: 'linear', contractSize: '0.01', amountStep: '0.01' });
    expect(market).toMatchObject({ amountMin: '0.02', amountMax: '50', notionalMin: '5' });
  });

  it.each([
    ['inverse', { linear: false, inverse: true }],
    ['quanto', { linear: false, inverse: false }],
  ])('counts %s contracts as such, and compares their worth with no limit in quote currency', (contractType, flags) => {
    const [market] = map({ ...perpetual, ...flags, contractSize: '100' }).markets;
    expect(market).toMatchObject({ contractType, contractSize: '100', amountStep: '0.00001' });
    expect(market).not.toHaveProperty('notionalMin');
  });

  it.each([
    ['ticks', { amount: '0.001', price: '1e-8' }, tickSize, '0.001', '0.00000001'],
    ['decimal places', { amount: '3', price: '0' }, decimalPlaces, '0.001', '1'],
    ['negative decimal places', { amount: '-2', price: '2' }, decimalPlaces, '100', '0.01'],
    ['significant digits', { amount: '8', price: '5' }, significantDigits, '0.00000001', '0.00000001'],
  ])('has its steps from %s', (_, precision, mode, amountStep, priceStep) => {
    expect(map({ ...spot, precision }, mode).markets).toMatchObject([{ amountStep, priceStep }]);
  });

  it('has no limit where the venue gives none or zero', () => {
    const [market] = map({ ...spot, limits: { amount: { min: '0', max: undefined } } }).markets;
    expect(market).toBeDefined();
    expect(market).not.toHaveProperty('amountMin');
    expect(market).not.toHaveProperty('amountMax');
    expect(market).not.toHaveProperty('notionalMin');
  });

  it.each([
    ['an unknown type', { ...spot, type: 'index' }, 'type'],
    ['no step', { ...spot, precision: { price: '0.01' } }, 'precision.amount'],
    ['a step of zero', { ...spot, precision: { amount: '0', price: '0.01' } }, 'precision.amount'],
    ['a step that is no number', { ...spot, precision: { amount: 'NaN', price: '0.01' } }, 'amount'],
    ['a limit that is no number', { ...spot, limits: { cost: { min: 'five' } } }, 'min'],
    ['a contract without settlement', { ...perpetual, settle: undefined }, 'settle'],
    ['no base', { ...spot, base: undefined }, 'base'],
    ['nothing at all', null, 'market'],
  ])('is skipped with a reason when it has %s', (_, market, field) => {
    const { markets, skipped } = map(market);
    expect(markets).toEqual([]);
    expect(skipped).toHaveLength(1);
    expect(skipped[0]?.reason).toContain(`"${field}"`);
  });

  it('does not take others along when it is skipped', () => {
    const { markets, skipped } = mapMarkets(venue, [{ ...spot, type: 'index' }, perpetual], tickSize);
    expect(markets.map(({ symbol }) => symbol)).toEqual(['BTC/USDT:USDT']);
    expect(skipped.map(({ symbol }) => symbol)).toEqual(['BTC/USDT']);
  });
});
