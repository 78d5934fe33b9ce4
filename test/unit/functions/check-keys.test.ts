import {
  type Finding,
  type KeyPermissions,
  metricNames,
  parseDeskConfig,
  type SecretVersion,
  type SecretVersions,
} from '@nightdesk/core';
import { createHandler, KeysRefusedError } from '@nightdesk/functions/check-keys/handler.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../../support/clocks.ts';
import { createRecordingTelemetry, type RecordingTelemetry } from '../../support/telemetry.ts';

const dayMs = 86_400_000;
const clock = createManualClock(100 * dayMs);
const config = parseDeskConfig({
  exchanges: { binance: {}, kraken: {}, okx: { enabled: false } },
  accounts: {
    main: { exchange: 'binance', mode: 'sandbox' },
    second: { exchange: 'kraken', mode: 'sandbox' },
    off: { exchange: 'okx', mode: 'sandbox' },
    play: { exchange: 'binance', mode: 'paper', paper: { balances: { USDT: '100' } } },
  },
  sources: {},
  risk: { default: { orderNotionalMax: '1', openNotionalMax: '1' } },
});
const key = (ageDays: number, value = '{"apiKey":"the-key","secret":"the-secret"}'): SecretVersion => ({
  ...{ id: 'v1', value, createdAtMs: clock.nowMs() - ageDays * dayMs },
});
const mayWithdraw: Finding = { severity: 'refused', code: 'key_can_withdraw', message: 'the key may withdraw' };

let stored: Record<string, SecretVersion>;
let found: Record<string, Finding[] | Error>;
let made: Record<string, number>;
let telemetry: RecordingTelemetry;

beforeEach(() => {
  stored = { 'desk/accounts/main/trading': key(10), 'desk/accounts/second/trading': key(20) };
  [found, made, telemetry] = [{}, {}, createRecordingTelemetry()];
});

const check = () =>
  createHandler({
    ...{ loadConfig: async () => config, secretsPrefix: 'desk', clock, telemetry },
    versions: { read: async (name) => stored[name] } satisfies Partial<SecretVersions> as unknown as SecretVersions,
    async inspectKey({ account }) {
      const findings = found[account.id] ?? [];
      if (findings instanceof Error) throw findings;
      const createdAtMs = made[account.id];
      const permissions: KeyPermissions = {
        ...{ read: 'allowed', trade: 'allowed', withdraw: 'denied', boundAddresses: [], source: 'test' },
        ...(createdAtMs !== undefined && { createdAtMs }),
      };
      const failed = { kind: 'failed', cause: { code: 'timeout', message: '' } } as const;
      const answered = { kind: 'answered', value: permissions } as const;
      return { inspection: { clock: failed, permissions: answered, balances: failed, positionMode: 'none' }, findings };
    },
  })();

describe('the daily look at keys', () => {
  it('asks about every account that trades at a venue and tells the age of the oldest key', async () => {
    expect(await check()).toEqual({ fine: ['main', 'second'], refused: [] });
    expect(telemetry.counts.get(metricNames.keyAgeDays)).toBe(20);
  });

  it('goes by the day that a key was made on, where its venue tells, and not by when it was stored', async () => {
    made.main = clock.nowMs() - 45 * dayMs;
    await check();
    expect(telemetry.counts.get(metricNames.keyAgeDays)).toBe(45);
  });

  it('names an account whose key may withdraw, and looks at the others all the same', async () => {
    found.main = [mayWithdraw];
    expect(await check()).toEqual({ fine: ['second'], refused: ['main'] });
    expect(String(new KeysRefusedError(['main']))).toContain('keys to look at: main');
  });

  it('names an account that cannot be checked, with the reason and no key', async () => {
    found.second = new Error('secret desk/accounts/second/trading: field secret must be a text');
    expect(await check()).toEqual({ fine: ['main'], refused: ['second'] });
    expect(telemetry.lines.join()).toContain('field secret must be a text');
    expect(telemetry.lines.join()).not.toMatch(/the-key|the-secret/);
  });

  it('passes over accounts that nobody has put keys in yet, and tells no age where there is no key', async () => {
    stored = { 'desk/accounts/main/trading': key(400, '{"apiKey":"","secret":""}') };
    expect(await check()).toEqual({ fine: [], refused: [] });
    expect(telemetry.counts.has(metricNames.keyAgeDays)).toBe(false);
  });
});
