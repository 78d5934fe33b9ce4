import { notional } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import {
  contract,
  onlyStop,
  onlyTargets,
  settle,
  spot,
  trailing,
  twoTargets,
  without,
} from '../../support/exit-plans.ts';
import { type CrashPoint, createExitDesk, type ExitDeskOptions } from '../../support/exits.ts';
import type { PlaceFault, VenueFaults } from '../../support/fake-venue.ts';
import { btcUsdt, btcUsdtPerpetual } from '../../support/markets.ts';
import { cause } from '../../support/orders.ts';
import fc from '../../support/property.ts';

/** What happens to the market, round by round, in the histories below. */
const histories: [string, ExitDeskOptions, string[]][] = [
  ['two targets on contracts', { ...contract, plan: twoTargets }, ['100', '102', '104']],
  ['a target and break even on contracts', { ...contract, plan: twoTargets }, ['100', '102', '100']],
  ['a short position', { ...contract, side: 'sell', plan: twoTargets }, ['100', '98', '100']],
  ['replacing on contracts', { ...contract, plan: twoTargets, abilities: { amends: false } }, ['100', '102', '100']],
  ['two targets on spot', { ...spot, plan: twoTargets }, ['100', '102.01', '104.01']],
  [
    'a target and break even on spot',
    { ...spot, plan: twoTargets, abilities: { amends: false } },
    ['100', '102.01', '99'],
  ],
  [
    'targets that cannot be immediate',
    { ...spot, plan: twoTargets, abilities: { timesInForce: new Set() } },
    ['100', '102.01', '104.01'],
  ],
  ['targets alone on spot', { ...spot, plan: onlyTargets }, ['100', '102', '104']],
  ['trailing on spot', { ...spot, plan: trailing, abilities: { amends: false } }, ['100', '105', '102']],
  [
    'trailing on contracts',
    { ...contract, plan: trailing, abilities: without('trailing_stop') },
    ['100', '105', '102'],
  ],
  [
    'a stop that waits here',
    { ...spot, plan: onlyStop, abilities: without('stop', 'stop_limit') },
    ['100', '98', '98'],
  ],
  [
    'an entry in parts on spot',
    { ...spot, plan: onlyStop, partial: '1.5', abilities: { amends: false } },
    ['100', '100', '98'],
  ],
  ['an entry in parts on contracts', { ...contract, plan: onlyStop, partial: '1.5' }, ['100', '100', '98']],
];

async function live(options: ExitDeskOptions, prices: string[], crash?: CrashPoint & { round: number }) {
  const desk = await createExitDesk(options);
  const calls: number[] = [];
  for (const [round, to] of prices.entries()) {
    desk.setPrice(to);
    if (round === 1 && options.partial !== undefined) desk.venue.fillRest(desk.orderId);
    const ended = await desk.track(crash?.round === round ? crash : undefined);
    calls.push(ended.calls);
    // A process that ended is started again, and the price stays where it is for as long.
    if (ended.crashed) await desk.track();
  }
  await settle(desk);
  return { desk, calls };
}

const endOf = async ({ desk }: Awaited<ReturnType<typeof live>>) => [
  await desk.state(),
  desk.positionAtVenue(),
  desk.openAtVenue().length,
];

describe.each(histories)('%s', (_, options, prices) => {
  it('ends in a position that is closed, wherever the process ends', async () => {
    const { calls, ...whole } = await live(options, prices);
    expect(await endOf({ ...whole, calls })).toEqual(['done', '0', 0]);
    for (const [round, count] of calls.entries()) {
      for (let call = 0; call < count; call++) {
        for (const when of ['before', 'after'] as const) {
          const ended = await live(options, prices, { round, call, when });
          expect([round, call, when, ...(await endOf(ended))]).toEqual([round, call, when, 'done', '0', 0]);
        }
      }
    }
  });

  it.each(['fail_before_accept', 'lose_answer', 'delay_effect'] as const)(
    'ends in a position that is closed when a call ends in %s',
    async (kind) => {
      for (let which = 0; which < 8; which++) {
        const desk = await createExitDesk(options);
        let placed = 0;
        const fault = kind === 'delay_effect' ? { kind, delayMs: 5_000 } : { kind };
        desk.setFaults({ place: () => (placed++ === which ? fault : undefined) });
        for (const [round, to] of prices.entries()) {
          desk.setPrice(to);
          if (round === 1 && options.partial !== undefined) desk.venue.fillRest(desk.orderId);
          await desk.track();
        }
        await settle(desk);
        expect([which, ...(await endOf({ desk, calls: [] }))]).toEqual([which, 'done', '0', 0]);
      }
    },
  );

  it.each(['lose_request', 'lose_answer'] as const)('stands cancels and changes that end in %s', async (kind) => {
    for (let which = 0; which < 4; which++) {
      const desk = await createExitDesk(options);
      let asked = 0;
      const fault = () => (asked++ === which ? { kind } : undefined);
      desk.setFaults({ cancel: fault, amend: fault });
      for (const [round, to] of prices.entries()) {
        desk.setPrice(to);
        if (round === 1 && options.partial !== undefined) desk.venue.fillRest(desk.orderId);
        await desk.track();
      }
      await settle(desk);
      expect([which, ...(await endOf({ desk, calls: [] }))]).toEqual([which, 'done', '0', 0]);
    }
  });
});

describe('any history', () => {
  const fault = fc.record({
    call: fc.constantFrom('place', 'cancel', 'amend', 'find'),
    which: fc.nat({ max: 3 }),
    kind: fc.nat({ max: 3 }),
  });
  const round = fc.record({
    to: fc.constantFrom('97', '98.9', '99.5', '100', '101', '102.01', '103', '104.01', '106', '111'),
    fault: fc.option(fault, { nil: undefined }),
    crash: fc.option(fc.record({ call: fc.nat({ max: 40 }), when: fc.constantFrom('before', 'after') }), {
      nil: undefined,
    }),
    cancels: fc.integer({ min: 0, max: 9 }).map((chance) => chance === 0),
  });
  const options: fc.Arbitrary<ExitDeskOptions> = fc.record(
    {
      // The fake venue has its least worth for orders that reduce too, unlike most.
      market: fc.constantFrom(btcUsdt, { ...btcUsdtPerpetual, notionalMin: notional('5') }),
      plan: fc
        .constantFrom(twoTargets, onlyStop, trailing, onlyTargets)
        .chain((plan) => fc.constantFrom(plan, { ...plan, onFailure: 'close' as const })),
      partial: fc.constantFrom('0', '1.5', '3'),
      abilities: fc
        .tuple(
          fc.boolean(),
          fc.constantFrom(without(), without('trailing_stop'), without('trailing_stop', 'stop', 'stop_limit')),
        )
        .map(([amends, types]) => ({ amends, ...types })),
    },
    { requiredKeys: ['market', 'plan'] },
  );

  const faultsOf = ({ call, which, kind }: { call: string; which: number; kind: number }): VenueFaults => {
    let asked = 0;
    const isHit = () => asked++ === which;
    const lost = (['lose_request', 'lose_answer'] as const)[kind % 2] ?? 'lose_answer';
    const places: PlaceFault[] = [
      { kind: 'fail_before_accept' },
      { kind: 'lose_answer' },
      { kind: 'delay_effect', delayMs: 4_000 },
      { kind: 'reject', evidence: cause },
    ];
    if (call === 'place') return { place: () => (isHit() ? places[kind] : undefined) };
    if (call === 'find') return { find: () => (isHit() ? { kind: 'no_answer' } : undefined) };
    return { [call]: () => (isHit() ? { kind: lost } : undefined) };
  };

  it('protects at most the position, leaves it bare only while that is told of, and ends with all of it closed', async () => {
    await fc.assert(
      fc.asyncProperty(
        options,
        fc.array(round, { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        async (given, rounds, isShort) => {
          const side = isShort && given.market.kind !== 'spot' ? 'sell' : 'buy';
          const chosen = { ...given, side } as const;
          const desk = await createExitDesk(chosen);
          for (const { to, fault: chance, crash, cancels } of rounds) {
            desk.setPrice(to);
            if (cancels) for (const { request } of desk.openAtVenue()) desk.venue.cancel(request.clientOrderId);
            desk.setFaults(chance === undefined ? {} : faultsOf(chance));
            const { crashed } = await desk.track(crash);
            desk.setFaults({});
            if (crashed) await desk.track();
          }
          desk.setPrice('100');
          desk.venue.fillRest(desk.orderId);
          await settle(desk);
          // Where a stop ends the position, or else its targets.
          desk.setPrice((side === 'buy') === (chosen.plan.stopLoss !== undefined) ? '50' : '200');
          for (let hour = 0; hour < 3; hour++) {
            desk.clock.advance(3_600_000);
            await settle(desk);
          }
          expect([await desk.state(), desk.positionAtVenue(), desk.openAtVenue()]).toEqual(['done', '0', []]);
        },
      ),
      { numRuns: 300 },
    );
  });
});
