import {
  notional,
  quoteDenial,
  type ReservationFigures,
  type RiskState,
  reservationDenial,
  standingDenial,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';

const row = (change: Partial<RiskState> = {}): RiskState => ({
  account: 'main',
  state: 'active',
  reason: 'first use',
  by: 'nightdesk',
  reserved: notional('60'),
  version: 1,
  journalHash: '',
  updatedAtMs: 0,
  ...change,
});

const passing: ReservationFigures = {
  accountRow: row(),
  globalRow: row({ account: '*', reserved: notional('0') }),
  limits: { orderNotionalMax: notional('50'), openNotionalMax: notional('100') },
  notional: notional('40'),
};

describe('an account', () => {
  it.each([
    [{ mode: 'sandbox', exchangeEnabled: true, liveTrading: false }, undefined],
    [{ mode: 'live', exchangeEnabled: true, liveTrading: true }, undefined],
    [{ mode: 'live', exchangeEnabled: true, liveTrading: false }, 'live_trading_off'],
    [{ mode: 'sandbox', exchangeEnabled: false, liveTrading: true }, 'exchange_disabled'],
    [{ mode: 'paper', exchangeEnabled: true, liveTrading: false }, undefined],
    [{ mode: 'paper', exchangeEnabled: false, liveTrading: true }, 'exchange_disabled'],
  ] as const)('with %o is denied: %s', (figures, code) => {
    expect(standingDenial(figures)?.code).toBe(code);
  });
});

describe('a market', () => {
  const limits = { ...passing.limits, quotes: ['USDT', 'USDC'] };

  it.each([
    ['USDC', undefined],
    ['BTC', 'quote_without_limit'],
  ])('quoted in %s is denied: %s', (quote, code) => {
    expect(quoteDenial(quote, limits)?.code).toBe(code);
  });
});

describe('an order', () => {
  it.each<[string, Partial<ReservationFigures>, string | undefined]>([
    ['that fits exactly', {}, undefined],
    ['at its largest', { notional: notional('50'), accountRow: row({ reserved: notional('50') }) }, undefined],
    ['above its largest', { notional: notional('50.00000001') }, 'order_notional_limit'],
    [
      'that with others is above what may be open',
      { accountRow: row({ reserved: notional('60.00000001') }) },
      'open_notional_limit',
    ],
    ['of an account whose row was lost', { accountRow: row({ reserved: notional('-200') }) }, 'open_notional_limit'],
    ['of an account without a switch', { accountRow: undefined }, 'switch_not_set'],
    ['while the switch of all is missing', { globalRow: undefined }, 'switch_not_set'],
    ['of a halted account', { accountRow: row({ state: 'halted' }) }, 'switch_not_active'],
    ['of a reducing account', { accountRow: row({ state: 'reducing' }) }, 'switch_not_active'],
    ['while all are halted', { globalRow: row({ state: 'halted' }) }, 'switch_not_active'],
  ])('%s', (_name, change, code) => {
    expect(reservationDenial({ ...passing, ...change })?.code).toBe(code);
  });

  it('is denied with the figures compared', () => {
    expect(reservationDenial({ ...passing, notional: notional('51') })?.message).toContain('51');
    const halted = row({ state: 'halted', reason: 'news at noon' });
    expect(reservationDenial({ ...passing, accountRow: halted })?.message).toContain('news at noon');
  });
});
