import type { AccountId, ConfiguredAccount, VenueId } from '@nightdesk/core';
import { laneOf } from '@nightdesk/functions/shared/lane.ts';
import { describe, expect, it } from 'vitest';

const main = 'main' as AccountId;

function account(risingNonces: boolean): ConfiguredAccount {
  const exchangeConfig = { enabled: true, timeoutMs: 5_000, sandbox: false, connectionsMax: 5, risingNonces };
  const venue = 'binance' as VenueId;
  return { id: main, venue, exchange: venue, mode: 'sandbox', readOnlySecret: false, exchangeConfig };
}

describe('the lane of a signal', () => {
  it('is its account and symbol, or its account where nonces must rise', () => {
    expect(laneOf(account(false), 'BTC/USDT:USDT')).toBe('main:BTC/USDT:USDT');
    expect(laneOf(account(true), 'BTC/USDT:USDT')).toBe('main');
  });

  it('is a name that SQS takes for a message group, whatever the coin is called', () => {
    const lane = laneOf(account(false), '币安人生/USDT');
    expect(lane).toMatch(/^[\x21-\x7e]{1,128}$/);
    expect(lane).not.toBe(laneOf(account(false), '我踏马来了/USDT'));
  });
});
