import type { ReconciliationMessage } from '@nightdesk/aws';
import {
  type AccountId,
  type ConfigEventData,
  type DeskConfig,
  metricNames,
  notional,
  type RiskState,
  streams,
} from '@nightdesk/core';
import { createHandler } from '@nightdesk/functions/plan-reconciliations/handler.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../support/clocks.ts';
import { deskConfig } from '../../support/desk-config.ts';
import { createMemoryConfigJournal } from '../../support/memory-config-journal.ts';
import { createMemoryRisk, MemoryTables } from '../../support/memory-stores.ts';
import { createRecordingTelemetry, type RecordingTelemetry } from '../../support/telemetry.ts';

let clock: ManualClock;
let tables: MemoryTables;
let telemetry: RecordingTelemetry;
let sent: ReconciliationMessage[];
let config: DeskConfig;
let queueFailure: Error | undefined;

beforeEach(async () => {
  clock = createManualClock();
  tables = new MemoryTables();
  telemetry = createRecordingTelemetry();
  sent = [];
  queueFailure = undefined;
  config = deskConfig();
  await createMemoryRisk(tables).ensure('*', clock.nowMs());
});

const planner = (journal = createMemoryConfigJournal(tables)) =>
  createHandler({
    loadConfig: async () => config,
    queue: {
      async send(messages) {
        if (queueFailure !== undefined) throw queueFailure;
        sent.push(...messages);
      },
    },
    risk: createMemoryRisk(tables),
    journal,
    configAuthor: 'local file',
    clock,
    telemetry,
  });

async function worth(account: string, equity: string, ageMs = 0): Promise<void> {
  await createMemoryRisk(tables).ensure(account as AccountId, clock.nowMs());
  const row = tables.risk.get(account) as RiskState;
  const figures = { dailyLoss: notional('0'), drawdown: notional('0') };
  tables.risk.set(account, {
    ...row,
    figures: { ...figures, atMs: clock.nowMs() - ageMs, equity: notional(equity) },
  });
}

const told = () => tables.journal.get(streams.config) ?? [];

describe('a minute', () => {
  it('has every account reconciled whose exchange is enabled', async () => {
    const off = { exchange: 'off', mode: 'sandbox' };
    config = deskConfig({ exchanges: { off: { enabled: false } }, accounts: { third: off } });
    const plannedAtMs = clock.nowMs();
    expect(await planner()()).toEqual({ planned: 2 });
    expect(sent).toEqual([
      { account: 'main', plannedAtMs },
      { account: 'second', plannedAtMs },
    ]);
    expect(telemetry.counts.get(metricNames.accountsPlanned)).toBe(2);
  });

  it('sums up what the accounts of each mode were found to be worth', async () => {
    config = deskConfig({
      accounts: { third: { exchange: 'fake', mode: 'paper', paper: { balances: { USDT: '1' } } } },
    });
    await worth('main', '100', 30_000);
    await worth('second', '50', 90_000);
    await worth('third', '7', 400_000);
    await planner()();
    expect(tables.risk.get('*')?.deskFigures).toEqual({ sandbox: { atMs: clock.nowMs() - 90_000, equity: '150' } });
    expect(telemetry.counts.get(metricNames.figuresAgeSeconds)).toBe(400);
  });

  it('lets figures be as old as the limits of their account say', async () => {
    const limits = { orderNotionalMax: '1', openNotionalMax: '1', figuresAgeSecondsMax: 120 };
    config = deskConfig({ risk: { accounts: { main: limits } } });
    await worth('main', '100', 121_000);
    await worth('second', '50', 119_000);
    await planner()();
    expect(tables.risk.get('*')?.deskFigures).toEqual({ sandbox: { atMs: clock.nowMs() - 119_000, equity: '50' } });
  });

  it('says nothing of ages where nothing was reconciled yet, or where it cannot be', async () => {
    config = deskConfig({
      exchanges: { off: { enabled: false } },
      accounts: { third: { exchange: 'off', mode: 'sandbox' } },
    });
    await worth('third', '7', 900_000);
    await planner()();
    expect(tables.risk.get('*')?.deskFigures).toEqual({});
    expect(telemetry.counts.has(metricNames.figuresAgeSeconds)).toBe(false);
  });

  it('makes the rows of accounts that cannot lose money, in which figures are kept, and no others', async () => {
    const limits = { orderNotionalMax: '1', openNotionalMax: '1', exposureMax: '1', dailyLossMax: '1' };
    const live = { exchange: 'fake', mode: 'live' };
    config = deskConfig({ accounts: { third: live }, risk: { accounts: { third: limits } } });
    tables = new MemoryTables();
    await planner()();
    expect([...tables.risk.keys()].sort()).toEqual(['*', 'main', 'second']);
    expect(tables.risk.get('main')).toMatchObject({ state: 'active', reason: 'first use' });
    config = deskConfig({
      accounts: { main: live, second: live },
      risk: { accounts: { main: limits, second: limits } },
    });
    tables = new MemoryTables();
    await planner()();
    expect([...tables.risk.keys()]).toEqual([]);
  });

  it('waits for the first looks of a desk before it sums up for the first time, and never again', async () => {
    const startMs = clock.nowMs();
    const sleep = clock.sleep;
    clock.sleep = async (delayMs) => {
      await sleep(delayMs);
      await worth(sent.length > 0 && clock.nowMs() < startMs + 4_000 ? 'main' : 'second', '100');
    };
    await planner()();
    expect(clock.nowMs()).toBe(startMs + 4_000);
    expect(tables.risk.get('*')?.deskFigures).toMatchObject({ sandbox: { equity: '200' } });
    const { figures: _figures, ...unlooked } = tables.risk.get('second') as RiskState;
    tables.risk.set('second', unlooked);
    await planner()();
    expect(clock.nowMs()).toBe(startMs + 4_000);
  });

  it('sums up what there is where a first look does not come', async () => {
    const startMs = clock.nowMs();
    await worth('main', '100');
    await planner()();
    expect(clock.nowMs()).toBe(startMs + 20_000);
    expect(tables.risk.get('*')?.deskFigures).toMatchObject({ sandbox: { equity: '100' } });
  });

  it('sums up and tells of the configuration though the queue does not answer, and fails for it', async () => {
    queueFailure = new Error('no queue');
    await worth('main', '100');
    await expect(planner()()).rejects.toThrow('no queue');
    expect(tables.risk.get('*')?.deskFigures).toMatchObject({ sandbox: { equity: '100' } });
    expect(told()).toHaveLength(1);
    expect(telemetry.counts.has(metricNames.accountsPlanned)).toBe(false);
  });
});

describe('the configuration', () => {
  it('is told when it is seen first, and then when it changes, each once', async () => {
    for (const orderNotionalMax of ['1000', '1000', '2000', '2000']) {
      config = deskConfig({ risk: { default: { orderNotionalMax, openNotionalMax: '5000' } } });
      await planner()();
      clock.advance(60_000);
    }
    expect(told().map(({ type }) => type)).toEqual(['config.seen', 'config.changed']);
    expect(told()[1]?.data).toMatchObject({
      by: 'local file',
      changes: [{ path: 'risk.default.orderNotionalMax', before: '1000', after: '2000' }],
    });
    expect(telemetry.lines.filter((line) => line.includes('risk.default.orderNotionalMax'))).toHaveLength(1);
  });

  it('is told once by two planners at once', async () => {
    await Promise.all([planner()(), planner()(), planner()()]);
    expect(told().map(({ type }) => type)).toEqual(['config.seen']);
  });

  it('is told as a change of what another planner has told meanwhile', async () => {
    const journal = createMemoryConfigJournal(tables);
    const wide = deskConfig({ risk: { default: { orderNotionalMax: '2000', openNotionalMax: '5000' } } });
    let overtaken = false;
    const late = planner({
      ...journal,
      async append(event) {
        if (!overtaken) {
          overtaken = true;
          const mine = config;
          config = wide;
          await planner()();
          config = mine;
        }
        return journal.append(event);
      },
    });
    await late();
    expect(told().map(({ type }) => type)).toEqual(['config.seen', 'config.changed']);
    const [first, second] = told().map(({ data }) => data as ConfigEventData);
    expect(first?.document).toMatchObject({ risk: { default: { orderNotionalMax: '2000' } } });
    expect(second?.changes).toEqual([{ path: 'risk.default.orderNotionalMax', before: '2000', after: '1000' }]);
  });

  it('that cannot be told because others are always first fails the run', async () => {
    const busy = { last: async () => undefined, append: async () => false };
    await expect(planner(busy)()).rejects.toMatchObject({ name: 'VersionConflictError' });
    expect(sent).toHaveLength(2);
  });
});
