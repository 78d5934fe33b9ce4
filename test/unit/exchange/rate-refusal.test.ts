import type { VenueId } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { readRefusal } from '../../../layers/exchange/src/rate-refusal.ts';
import { traitsOf } from '../../../layers/exchange/src/traits/index.ts';

const nowMs = Date.UTC(2026, 10, 21);

const read = (venue: string, status: number, body = '', headers: unknown = {}) =>
  readRefusal({ status, body, headers }, traitsOf(venue as VenueId).refusals, nowMs);

describe('an answer that the venue was asked too much', () => {
  it.each([
    ['binance', 429, '{"code":-1003,"msg":"Too much request weight used"}', { 'Retry-After': '7' }, 'egress', 7_000],
    ['binance', 418, '{"code":-1003}', { 'retry-after': '120' }, 'egress', 120_000],
    ['binance', 429, '{"code":-1015,"msg":"Too many new orders"}', {}, 'key', 10_000],
    ['kraken', 200, '{"error":["EAPI:Rate limit exceeded"]}', {}, 'key', 5_000],
    ['kraken', 200, '{"error":["EGeneral:Temporary lockout"]}', {}, 'key', 900_000],
    ['kraken', 200, `{"error":["EService: Throttled: ${nowMs / 1_000 + 9}"]}`, {}, 'key', 9_000],
    ['kraken', 200, '{"error":["EOrder:Rate limit exceeded"]}', {}, 'key', undefined],
    ['bybit', 200, '{"retCode":10006}', { 'X-Bapi-Limit-Reset-Timestamp': String(nowMs + 800) }, 'key', 800],
    ['bybit', 403, 'access too frequent', {}, 'egress', 600_000],
    ['okx', 200, '{"code":"50011","msg":""}', {}, 'key', undefined],
    ['kucoin', 200, '{"code":"429000"}', {}, 'key', undefined],
    ['gate', 400, '{"label":"TOO_MANY_REQUESTS"}', {}, 'key', undefined],
    ['htx', 200, '{"status":"error","err-code":"api-limit"}', {}, 'key', undefined],
    ['coinbase', 429, '', { 'Retry-After': 'Sat, 21 Nov 2026 00:00:30 GMT' }, 'egress', 30_000],
    ['coinbase', 429, '', undefined, 'egress', undefined],
  ])('%s %i %s', (venue, status, body, headers, scope, retryAfterMs) => {
    const refusal = read(venue, status, body, headers);
    expect(refusal).toMatchObject({ scope });
    expect(refusal?.retryAfterMs).toBe(retryAfterMs);
    expect(refusal?.reason).toMatch(new RegExp(`^${status}`));
  });

  it('takes a time that is over for none', () => {
    expect(
      read('bybit', 200, '{"retCode":10006}', { 'x-bapi-limit-reset-timestamp': String(nowMs) }),
    ).not.toHaveProperty('retryAfterMs');
    expect(read('binance', 429, '', { 'retry-after': 'soon' })).not.toHaveProperty('retryAfterMs');
  });

  it.each([
    ['binance', 200, '{"code":-1003}'],
    ['binance', 400, '{"code":-2010,"msg":"Account has insufficient balance"}'],
    ['binance', 403, '<html>'],
    ['kraken', 200, '{"error":["EOrder:Insufficient funds"]}'],
    ['bybit', 200, '{"retCode":110006}'],
  ])('is not %s %i %s', (venue, status, body) => {
    expect(read(venue, status, body)).toBeUndefined();
  });

  it('looks into no megabytes', () => {
    expect(read('kraken', 200, `{"error":["EAPI:Rate limit exceeded"]}${' '.repeat(3_000)}`)).toBeUndefined();
  });
});
