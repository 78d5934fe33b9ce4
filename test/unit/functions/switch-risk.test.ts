import type { AccountId, IntentId } from '@nightdesk/core';
import type { CancelOrdersRequest } from '@nightdesk/functions/shared/cancel-request.ts';
import { callMsMax, createHandler, type SwitchRiskDependencies } from '@nightdesk/functions/switch-risk/handler.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../support/clocks.ts';
import { deskConfig } from '../../support/desk-config.ts';
import { createMemoryRisk, MemoryTables } from '../../support/memory-stores.ts';
import { createRecordingTelemetry, type RecordingTelemetry } from '../../support/telemetry.ts';
import { type Call, callDesk, roleSecrets, secretsPrefix } from './desk-caller.ts';

let clock: ManualClock;
let tables: MemoryTables;
let telemetry: RecordingTelemetry;
let cancels: CancelOrdersRequest[];
let cancelOpen: SwitchRiskDependencies['cancelOpen'];

beforeEach(() => {
  cancels = [];
  cancelOpen = async (request) => {
    cancels.push(request);
    return { orders: [canceled], keptExits: 1, failures: [], answeredAtMs: clock.nowMs() + 40 };
  };
  clock = createManualClock();
  tables = new MemoryTables();
  telemetry = createRecordingTelemetry();
});

function set(account: string, body: unknown, call: Partial<Call> = {}) {
  const handler = createHandler({
    ...{ clock, telemetry, secretsPrefix, secrets: roleSecrets(), loadConfig: async () => deskConfig() },
    risk: createMemoryRisk(tables),
    cancelOpen: (asked) => cancelOpen(asked),
  });
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const request = { routeKey: 'PUT /risk/{account}/switch', pathParameters: { account }, body: text };
  return callDesk(handler, { role: 'risk', ...request, ...call });
}

const canceled = {
  account: 'main' as AccountId,
  orderId: 'nd1' as IntentId,
  symbol: 'BTC/USDT',
  outcome: 'canceled' as const,
};

const halt = { state: 'halted', reason: 'the market is mad' };

/** Where requests come from, see `apiEvent`. */
const from = '203.0.113.7';

describe('a switch', () => {
  it.each([
    ['one account', 'main'],
    ['all accounts', '*'],
  ])('is set for %s, and says by whom and why', async (_name, account) => {
    const answer = { account, ...halt, by: 'risk', updatedAtMs: clock.nowMs() };
    expect(await set(account, halt)).toEqual({ status: 200, body: answer });
    expect(tables.risk.get(account)).toMatchObject({ ...halt, by: 'risk', version: 1 });
    expect(tables.journal.get(`risk#${account}`)).toMatchObject([{ type: 'risk.switched', data: { ...halt, from } }]);
    expect(cancels).toEqual([]);
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

describe('cancels with it', () => {
  it.each([
    ['one account', 'main', ['main']],
    ['all accounts', '*', ['main', 'second']],
  ])(
    'are asked for once it is set, for %s, and reported with the times since the call',
    async (_name, account, ids) => {
      const isSet: unknown[] = [];
      const report = cancelOpen;
      cancelOpen = (request) => {
        isSet.push(tables.risk.get(account)?.state);
        return report(request);
      };
      const { status, body } = await set(account, { ...halt, cancelOrders: true });
      expect(status).toBe(200);
      expect(body).toEqual({
        ...{ account, ...halt, by: 'risk', updatedAtMs: clock.nowMs() },
        ...{ orders: [canceled], keptExits: 1, failures: [], inForceAfterMs: 0, lastAnswerAfterMs: 40 },
      });
      expect(isSet).toEqual(['halted']);
      const [request] = cancels;
      const inForceAtMs = clock.nowMs();
      expect(request).toMatchObject({ accounts: ids, cancelExits: false, inForceAtMs });
      expect(request?.deadlineMs).toBe(clock.nowMs() + callMsMax);
      expect(request?.reason).toContain(halt.reason);
    },
  );

  it('include exits where that is asked for', async () => {
    await set('*', { ...halt, cancelOrders: true, cancelExits: true });
    expect(cancels).toMatchObject([{ cancelExits: true }]);
  });

  it('that fail leave it set, and say so', async () => {
    cancelOpen = () => Promise.reject(new Error('raw words of a client'));
    const { status, body } = await set('*', { ...halt, cancelOrders: true });
    expect([status, JSON.stringify(body)]).toEqual([503, expect.stringContaining('the switch of * is halted')]);
    expect(JSON.stringify(body)).not.toContain('raw words');
    expect(tables.risk.get('*')).toMatchObject(halt);
  });
});

describe('nothing is changed', () => {
  const invalid = (path: string) => ({ status: 400, code: 'invalid_request', path });
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
    [
      'to active with cancels, which new orders would only outrun',
      ...['main', { ...halt, state: 'active', cancelOrders: true }, {}, invalid('cancelOrders')],
    ],
    ['with exits to be canceled and no orders', 'main', { ...halt, cancelExits: true }, {}, invalid('cancelExits')],
    [
      'to reducing with exits to be canceled, which would be placed again',
      ...[
        'main',
        { state: 'reducing', reason: 'x', cancelOrders: true, cancelExits: true },
        {},
        invalid('cancelExits'),
      ],
    ],
    ['to active again without a reason', 'main', { state: 'active' }, {}, invalid('reason')],
    ['with cancels that are neither yes nor no', 'main', { ...halt, cancelOrders: 'yes' }, {}, invalid('cancelOrders')],
    ['with an unknown key', 'main', { ...halt, until: 'noon' }, {}, { status: 400, code: 'invalid_request' }],
  ] as const)('%s', async (_name, account, body, call, refused) => {
    const { status, code } = refused;
    const answer = await set(account, body, call as Partial<Call>);
    expect(answer).toMatchObject({ status, body: { error: { code } } });
    if ('path' in refused) expect(answer.body).toMatchObject({ error: { issues: [{ path: refused.path }] } });
    expect(cancels).toEqual([]);
    expect(tables.risk.size + tables.journal.size).toBe(0);
  });
});
