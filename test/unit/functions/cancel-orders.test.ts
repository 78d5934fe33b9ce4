/** What the kill switch asks of the function that cancels, and how it is answered. */
import type { AccountId, IntentId } from '@nightdesk/core';
import { createHandler } from '@nightdesk/functions/cancel-orders/handler.ts';
import {
  type CancelOrdersRequest,
  type OpenCanceled,
  parseCancelRequest,
  parseOpenCanceled,
} from '@nightdesk/functions/shared/cancel-request.ts';
import { createCancelCall, reportMarginMs } from '@nightdesk/functions/switch-risk/call-cancel.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../../support/clocks.ts';
import { deskConfig } from '../../support/desk-config.ts';
import { createMemoryOrders, createMemoryRisk } from '../../support/memory-stores.ts';
import { OrderLab } from '../../support/order-lab.ts';
import { createRecordingTelemetry, type RecordingTelemetry } from '../../support/telemetry.ts';
import { createWakingClock, type WakingClock } from '../../support/waking-clock.ts';

let lab: OrderLab;
let clock: WakingClock;
let telemetry: RecordingTelemetry;

beforeEach(() => {
  lab = new OrderLab();
  clock = createWakingClock(lab.clock);
  telemetry = createRecordingTelemetry();
});

const requestFor = (accounts: string[]): CancelOrdersRequest => ({
  ...{ accounts, reason: 'the market is mad', cancelExits: false },
  ...{ inForceAtMs: lab.clock.nowMs(), deadlineMs: lab.clock.nowMs() + 25_000 },
});

describe('the function that cancels', () => {
  /** Knows only the first account until it asks for the newest configuration. */
  function cancel(accounts: string[]): Promise<OpenCanceled> {
    const newest = deskConfig();
    const { second: _, ...others } = newest.accounts;
    const { findMarket, openVenue } = lab.ports();
    const handle = createHandler({
      ports: { orders: createMemoryOrders(lab.tables), clock, findMarket, openVenue },
      loadConfig: async (wanted) => (wanted?.newest ? newest : { ...newest, accounts: others }),
      ...{ liveTrading: false, telemetry },
    });
    return clock.drive(handle(requestFor(accounts)));
  }

  it('cancels what is open of the accounts that it is told', async () => {
    const { orderId, account } = await lab.record({ type: 'stop', handling: 'emulated' });
    const report = await cancel(['main']);
    expect(report).toEqual({
      ...{ keptExits: 0, failures: [] },
      orders: [{ account, orderId, symbol: 'BTC/USDT', outcome: 'canceled' }],
    });
    expect(lab.stored()).toMatchObject({ state: 'canceled', cause: { message: 'the market is mad' } });
    expect(telemetry.lines.join()).toContain('open orders canceled');
  });

  it('looks for an account that was added a moment ago', async () => {
    const account = 'second' as AccountId;
    await createMemoryRisk(lab.tables).ensure(account, lab.clock.nowMs());
    await lab.record({ account, type: 'stop', handling: 'emulated' });
    expect((await cancel(['main', 'second'])).orders).toMatchObject([{ account, outcome: 'canceled' }]);
  });

  it('says so of an account that it does not know', async () => {
    expect((await cancel(['main', 'gone'])).failures).toEqual([
      { account: 'gone', message: 'it is not in the configuration any more: cancel its orders at the venue' },
    ]);
  });
});

describe('what the two say to each other', () => {
  const orderId = 'nd1' as IntentId;
  const account = 'main' as AccountId;
  const report: OpenCanceled = {
    orders: [{ account, orderId, symbol: 'BTC/USDT', outcome: 'canceled', message: '0.5 of 2 had been filled' }],
    ...{ keptExits: 1, failures: [{ account, message: 'throttled' }], answeredAtMs: 5 },
  };

  it('arrives as it was said', () => {
    const request = requestFor(['main']);
    expect(parseCancelRequest(JSON.parse(JSON.stringify(request)))).toEqual(request);
    expect(parseOpenCanceled(JSON.parse(JSON.stringify(report)))).toEqual(report);
  });

  it.each([
    ['without a reason', { reason: '' }, 'reason'],
    ['with something else', { symbol: 'BTC/USDT' }, 'symbol'],
    ['without a time', { deadlineMs: undefined }, 'deadlineMs'],
  ])('is no request %s', (_, change, field) => {
    expect(() => parseCancelRequest({ ...requestFor(['main']), ...change })).toThrow(field);
  });

  it('is waited for a little longer than it is due', async () => {
    const now = createManualClock();
    const request = { ...requestFor(['main']), deadlineMs: now.nowMs() + 24_000 };
    const asked: unknown[] = [];
    const call = createCancelCall(async (...parameters) => {
      asked.push(parameters);
      return report;
    }, now);
    expect(await call(request)).toEqual(report);
    expect(asked).toEqual([[request, 24_000 + reportMarginMs]]);
  });

  it.each([
    ['nothing', null],
    ['an outcome that nobody knows', { ...report, orders: [{ ...report.orders[0], outcome: 'fine' }] }],
  ])('is no report of %s', async (_, answer) => {
    await expect(createCancelCall(async () => answer, createManualClock())(requestFor(['main']))).rejects.toThrow();
  });
});
