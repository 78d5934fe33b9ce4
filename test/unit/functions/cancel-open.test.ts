import {
  type AccountId,
  accountOf,
  amount,
  type ConfiguredAccount,
  type ExecutionVenue,
  type Intent,
  type IntentId,
  type Order,
  price,
  SecretUnavailableError,
} from '@nightdesk/core';
import { type CancelOpenRequest, cancelOpen, indexLagMsMax } from '@nightdesk/functions/cancel-orders/cancel-open.ts';
import type { OpenCanceled } from '@nightdesk/functions/shared/cancel-request.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { deskConfig } from '../../support/desk-config.ts';
import { createMemoryOrders, createMemoryRisk } from '../../support/memory-stores.ts';
import { OrderLab } from '../../support/order-lab.ts';
import { createRecordingTelemetry, type RecordingTelemetry } from '../../support/telemetry.ts';
import { createWakingClock, type WakingClock } from '../../support/waking-clock.ts';

const config = deskConfig();
const reason = 'canceled when the switch of all accounts was set to halted (risk): the market is mad';

let lab: OrderLab;
let telemetry: RecordingTelemetry;
let clock: WakingClock;
let ports: Parameters<typeof cancelOpen>[1]['ports'];

beforeEach(async () => {
  lab = new OrderLab();
  clock = createWakingClock(lab.clock);
  telemetry = createRecordingTelemetry();
  const { findMarket, openVenue } = lab.ports();
  ports = { orders: createMemoryOrders(lab.tables), clock, findMarket, openVenue };
  await createMemoryRisk(lab.tables).ensure('second' as AccountId, lab.clock.nowMs());
});

const account = (id: string): ConfiguredAccount => {
  const found = accountOf(config, id);
  if (found === undefined) throw new Error(`${id} is configured`);
  return found;
};

/** Cancels what is open of both accounts, time passing as it is waited for. */
function cancel(changes: Partial<CancelOpenRequest> = {}): Promise<OpenCanceled> {
  const nowMs = lab.clock.nowMs();
  const accounts = [account('main'), account('second')];
  const request = { accounts, config, reason, cancelExits: false, inForceAtMs: nowMs, deadlineMs: nowMs + 25_000 };
  return clock.drive(cancelOpen({ ...request, ...changes }, { ports, liveTrading: false, telemetry }));
}

const rest = (orderId: string, changes: Partial<Intent> = {}): Promise<Order> =>
  lab.place({ orderId: orderId as IntentId, type: 'limit', price: price('90'), ...changes });
const resting = { type: 'limit' as const, price: price('90') };
const outcomes = ({ orders }: OpenCanceled) => orders.map(({ orderId, outcome }) => `${orderId} ${outcome}`).sort();
const id = (name: string) => name as IntentId;
const second = { account: 'second' as AccountId };

/** An entry that has filled, and the stop that protects it. */
async function bracket(): Promise<void> {
  await lab.place({ orderId: id('ndentry'), type: 'market' });
  await rest('ndstop', { role: 'stop_loss', parentId: id('ndentry'), side: 'sell', price: price('110') });
}

describe('everything open', () => {
  it('is canceled on all accounts, what waits at Nightdesk included, and each order is reported', async () => {
    await rest('ndone');
    await rest('ndtwo', second);
    await lab.record({ orderId: id('ndwaits'), type: 'stop', triggerPrice: price('120'), handling: 'emulated' });
    lab.clock.advance(7);
    const startedAtMs = lab.clock.nowMs();
    const report = await cancel();
    expect(outcomes(report)).toEqual(['ndone canceled', 'ndtwo canceled', 'ndwaits canceled']);
    expect(report.orders).toContainEqual({ ...second, orderId: 'ndtwo', symbol: 'BTC/USDT', outcome: 'canceled' });
    expect(report).toMatchObject({ keptExits: 0, failures: [], answeredAtMs: startedAtMs });
    expect(lab.venue.orders.map(({ status }) => status)).toEqual(['canceled', 'canceled']);
    expect(lab.stored('ndone')).toMatchObject({ state: 'canceled', cause: { message: reason } });
  });

  it('is nothing where nothing is open', async () => {
    expect(await cancel()).toEqual({ orders: [], keptExits: 0, failures: [] });
  });

  it('says what had been filled', async () => {
    await rest('ndpart');
    lab.fillPart('ndpart', amount('0.5'));
    await rest('ndwhole');
    lab.fillPart('ndwhole', amount('2'));
    const report = await cancel();
    expect(report.orders).toMatchObject([
      { orderId: 'ndpart', outcome: 'canceled', message: '0.5 of 2 had been filled' },
      { orderId: 'ndwhole', outcome: 'filled' },
    ]);
  });

  it('includes what is in doubt: found out first, and then canceled', async () => {
    lab.venue.faults = { place: () => ({ kind: 'lose_answer' }) };
    const lost = await lab.record({ ...resting, orderId: id('ndlost') });
    await lab.venue.placeOrder(
      { ...resting, clientOrderId: 'ndlost', symbol: lost.symbol, side: 'buy', amount: amount('2') },
      lab.market,
    );
    await lab.record({ ...resting, orderId: id('ndnever'), price: price('91') });
    const report = await cancel();
    expect(outcomes(report)).toEqual(['ndlost canceled', 'ndnever not_open']);
    expect(report.orders.find(({ orderId }) => orderId === 'ndnever')?.message).toMatch(/^it is not_placed/);
  });

  it('includes what the index shows late', async () => {
    await rest('ndlate');
    const { listOpen } = ports.orders;
    const readyAtMs = lab.clock.nowMs() + indexLagMsMax - 1;
    ports.orders = {
      ...ports.orders,
      listOpen: async (...asked) => (lab.clock.nowMs() < readyAtMs ? [] : listOpen(...asked)),
    };
    expect(outcomes(await cancel())).toEqual(['ndlate canceled']);
  });
});

describe('exits', () => {
  it('stay as long as they protect a position', async () => {
    await bracket();
    await rest('ndidle');
    await rest('ndtarget', { role: 'take_profit', parentId: id('ndidle'), side: 'sell', price: price('120') });
    const report = await cancel();
    expect(outcomes(report)).toEqual(['ndidle canceled', 'ndtarget canceled']);
    expect(report.keptExits).toBe(1);
    expect(lab.stored('ndstop')).toMatchObject({ state: 'open' });
    expect(lab.stored('ndstop').cancel).toBeUndefined();
  });

  it('are canceled where that is asked for', async () => {
    await bracket();
    const report = await cancel({ cancelExits: true });
    expect(outcomes(report)).toEqual(['ndstop canceled']);
    expect(report.keptExits).toBe(0);
  });
});

describe('what cannot be canceled in time', () => {
  it('is unknown where the venue was asked in vain, and stays wanted', async () => {
    await rest('ndone');
    lab.venue.faults = { cancel: () => ({ kind: 'lose_request' }) };
    const report = await cancel();
    expect(outcomes(report)).toEqual(['ndone unknown']);
    expect(report.answeredAtMs).toBeUndefined();
    expect(lab.stored('ndone').cancel?.reason).toBe(reason);
  });

  it('is pending where the venue does not answer at all, and the report is there in time', async () => {
    await rest('ndone');
    await rest('ndtwo', second);
    const { openVenue } = ports;
    const silent: Partial<ExecutionVenue> = { cancelOrder: () => new Promise<never>(() => {}) };
    ports.openVenue = async (asked) => (asked.id === 'main' ? ({ ...silent } as ExecutionVenue) : openVenue(asked));
    const startedAtMs = lab.clock.nowMs();
    const report = await cancel();
    expect(outcomes(report)).toEqual(['ndone pending', 'ndtwo canceled']);
    expect(lab.clock.nowMs() - startedAtMs).toBe(25_000);
    expect(lab.stored('ndone').cancel?.reason).toBe(reason);
  });

  it('is pending where there is no time left, and its wish is written', async () => {
    await rest('ndone');
    const report = await cancel({ deadlineMs: lab.clock.nowMs() });
    expect(outcomes(report)).toSatisfy((told: string[]) => told.every((text) => text === 'ndone pending'));
    await clock.drive(Promise.resolve());
    expect(lab.venue.orders[0]?.status).toBe('open');
  });
});

describe('one that fails leaves the others alone', () => {
  it('an account whose keys cannot be read', async () => {
    await rest('ndone');
    await rest('ndtwo', second);
    const { openVenue } = ports;
    ports.openVenue = async (asked) => {
      if (asked.id === 'main') throw new SecretUnavailableError('desk/main', 'is not JSON');
      return openVenue(asked);
    };
    const report = await cancel();
    expect(report.orders).toMatchObject([
      { orderId: 'ndone', outcome: 'failed', message: 'secret desk/main: is not JSON' },
      { orderId: 'ndtwo', outcome: 'canceled' },
    ]);
    expect(lab.stored('ndone').cancel?.reason).toBe(reason);
  });

  it('a market that is gone, an order at another venue, and a wish that cannot be written at first', async () => {
    await rest('ndgone', { symbol: 'BTC/USDT' });
    const elsewhere = { ...account('main'), venue: 'other' as ConfiguredAccount['venue'] };
    expect((await cancel({ accounts: [elsewhere] })).orders).toMatchObject([
      { outcome: 'failed', message: expect.stringContaining('the account main is at other') },
    ]);
    const { findMarket } = ports;
    ports.findMarket = async () => undefined;
    expect((await cancel()).orders).toMatchObject([
      { outcome: 'failed', message: expect.stringContaining('not a market any more') },
    ]);
    ports.findMarket = findMarket;
    const { apply } = ports.orders;
    let failures = 1;
    ports.orders = {
      ...ports.orders,
      async apply(...change) {
        if (failures-- > 0) throw new Error('the table does not answer');
        return apply(...change);
      },
    };
    expect(outcomes(await cancel())).toEqual(['ndgone canceled']);
  });

  it('an account whose orders cannot be listed, and nothing of an unexpected error is told', async () => {
    await rest('ndtwo', second);
    const { listOpen } = ports.orders;
    ports.orders = {
      ...ports.orders,
      async listOpen(asked, limit) {
        if (asked === 'main') throw new Error('raw words of a client');
        return listOpen(asked, limit);
      },
    };
    const report = await cancel();
    expect(outcomes(report)).toEqual(['ndtwo canceled']);
    expect(report.failures).toEqual([{ account: 'main', message: 'unexpected; the log has the details' }]);
  });

  it('a list that fails only once is no failure', async () => {
    await rest('ndone');
    const { listOpen } = ports.orders;
    let failures = 1;
    ports.orders = {
      ...ports.orders,
      async listOpen(...asked) {
        if (failures-- > 0) throw new Error('the table does not answer');
        return listOpen(...asked);
      },
    };
    expect(await cancel({ accounts: [account('main')] })).toMatchObject({
      orders: [{ orderId: 'ndone', outcome: 'canceled' }],
      failures: [],
    });
  });
});
