import {
  type Cause,
  coordinationKeys,
  type DeadManOutcome,
  type DeskConfig,
  findConfigDefects,
  type MarketKind,
  metricNames,
} from '@nightdesk/core';
import { createHandler } from '@nightdesk/functions/renew-leases/handler.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../support/clocks.ts';
import { deskConfig } from '../../support/desk-config.ts';
import { createMemoryCoordination, type MemoryCoordination } from '../../support/memory-coordination.ts';
import { createRecordingTelemetry, type RecordingTelemetry } from '../../support/telemetry.ts';

let clock: ManualClock;
let coordination: MemoryCoordination;
let telemetry: RecordingTelemetry;
/** Milliseconds and kind of each request, by account. */
let asked: Record<string, [number, MarketKind | undefined][]>;
let answers: DeadManOutcome[];
let traits: { hasDeadManSwitch: boolean; unopened: readonly string[] };

beforeEach(() => {
  clock = createManualClock();
  coordination = createMemoryCoordination();
  telemetry = createRecordingTelemetry();
  [asked, answers, traits] = [{}, [], { hasDeadManSwitch: true, unopened: [] }];
});

const timeout: Cause = { code: 'timeout', message: 'no answer in time' };
const main = (change: object = {}) =>
  deskConfig({ accounts: { main: { exchange: 'fake', mode: 'sandbox', ...change } } });
const leased = (deadMan: object = {}) => main({ deadMan });

const renew = (config: DeskConfig, liveTrading = false) =>
  createHandler({
    loadConfig: async () => config,
    async openVenue({ id }) {
      if (traits.unopened.includes(id)) throw new Error('no secret');
      return {
        hasDeadManSwitch: traits.hasDeadManSwitch,
        async setDeadManSwitch(afterMs, kind) {
          asked[id] = [...(asked[id] ?? []), [afterMs, kind]];
          return answers.shift() ?? { kind: 'set' };
        },
      };
    },
    ...{ coordination, liveTrading, clock, telemetry },
  })();

const nothing = { renewed: [], released: [], failed: [] };

describe('a run that renews dead man’s switches', () => {
  it('asks for none of an account without one, and does not open it', async () => {
    traits.unopened = ['main'];
    expect(await renew(main())).toEqual(nothing);
    expect(asked).toEqual({});
  });

  it('sets that of every account with one, each minute anew', async () => {
    expect(await renew(leased({ seconds: 120 }))).toEqual({ ...nothing, renewed: ['main'] });
    clock.advance(60_000);
    await renew(leased({ seconds: 120 }));
    expect(asked).toEqual({
      main: [
        [120_000, undefined],
        [120_000, undefined],
      ],
    });
    expect(telemetry.counts.get(metricNames.leasesRenewed)).toBe(2);
    expect(coordination.rows.get(coordinationKeys.deadMan('main'))).toEqual({
      kinds: '-',
      untilMs: clock.nowMs() + 120_000,
    });
  });

  it('sets one for each kind of market that is named', async () => {
    await renew(leased({ kinds: ['spot', 'perpetual'] }));
    expect(asked).toEqual({
      main: [
        [150_000, 'spot'],
        [150_000, 'perpetual'],
      ],
    });
  });

  it.each<[string, object, [number, MarketKind | undefined][]]>([
    [
      'is configured no longer',
      {},
      [
        [0, 'spot'],
        [0, 'perpetual'],
      ],
    ],
    [
      'is for fewer kinds',
      { deadMan: { kinds: ['perpetual'] } },
      [
        [150_000, 'perpetual'],
        [0, 'spot'],
      ],
    ],
    [
      'is for the usual kind',
      { deadMan: {} },
      [
        [150_000, undefined],
        [0, 'spot'],
        [0, 'perpetual'],
      ],
    ],
  ])('takes back what %s, once', async (_why, change, wanted) => {
    await renew(leased({ kinds: ['spot', 'perpetual'] }));
    asked = {};
    await renew(main(change));
    expect(asked).toEqual({ main: wanted });
    asked = {};
    await renew(main(change));
    expect(
      Object.values(asked)
        .flat()
        .filter(([afterMs]) => afterMs === 0),
    ).toEqual([]);
  });

  it('takes nothing back that has ended by itself', async () => {
    await renew(leased());
    clock.advance(150_000);
    asked = {};
    expect(await renew(main())).toEqual(nothing);
    expect(asked).toEqual({});
  });

  it('takes it back where its exchange, or live trading, is turned off', async () => {
    await renew(leased());
    const off = deskConfig({
      exchanges: { fake: { enabled: false } },
      accounts: { main: { exchange: 'fake', mode: 'sandbox', deadMan: {} } },
    });
    expect(await renew(off)).toEqual({ ...nothing, released: ['main'] });
    expect(asked.main?.at(-1)).toEqual([0, undefined]);
    const limits = { orderNotionalMax: '1', openNotionalMax: '1', exposureMax: '1', dailyLossMax: '1' };
    const live = deskConfig({
      accounts: { main: { exchange: 'fake', mode: 'live', deadMan: {} } },
      risk: { accounts: { main: limits } },
    });
    expect(await renew(live)).toEqual(nothing);
    expect(await renew(live, true)).toEqual({ ...nothing, renewed: ['main'] });
    expect(await renew(live)).toEqual({ ...nothing, released: ['main'] });
  });

  it('asks once more where the answer was lost', async () => {
    answers = [{ kind: 'unknown', cause: timeout }];
    expect(await renew(leased())).toEqual({ ...nothing, renewed: ['main'] });
    expect(asked.main).toHaveLength(2);
  });

  it.each<[string, Partial<typeof traits>, DeadManOutcome[], number]>([
    ['two answers are lost', {}, [1, 2].map(() => ({ kind: 'unknown', cause: timeout })), 2],
    ['it is refused', {}, [{ kind: 'refused', cause: timeout }], 1],
    ['the venue has none', { hasDeadManSwitch: false }, [], 0],
    ['the venue cannot be opened', { unopened: ['main'] }, [], 0],
  ])('counts a failure when %s, and says so', async (_why, change, given, requests) => {
    answers = given;
    Object.assign(traits, change);
    expect(await renew(leased())).toEqual({ ...nothing, failed: ['main'] });
    expect(asked.main ?? []).toHaveLength(requests);
    expect(telemetry.counts.get(metricNames.leasesFailed)).toBe(1);
    expect(telemetry.lines.join()).toContain('main was not renewed');
  });

  it('leaves the other accounts alone when one fails', async () => {
    traits.unopened = ['main'];
    const both = { exchange: 'fake', mode: 'sandbox', deadMan: {} };
    const summary = await renew(deskConfig({ accounts: { main: both, second: both } }));
    expect(summary).toEqual({ ...nothing, failed: ['main'], renewed: ['second'] });
  });

  it('renews also while the table of what is set does not answer', async () => {
    coordination.failure = new Error('the table does not answer');
    expect(await renew(leased())).toEqual({ ...nothing, renewed: ['main'] });
    expect(asked.main).toHaveLength(1);
    expect(await renew(main())).toEqual(nothing);
    expect(telemetry.lines.join()).toContain('of main is not known');
  });

  it('still takes back what it could not take back before', async () => {
    await renew(leased());
    answers = [{ kind: 'refused', cause: timeout }];
    expect(await renew(main())).toEqual({ ...nothing, failed: ['main'] });
    expect(await renew(main())).toEqual({ ...nothing, released: ['main'] });
    expect(await renew(main())).toEqual(nothing);
  });
});

describe('the setting', () => {
  const defectsOf = (account: object) => findConfigDefects({ accounts: { main: { exchange: 'fake', ...account } } });

  it.each([
    [{ mode: 'sandbox', deadMan: { seconds: 119 } }, 'seconds', 'must be 120 or more'],
    [{ mode: 'sandbox', deadMan: { kinds: ['spot', 'spot'] } }, 'kinds', 'names a kind twice'],
    [{ mode: 'paper', paper: { balances: { USDT: '1' } }, deadMan: {} }, 'deadMan', 'a paper account has no exchange'],
  ])('%j is refused', (account, field, message) => {
    expect(defectsOf(account)).toMatchObject([
      { path: expect.arrayContaining([field]), message: expect.stringContaining(message) },
    ]);
  });

  it('is 150 seconds where none are named', () => {
    expect(defectsOf({ mode: 'sandbox', deadMan: {} })).toEqual([]);
    expect(leased().accounts.main?.deadMan).toEqual({ seconds: 150 });
  });
});
