import type { AccountId } from '@nightdesk/core';
import { createHandler } from '@nightdesk/functions/switch-risk/handler.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../support/clocks.ts';
import { deskConfig } from '../../support/desk-config.ts';
import { createMemoryRisk, MemoryTables } from '../../support/memory-stores.ts';
import { createRecordingTelemetry, type RecordingTelemetry } from '../../support/telemetry.ts';
import { type Call, callDesk, roleSecrets, secretsPrefix } from './desk-caller.ts';

let clock: ManualClock;
let tables: MemoryTables;
let telemetry: RecordingTelemetry;

beforeEach(() => {
  clock = createManualClock();
  tables = new MemoryTables();
  telemetry = createRecordingTelemetry();
});

function set(account: string, body: unknown, call: Partial<Call> = {}) {
  const handler = createHandler({
    ...{ clock, telemetry, secretsPrefix, secrets: roleSecrets(), loadConfig: async () => deskConfig() },
    risk: createMemoryRisk(tables),
  });
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const request = { routeKey: 'PUT /risk/{account}/switch', pathParameters: { account }, body: text };
  return callDesk(handler, { role: 'risk', ...request, ...call });
}

const halt = { state: 'halted', reason: 'the market is mad' };

describe('a switch', () => {
  it.each([
    ['one account', 'main'],
    ['all accounts', '*'],
  ])('is set for %s, and says by whom and why', async (_name, account) => {
    const answer = { account, ...halt, by: 'risk', updatedAtMs: clock.nowMs() };
    expect(await set(account, halt)).toEqual({ status: 200, body: answer });
    expect(tables.risk.get(account)).toMatchObject({ ...halt, by: 'risk', version: 1 });
    expect(tables.journal.get(`risk#${account}`)).toMatchObject([{ type: 'risk.switched', data: halt }]);
    expect(telemetry.lines).toEqual([JSON.stringify({ message: 'switch set', account, state: 'halted', by: 'risk' })]);
  });

  it('can be set back, and keeps what is reserved', async () => {
    await createMemoryRisk(tables).ensure('main' as AccountId, 0);
    const row = tables.risk.get('main');
    if (row !== undefined) tables.risk.set('main', { ...row, reserved: '7' as typeof row.reserved });
    for (const state of ['reducing', 'halted', 'active']) {
      expect((await set('main', { state, reason: 'test' })).body).toMatchObject({ state });
    }
    expect(tables.risk.get('main')).toMatchObject({ state: 'active', reserved: '7', version: 4 });
  });
});

describe('nothing is changed', () => {
  const nobody = { status: 401, code: 'not_authenticated' };
  it.each([
    ['by a stranger', 'main', halt, { role: undefined }, nobody],
    ['by a viewer', 'main', halt, { role: 'viewer' }, { status: 403, code: 'forbidden' }],
    ['by a trader', 'main', halt, { role: 'trader' }, { status: 403, code: 'forbidden' }],
    ['for an account that is none', 'other', halt, {}, { status: 404, code: 'not_found' }],
    ['for an account named like a part of every object', 'toString', halt, {}, { status: 404, code: 'not_found' }],
    [
      'for an account that looks encoded, as the gateway has decoded it',
      '%',
      halt,
      {},
      { status: 404, code: 'not_found' },
    ],
    ['for no account', '', halt, {}, { status: 404, code: 'not_found' }],
    ['without JSON', 'main', 'off', {}, { status: 400, code: 'invalid_json' }],
    ['without a reason', 'main', { state: 'halted' }, {}, { status: 400, code: 'invalid_request', path: 'reason' }],
    ['for a blank reason', 'main', { ...halt, reason: ' ' }, {}, { status: 400, code: 'invalid_request' }],
    ['to an unknown state', 'main', { ...halt, state: 'off' }, {}, { status: 400, code: 'invalid_request' }],
    ['with an unknown key', 'main', { ...halt, until: 'noon' }, {}, { status: 400, code: 'invalid_request' }],
  ] as const)('%s', async (_name, account, body, call, { status, code }) => {
    const answer = await set(account, body, call as Partial<Call>);
    expect(answer).toMatchObject({ status, body: { error: { code } } });
    expect(tables.risk.size + tables.journal.size).toBe(0);
  });
});
