import {
  type AccountInspection,
  clockOffMsMax,
  isRefused,
  type JudgedAccount,
  judgeAccount,
  type KeyPermissions,
  keyAgeDaysMax,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';

const dayMs = 86_400_000;
const nowMs = 100 * dayMs;
const fit: KeyPermissions = {
  ...{ read: 'allowed', trade: 'allowed', withdraw: 'denied', boundAddresses: ['203.0.113.7'], source: 'the venue' },
};
const account: JudgedAccount = { venue: 'binance', mode: 'sandbox', purpose: 'trading', nowMs };
const failed = (code: string) => ({ kind: 'failed' as const, cause: { code, message: 'the words of the venue' } });

function inspection(change: Partial<AccountInspection> = {}): AccountInspection {
  return {
    clock: { kind: 'answered', value: { aheadMs: 0 } },
    permissions: { kind: 'answered', value: fit },
    balances: { kind: 'answered', value: [] },
    positionMode: 'none',
    ...change,
  };
}

const judge = (change: Partial<AccountInspection>, of: Partial<JudgedAccount> = {}) =>
  judgeAccount(inspection(change), { ...account, ...of }).map(({ severity, code }) => `${severity} ${code}`);

const key = (change: Partial<KeyPermissions>): Partial<AccountInspection> => ({
  permissions: { kind: 'answered', value: { ...fit, ...change } },
});

describe('an account', () => {
  it('with a fit key has no fault', () => {
    expect(judge({})).toEqual([]);
    expect(isRefused(judgeAccount(inspection(), account))).toBe(false);
  });

  it.each<[string, Partial<AccountInspection>, Partial<JudgedAccount>, string[]]>([
    ['that may withdraw', key({ withdraw: 'allowed' }), {}, ['refused key_can_withdraw']],
    ['of which that is not told', key({ withdraw: 'unknown' }), {}, ['warning withdrawal_untold']],
    ['that may not read', key({ read: 'denied' }), {}, ['refused key_cannot_read']],
    ['that may not trade', key({ trade: 'denied' }), {}, ['refused key_cannot_trade']],
    ['to read with that may not trade', key({ trade: 'denied' }), { purpose: 'readOnly' }, []],
    ['to read with that may trade', key({}), { purpose: 'readOnly' }, ['refused read_only_key_can_trade']],
    ['that has expired', key({ expiresAtMs: nowMs }), {}, ['refused key_expired']],
    ['that expires soon', key({ expiresAtMs: nowMs + 6 * dayMs }), {}, ['warning key_expires_soon']],
    ['that expires later', key({ expiresAtMs: nowMs + 7 * dayMs }), {}, []],
    ['that is old', key({ createdAtMs: nowMs - (keyAgeDaysMax + 1) * dayMs }), {}, ['warning key_too_old']],
    ['that is not old yet', key({ createdAtMs: nowMs - keyAgeDaysMax * dayMs }), {}, []],
    ['that works from anywhere', key({ boundAddresses: [] }), {}, ['warning key_not_bound']],
    ['of which that is not told either', key({ boundAddresses: 'unknown' }), {}, []],
  ])('has with a key %s: %s', (_, change, of, findings) => {
    expect(judge(change, of)).toEqual(findings);
  });

  it.each<[string, Partial<AccountInspection>, Partial<JudgedAccount>, string[]]>([
    ['is silent for anybody', { permissions: { kind: 'untold', why: 'no call' } }, {}, ['warning withdrawal_untold']],
    ['did not say', { permissions: failed('odd') }, {}, ['warning withdrawal_untold']],
    ['did not say of real money', { permissions: failed('odd') }, { mode: 'live' }, ['refused permissions_unanswered']],
    ['told no balances', { balances: failed('odd') }, {}, ['refused balances_unanswered']],
  ])('is judged by it when the venue %s', (_, change, of, findings) => {
    expect(judge(change, of)).toEqual(findings);
  });

  it.each([
    ['authentication_failed', 'key_refused'],
    ['permission_denied', 'permission_missing'],
    ['account_not_enabled', 'permission_missing'],
    ['account_suspended', 'permission_missing'],
    ['clock_refused', 'clock_off'],
    ['maintenance', 'venue_in_maintenance'],
    ['proxy_refused', 'proxy_refused'],
    ['network', 'venue_unreachable'],
    ['timeout', 'venue_unreachable'],
  ])('whose venue answers %s is refused for that, once', (code, finding) => {
    expect(judge({ permissions: failed(code), balances: failed(code) })).toEqual([`refused ${finding}`]);
  });

  it.each([
    [clockOffMsMax, undefined],
    [-clockOffMsMax, undefined],
    [30_000, /30 s ahead of/],
    [-30_000, /30 s behind/],
  ])('with a clock that is %i ms ahead is told: %s', (aheadMs, message) => {
    const [finding] = judgeAccount(inspection({ clock: { kind: 'answered', value: { aheadMs } } }), account);
    if (message === undefined) expect(finding).toBeUndefined();
    else
      expect(finding).toMatchObject({
        severity: 'refused',
        code: 'clock_off',
        message: expect.stringMatching(message),
      });
  });

  it('is told what refuses it first, and nothing by a clock that was not told', () => {
    const change = { ...key({ boundAddresses: [], withdraw: 'allowed' }), clock: failed('timeout') };
    expect(judge(change)).toEqual(['refused key_can_withdraw', 'warning key_not_bound']);
    expect(isRefused(judgeAccount(inspection(change), account))).toBe(true);
  });
});
