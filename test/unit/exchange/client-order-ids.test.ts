import { type AccountId, intentIdOf, type SignalId, type VenueId } from '@nightdesk/core';
import { hexOf, integerOf, uuidOf } from '@nightdesk/exchange/traits/client-order-ids.ts';
import { traitsOf } from '@nightdesk/exchange/traits/index.ts';
import { describe, expect, it } from 'vitest';
import fc from '../../support/property.ts';

const orderId = intentIdOf('sg1' as SignalId, 'main' as AccountId);
const idAt = (venue: string, kind: 'spot' | 'perpetual' = 'spot') =>
  traitsOf(venue as VenueId).clientOrderIdFor(orderId, { kind });

describe('our order id at a venue', () => {
  it.each([
    ['binance', /^[.A-Z:/a-z0-9_-]{1,36}$/],
    ['bitfinex', /^\d{1,14}$/],
    ['bitget', /^[a-z0-9]{1,50}$/],
    ['bybit', /^[A-Za-z0-9_-]{1,36}$/],
    ['coinbase', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
    ['gate', /^t-[A-Za-z0-9._-]{1,28}$/],
    ['gateeu', /^t-[A-Za-z0-9._-]{1,28}$/],
    ['htx', /^[A-Za-z0-9_-]{1,64}$/],
    ['hyperliquid', /^0x[0-9a-f]{32}$/],
    ['kraken', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
    ['kucoin', /^[A-Za-z0-9_-]{1,40}$/],
    ['okx', /^[A-Za-z0-9]{1,32}$/],
  ])('of %s has the form that it takes', (venue, form) => {
    expect(idAt(venue)).toMatch(form);
    expect(idAt(venue)).toBe(idAt(venue));
  });

  it('is a number on contracts of HTX, which takes no text there', () => {
    expect(idAt('htx', 'perpetual')).toMatch(/^[1-9]\d{0,15}$/);
  });

  it('is carried by the parameter that ccxt does not replace', () => {
    expect(traitsOf('coinbase' as VenueId).clientOrderIdParameter).toBe('client_order_id');
    expect(traitsOf('kraken' as VenueId).clientOrderIdParameter).toBe('clientOrderId');
  });

  it('is not sent to venues that take none', () => {
    expect(traitsOf('bitflyer' as VenueId).carriesClientOrderId).toBe(false);
  });
});

describe('forms of an id', () => {
  it('are not those of another id, and never change', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^nd[a-z0-9]{24}$/), fc.stringMatching(/^nd[a-z0-9]{24}$/), (left, right) => {
        for (const form of [uuidOf, hexOf, (id: string) => integerOf(id, 52)]) {
          expect(form(left) === form(right)).toBe(left === right);
        }
      }),
    );
    expect(uuidOf('nd1')).toBe(uuidOf('nd1'));
  });

  it('as numbers stay within their bits and above zero', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 52 }), (id, bits) => {
        const number = Number(integerOf(id, bits));
        expect(Number.isSafeInteger(number) && number >= 1 && number < 2 ** bits).toBe(true);
      }),
    );
  });
});
