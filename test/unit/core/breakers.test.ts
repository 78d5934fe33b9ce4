import {
  type BreakerFigures,
  type BreakerName,
  type BreakerStates,
  type BreakersConfig,
  blindMsMax,
  breakerNames,
  easeBreakers,
  endCancels,
  type IntentId,
  judgeBreakers,
  notional,
  type Price,
  type ProbeSample,
  type RiskState,
  riskSchema,
  standingCancel,
  standingTrips,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import fc from '../../support/property.ts';

const minuteMs = 60_000;
const startMs = Date.UTC(2026, 10, 21);

const breakersOf = (breakers: Record<string, unknown>): BreakersConfig =>
  riskSchema.parse({ default: { orderNotionalMax: '1000', openNotionalMax: '1000' }, breakers }).breakers;

const figures = (change: Partial<BreakerFigures> = {}): BreakerFigures => ({
  nowMs: startMs,
  isAnswered: true,
  ...change,
});

const losing = (dailyLoss: string, drawdown = '0', equity = '9000') => ({
  marks: { equity: notional(equity), dailyLoss: notional(dailyLoss), drawdown: notional(drawdown) },
});
const pair = (symbol: string, previous: string | undefined, present: string | undefined) => ({
  symbol,
  ...(previous !== undefined && { previous: previous as Price }),
  ...(present !== undefined && { present: present as Price }),
});
const placed = (refused: number, accepted: number, atMs = startMs - minuteMs) => [
  ...Array.from({ length: refused }, () => ({ atMs, isRefused: true })),
  ...Array.from({ length: accepted }, () => ({ atMs, isRefused: false })),
];
/** One probe a minute up to `nowMs`; a text is a failure. */
const probed = (answers: readonly (number | ProbeSample['status'])[], nowMs = startMs): ProbeSample[] =>
  answers.map((answer, index) => ({
    atMs: nowMs - (answers.length - 1 - index) * minuteMs,
    ...(typeof answer === 'number' ? { status: 'ok', latencyMs: answer } : { status: answer, latencyMs: 5_000 }),
  }));
const bare = (...ids: string[]) => ids.map((id) => ({ orderId: id as IntentId, symbol: 'BTC/USDT' }));
const strange = (...ids: string[]) => ids.map((id) => ({ id, message: `${id} is not ours` }));

const row = (change: Partial<RiskState> = {}): RiskState => ({
  ...{ account: 'main', state: 'active', reason: 'looked at it', by: 'risk', reserved: notional('0'), counters: {} },
  ...{ figuresVersion: 0, version: 1, journalHash: '', updatedAtMs: startMs + 10_000 },
  ...change,
});

const tenProbes = (answer: number | ProbeSample['status']) => probed(Array.from({ length: 10 }, () => answer));

/** What each breaker trips at, just below which it does not, and what it makes of a missing figure. */
const limits: [BreakerName, Record<string, unknown>, Partial<BreakerFigures>, Partial<BreakerFigures>, string][] = [
  ['dailyLoss', { limit: '500' }, losing('500'), losing('499.99'), '500 was lost since the day began'],
  ['dailyLoss', { limit: '10%' }, losing('1000'), losing('999.99'), '10%'],
  ['dailyLoss', { limit: '10%' }, losing('1', '0', '-20'), losing('0', '0', '-20'), '0 (10%) is the most'],
  ['drawdown', { limit: '25%' }, losing('0', '3000'), losing('0', '2999'), 'since the highest equity'],
  [
    ...(['drift', { limit: '100' }] as const),
    { drift: { worth: notional('100'), unvalued: [] } },
    { drift: { worth: notional('99'), unvalued: [] } },
    'what nothing explains is worth 100',
  ],
  [
    ...(['drift', { limit: '1%' }] as const),
    { drift: { worth: notional('90'), unvalued: ['XYZ'] }, ...losing('0') },
    { drift: { worth: notional('89'), unvalued: [] }, ...losing('0') },
    '90 (1%) is the most',
  ],
  ['rejects', {}, { placements: placed(5, 5) }, { placements: placed(4, 6) }, 'refused 5 of 10 orders in 10 min'],
  ['rejects', { ordersMin: 3 }, { placements: placed(3, 0) }, { placements: placed(2, 0) }, '3 of 3'],
  ['rejects', {}, { placements: placed(10, 0) }, { placements: placed(10, 0, startMs - 10 * minuteMs) }, '10 of 10'],
  ['rejects', {}, { placements: placed(10, 0) }, { placements: [] }, '10 of 10'],
  [
    ...(['latency', { milliseconds: 800 }] as const),
    { probes: probed([900, 'unreachable', 800]) },
    { probes: probed([900, 799, 900]) },
    '800 ms or longer to answer for 3 min',
  ],
  ['latency', { milliseconds: 800, minutes: 1 }, { probes: probed([10, 801]) }, { probes: probed([801, 10]) }, '1 min'],
  [
    ...(['priceJump', { percent: '10%' }] as const),
    { prices: [pair('A/B', '100', '101'), pair('C/B', '100', '90'), pair('D/B', undefined, '5')] },
    { prices: [pair('A/B', '100', '109.9'), pair('D/B', undefined, '5')] },
    'the price of C/B changed by 10 % from 100 to 90',
  ],
  [
    ...(['priceJump', { percent: '10%' }] as const),
    { prices: [pair('A/B', '100', '120'), pair('C/B', '100', undefined)] },
    { prices: [pair('Z/B', '0', '5')] },
    'the price of A/B changed by 20 %',
  ],
  [
    ...(['venueHealth', { minutes: 3 }] as const),
    { probes: probed([10, 'unreachable', 'maintenance', 'unreachable', 'unreachable']) },
    { probes: probed([10, 'unreachable', 'unreachable', 'unreachable']) },
    'has not answered for 3 min',
  ],
  ['venueHealth', { minutes: 5 }, { probes: tenProbes('unreachable') }, { probes: tenProbes(20) }, 'for 9 min'],
  [
    ...(['venueHealth', { minutes: 5 }] as const),
    { isAnswered: false, silentSinceMs: startMs - 5 * minuteMs },
    { isAnswered: false, silentSinceMs: startMs - 4 * minuteMs, probes: probed([20]) },
    'for 5 min',
  ],
  ['protection', { minutes: 0 }, { unprotected: bare('o1') }, { unprotected: [] }, 'BTC/USDT (order o1)'],
  ['outsider', {}, { outsiders: strange('x') }, { outsiders: [] }, 'somebody else has the key: x is not ours'],
];

describe('a breaker', () => {
  it.each(limits)('%s of %j trips at its limit and not below it', (name, settings, over, below, says) => {
    const config = breakersOf({ [name]: settings });
    expect(judgeBreakers(config, {}, figures(below))).toEqual({ states: {}, trips: [], blind: [], events: [] });
    const { trips, states, events, blind } = judgeBreakers(config, {}, figures(over));
    expect(trips).toEqual([{ name, action: config[name]?.action, cancelOrders: false, message: expect.any(String) }]);
    expect(trips[0]?.message).toContain(says);
    expect(blind).toEqual([]);
    expect(Object.keys(states)).toEqual([name]);
    expect(events).toMatchObject([{ type: 'breaker.tripped', atMs: startMs, data: { breaker: name } }]);
  });

  it('that is not configured judges nothing', () => {
    const all = Object.assign({}, ...limits.map(([, , over]) => over)) as Partial<BreakerFigures>;
    expect(judgeBreakers(breakersOf({}), {}, figures(all))).toEqual({ states: {}, trips: [], blind: [], events: [] });
  });

  it('that is configured no longer forgets, tells it and leaves the switch alone', () => {
    const states: BreakerStates = { drift: { state: 'tripped', value: '9', atMs: startMs, action: 'halted' } };
    const judged = judgeBreakers(breakersOf({}), states, figures());
    expect(judged).toMatchObject({ states: {}, trips: [], events: [{ type: 'breaker.removed' }] });
  });

  it('asks for orders to be canceled where that is configured', () => {
    const config = breakersOf({ drawdown: { limit: '1', cancelOrders: true, action: 'reducing' } });
    const { trips } = judgeBreakers(config, {}, figures(losing('0', '5')));
    expect(trips).toMatchObject([{ name: 'drawdown', action: 'reducing', cancelOrders: true }]);
  });
});

describe('a figure that is missing', () => {
  const missing: [BreakerName, Record<string, unknown>, Partial<BreakerFigures>][] = [
    ['dailyLoss', { limit: '1' }, {}],
    ['drawdown', { limit: '1' }, {}],
    ['drift', { limit: '1' }, {}],
    ['drift', { limit: '1%' }, { drift: { worth: notional('100'), unvalued: [] } }],
    ['drift', { limit: '200' }, { drift: { worth: notional('100'), unvalued: ['XYZ'] } }],
    ['rejects', {}, {}],
    ['latency', { milliseconds: 1 }, {}],
    ['latency', { milliseconds: 1 }, { probes: probed([9, 9]) }],
    ['latency', { milliseconds: 1 }, { probes: probed([9, 9, 9], startMs - 20 * minuteMs) }],
    ['priceJump', { percent: '1%' }, {}],
    ['priceJump', { percent: '1%' }, { prices: [pair('A/B', '1', undefined), pair('C/B', '100', '100.5')] }],
    ['venueHealth', {}, {}],
    ['venueHealth', {}, { probes: [] }],
    ['venueHealth', {}, { probes: probed(['unreachable'], startMs - 9 * minuteMs) }],
    ['protection', {}, {}],
    ['outsider', {}, {}],
  ];

  it.each(missing)('of %s (%j) neither trips nor passes for fine, and is told once it lasts', (name, settings, had) => {
    const config = breakersOf({ [name]: settings });
    const first = judgeBreakers(config, {}, figures(had));
    expect(first).toMatchObject({ trips: [], blind: [], events: [], states: { [name]: { state: 'armed' } } });
    // Figures with a time of their own move along.
    const later = (ms: number) => figures({ ...had, nowMs: startMs + ms, ...(had.probes && { probes: [] }) });
    const second = judgeBreakers(config, first.states, later(blindMsMax));
    expect(second).toMatchObject({ trips: [], blind: [{ name }], events: [{ type: 'breaker.blind' }] });
    const third = judgeBreakers(config, second.states, later(blindMsMax + minuteMs));
    expect(third).toMatchObject({ trips: [], blind: [{ name }], events: [] });
  });

  it('and comes back is told, and judged', () => {
    const config = breakersOf({ dailyLoss: { limit: '100' } });
    const blind = judgeBreakers(
      config,
      judgeBreakers(config, {}, figures()).states,
      figures({ nowMs: startMs + blindMsMax }),
    );
    const seen = judgeBreakers(config, blind.states, figures({ ...losing('1'), nowMs: startMs + blindMsMax + 1 }));
    expect(seen).toMatchObject({ states: {}, trips: [], blind: [], events: [{ type: 'breaker.sighted' }] });
    const over = judgeBreakers(config, blind.states, figures({ ...losing('100'), nowMs: startMs + blindMsMax + 1 }));
    expect(over.events.map(({ type }) => type)).toEqual(['breaker.sighted', 'breaker.tripped']);
  });

  it('keeps a breaker that a person eased from being armed', () => {
    const config = breakersOf({ dailyLoss: { limit: '100' } });
    const states: BreakerStates = { dailyLoss: { state: 'eased', value: '150', atMs: startMs, action: 'reducing' } };
    const judged = judgeBreakers(config, states, figures());
    expect(judged.states.dailyLoss).toMatchObject({ state: 'eased', value: '150' });
    const seen = judgeBreakers(config, judged.states, figures(losing('150')));
    expect(seen.states.dailyLoss).toEqual(states.dailyLoss);
  });

  it('of the account is not called missing while its venue does not answer', () => {
    const settings = { dailyLoss: { limit: '1' }, drawdown: { limit: '1' }, drift: { limit: '1' } };
    const config = breakersOf({ ...settings, priceJump: { percent: '1%' }, outsider: {} });
    const states: BreakerStates = { drift: { state: 'eased', value: '150', atMs: startMs } };
    const judged = judgeBreakers(config, states, figures({ isAnswered: false }));
    expect(judged).toEqual({ states, trips: [], blind: [], events: [] });
  });

  it('of the time to an answer is not called missing while no probe has one', () => {
    const config = breakersOf({ latency: { milliseconds: 1 } });
    const judged = judgeBreakers(config, {}, figures({ probes: tenProbes('unreachable') }));
    expect(judged).toEqual({ states: {}, trips: [], blind: [], events: [] });
  });
});

describe('a breaker that has tripped', () => {
  const config = breakersOf({ dailyLoss: { limit: '1000' } });
  const trip = judgeBreakers(config, {}, figures(losing('1200')));

  it('does not trip again, and stays, whatever the figure does', () => {
    for (const lost of ['0', '1200', '99999']) {
      const judged = judgeBreakers(config, trip.states, figures({ ...losing(lost), nowMs: startMs + minuteMs }));
      expect(judged).toMatchObject({ trips: [], events: [] });
      expect(judged.states.dailyLoss).toMatchObject({ state: 'tripped', value: '1200', latest: lost, atMs: startMs });
    }
  });

  it.each([
    ['there is none', undefined],
    ['it was set before', row({ updatedAtMs: startMs - 1 })],
    ['it was set at the same moment', row({ updatedAtMs: startMs })],
    ['it is reducing', row({ state: 'reducing' })],
    ['a breaker set it', row({ by: 'breaker:drift' })],
    ['it was made on first use', row({ by: 'nightdesk' })],
  ])('is not eased by a switch when %s', (_when, switchRow) => {
    expect(easeBreakers(trip.states, switchRow)).toEqual({ states: trip.states, events: [] });
  });

  it('is eased by a person, at the figure that was known by then', () => {
    const seen = judgeBreakers(config, trip.states, figures(losing('1500')));
    const eased = easeBreakers(seen.states, row());
    expect(eased.states.dailyLoss).toMatchObject({ state: 'eased', value: '1500', atMs: startMs + 10_000 });
    expect(eased.events).toEqual([
      {
        ...{ type: 'breaker.eased', atMs: startMs + 10_000 },
        data: { breaker: 'dailyLoss', by: 'risk', reason: 'looked at it', value: '1500' },
      },
    ]);
    expect(easeBreakers(eased.states, row())).toEqual({ states: eased.states, events: [] });
  });

  it.each([
    ['1500', 'eased', []],
    ['1599.99', 'eased', []],
    ['1600', 'tripped', ['breaker.tripped']],
    ['900', 'eased', []],
    ['899.99', undefined, ['breaker.armed']],
    ['0', undefined, ['breaker.armed']],
  ])('and eased at 1500 is, at %s, %s', (lost, state, events) => {
    const seen = judgeBreakers(config, trip.states, figures(losing(lost === '' ? '0' : '1500')));
    const { states } = easeBreakers(seen.states, row());
    const judged = judgeBreakers(config, states, figures({ ...losing(lost), nowMs: startMs + minuteMs }));
    expect(judged.states.dailyLoss?.state).toBe(state);
    expect(judged.events.map(({ type }) => type)).toEqual(events);
  });

  it('trips again at once when a stricter action is configured while the figure is beyond its limit', () => {
    const stricter = breakersOf({ dailyLoss: { limit: '1000', action: 'halted' } });
    expect(judgeBreakers(stricter, trip.states, figures(losing('1200'))).trips).toMatchObject([{ action: 'halted' }]);
    expect(judgeBreakers(stricter, trip.states, figures(losing('999'))).trips).toEqual([]);
    const undated: BreakerStates = { dailyLoss: { state: 'tripped', value: '1', atMs: 0 } };
    expect(judgeBreakers(config, undated, figures(losing('1200'))).trips).toHaveLength(1);
  });

  it('only alarms, again for what is worse by a tenth, and needs no person, where that is its action', () => {
    const alarming = breakersOf({ dailyLoss: { limit: '1000', action: 'alarm' } });
    let states: BreakerStates = {};
    const alarmsAt = (lost: string) => {
      const judged = judgeBreakers(alarming, states, figures(losing(lost)));
      states = judged.states;
      return judged.trips.length;
    };
    expect(['1000', '1050', '1100', '1100', '950', '899', '1000'].map(alarmsAt)).toEqual([1, 0, 1, 0, 0, 0, 1]);
  });
});

describe('what "worse" is after a person let trading go on', () => {
  const eased = (name: BreakerName, change: object = {}): BreakerStates => ({
    [name]: { state: 'eased', value: '0', atMs: startMs, action: 'halted', ...change },
  });

  it('is for rejects what was answered since, until all of what was before is out of sight', () => {
    const config = breakersOf({ rejects: {} });
    const at = (minutes: number, placements: BreakerFigures['placements']) =>
      judgeBreakers(
        config,
        eased('rejects', { value: '100' }),
        figures({ nowMs: startMs + minutes * minuteMs, placements }),
      );
    const old = placed(20, 0, startMs - 1);
    expect(at(1, [...old, ...placed(9, 0, startMs + 1)])).toMatchObject({ trips: [], events: [] });
    expect(at(1, [...old, ...placed(5, 5, startMs + 1)]).trips).toHaveLength(1);
    expect(at(9, old).states.rejects?.state).toBe('eased');
    expect(at(10, old)).toMatchObject({ states: {}, events: [{ type: 'breaker.armed' }] });
  });

  it('is for a venue that does not answer as long again', () => {
    const config = breakersOf({ venueHealth: { minutes: 5 } });
    const at = (minutes: number, silentSinceMs: number | undefined) => {
      const nowMs = startMs + minutes * minuteMs;
      const silence = silentSinceMs === undefined ? {} : { silentSinceMs };
      return judgeBreakers(
        config,
        eased('venueHealth', { value: '7' }),
        figures({ nowMs, ...silence, probes: probed([9], nowMs) }),
      );
    };
    const sinceMs = startMs - 7 * minuteMs;
    expect(at(4, sinceMs).trips).toEqual([]);
    expect(at(5, sinceMs).trips).toHaveLength(1);
    expect(at(1, undefined)).toMatchObject({ states: {}, events: [{ type: 'breaker.armed' }] });
  });

  it('is for bare positions and outsiders another one', () => {
    const config = breakersOf({ outsider: { action: 'halted' } });
    const at = (minutes: number, states: BreakerStates, ...ids: string[]) =>
      judgeBreakers(config, states, figures({ nowMs: startMs + minutes * minuteMs, outsiders: strange(...ids) }));
    const first = at(0, {}, 'x');
    const second = at(1, first.states, 'x', 'y');
    expect(second.trips).toEqual([]);
    const { states } = easeBreakers(second.states, row({ updatedAtMs: startMs + 1.5 * minuteMs }));
    const third = at(2, states, 'x', 'y');
    expect(third.trips).toEqual([]);
    expect(at(3, third.states, 'x', 'z').trips).toHaveLength(1);
    const gone = at(3, third.states);
    expect(gone).toMatchObject({ states: {}, trips: [], events: [{ type: 'breaker.armed' }] });
    expect(at(4, gone.states, 'x').trips).toHaveLength(1);
  });

  it('counts how long each position has been bare from the look that saw it first', () => {
    const config = breakersOf({ protection: { minutes: 2 } });
    const at = (minutes: number, states: BreakerStates, ...ids: string[]) =>
      judgeBreakers(config, states, figures({ nowMs: startMs + minutes * minuteMs, unprotected: bare(...ids) }));
    const first = at(0, {}, 'a');
    expect(first.states.protection).toMatchObject({ state: 'armed', subjects: { a: startMs } });
    const second = at(1, first.states, 'b');
    const third = at(2, second.states, 'a', 'b');
    expect([first, second, third].flatMap(({ trips }) => trips)).toEqual([]);
    const fourth = at(3, third.states, 'a', 'b');
    expect(fourth.trips).toMatchObject([{ message: expect.stringMatching(/order b\)$/) }]);
    const { states } = easeBreakers(fourth.states, row({ updatedAtMs: startMs + 3.5 * minuteMs }));
    // It is calm as far as the eased ones go, and goes on watching the new one.
    expect(at(4, states, 'c').states.protection).toMatchObject({
      state: 'armed',
      subjects: { c: startMs + 4 * minuteMs },
    });
  });
});

describe('trips whose switch was never set', () => {
  const config = breakersOf({ drift: { limit: '1', cancelOrders: true }, outsider: {} });
  const states: BreakerStates = {
    drift: { state: 'tripped', value: '9', atMs: startMs, action: 'halted', message: 'drift' },
    outsider: { state: 'eased', value: '1', atMs: startMs, action: 'alarm' },
    latency: { state: 'tripped', value: '1', atMs: startMs, action: 'alarm' },
  };
  const standing = [{ name: 'drift', action: 'halted', cancelOrders: true, message: 'drift' }];

  it.each([
    ['there is no switch', undefined, standing],
    ['it was set to less before', row({ updatedAtMs: startMs - 1 }), standing],
    ['another breaker set it to less', row({ state: 'reducing', by: 'breaker:rejects' }), standing],
    ['it is as strict', row({ state: 'halted', updatedAtMs: startMs - 1 }), []],
    ['a person has set it since', row({ state: 'reducing' }), []],
  ])('stand when %s: %j', (_when, switchRow, wanted) => {
    expect(standingTrips(config, states, switchRow)).toEqual(wanted);
  });

  it('do not cancel orders of a breaker that is configured no longer', () => {
    expect(standingTrips(breakersOf({}), states, undefined)).toMatchObject([{ name: 'drift', cancelOrders: false }]);
  });
});

describe('orders to be canceled', () => {
  const config = breakersOf({ dailyLoss: { limit: '1000', cancelOrders: true } });
  const { states } = judgeBreakers(config, {}, figures(losing('1000')));

  it('are remembered with the trip until that is ended, also while the figure is judged again', () => {
    expect(states.dailyLoss).toMatchObject({ state: 'tripped', isCanceling: true });
    const again = judgeBreakers(config, states, figures(losing('1200'))).states;
    expect(again.dailyLoss).toMatchObject({ state: 'tripped', isCanceling: true });
    expect(endCancels(again).dailyLoss).toEqual({ ...again.dailyLoss, isCanceling: undefined });
    expect(standingCancel(endCancels(again), undefined)).toBeUndefined();
  });

  it.each([
    ['there is no switch', undefined, startMs],
    ['a person has set the switch since', row({ state: 'halted' }), startMs],
    ['a breaker has set it', row({ by: 'breaker:dailyLoss' }), startMs + 10_000],
    ['a breaker had set it before', row({ by: 'breaker:drift', updatedAtMs: startMs - 1 }), startMs],
  ])('are those recorded until the trip was carried out: %s', (_when, switchRow, untilMs) => {
    const message = expect.stringContaining('was lost since the day began');
    expect(standingCancel(states, switchRow)).toEqual({ name: 'dailyLoss', message, untilMs });
  });

  it('are told of without words where none were kept, and are none once a person let trading go on', () => {
    const silent: BreakerStates = { drift: { state: 'tripped', value: '1', atMs: 7, isCanceling: true } };
    expect(standingCancel(silent, undefined)).toEqual({ name: 'drift', message: '', untilMs: 7 });
    expect(standingCancel(easeBreakers(states, row()).states, row())).toBeUndefined();
  });
});

describe('any history of a loss', () => {
  const config = breakersOf({ dailyLoss: { limit: '1000', action: 'halted' } });
  const steps = fc.array(fc.record({ lost: fc.integer({ min: 0, max: 3_000 }), resumes: fc.boolean() }), {
    maxLength: 30,
  });

  it('halts trading whenever the loss has grown beyond what a person last let go on, and never twice without a person', () => {
    fc.assert(
      fc.property(steps, (history) => {
        let states: BreakerStates = {};
        let halted = false;
        for (const [index, { lost, resumes }] of history.entries()) {
          const nowMs = startMs + index * minuteMs;
          if (resumes && halted) {
            states = easeBreakers(states, row({ updatedAtMs: nowMs - 1 })).states;
            halted = false;
          }
          const before = states.dailyLoss;
          const judged = judgeBreakers(config, states, figures({ ...losing(String(lost)), nowMs }));
          expect(judged.trips.length).toBeLessThanOrEqual(halted ? 0 : 1);
          if (judged.trips.length > 0) halted = true;
          states = judged.states;
          const known = before?.state === 'eased' ? Number(before.value) + 100 : 0;
          if (lost >= Math.max(1_000, known)) expect(halted).toBe(true);
          if (judged.trips.length > 0) expect(lost).toBeGreaterThanOrEqual(1_000);
        }
      }),
    );
  });
});

it('names every breaker of the configuration', () => {
  const all = { limit: '1', percent: '1%', milliseconds: 1 };
  for (const name of breakerNames) {
    const { limit, percent, milliseconds } = all;
    const tries = [{}, { limit }, { percent }, { milliseconds }].map((settings) => ({ [name]: settings }));
    const base = { default: { orderNotionalMax: '1', openNotionalMax: '1' } };
    expect(tries.some((breakers) => riskSchema.safeParse({ ...base, breakers }).success)).toBe(true);
  }
});
