/** Plans of brackets for tests, and how what rests of them is shown. */
import { type ExitPlan, type OrderAbilities, orderTypes } from '@nightdesk/core';
import type { ExitDesk } from './exits.ts';
import { btcUsdt, btcUsdtPerpetual } from './markets.ts';

export const twoTargets: ExitPlan = {
  takeProfits: [
    { level: { percent: '2' }, portion: '0.5' },
    { level: { percent: '4' }, portion: '0.5' },
  ],
  stopLoss: { level: { percent: '1' }, breakEven: true },
  onFailure: 'keep',
};
export const onlyStop: ExitPlan = { takeProfits: [], stopLoss: { level: { percent: '1' } }, onFailure: 'keep' };
export const onlyTargets: ExitPlan = { takeProfits: twoTargets.takeProfits, onFailure: 'keep' };
export const trailing: ExitPlan = {
  takeProfits: [{ level: { percent: '10' }, portion: '1' }],
  stopLoss: { trail: { percent: '2' } },
  onFailure: 'keep',
};
export const without = (...missing: (typeof orderTypes)[number][]): Pick<OrderAbilities, 'types'> => ({
  types: new Set(orderTypes.filter((type) => !missing.includes(type))),
});

export const contract = { market: btcUsdtPerpetual } as const;
export const spot = { market: btcUsdt } as const;

export const shown = (desk: ExitDesk) =>
  desk
    .openAtVenue()
    .map(({ request: { type, amount: size, price: limit, triggerPrice } }) =>
      [type, size, limit ?? triggerPrice].join(' '),
    );

/** Rounds until nothing changes any more. */
export async function settle(desk: ExitDesk): Promise<void> {
  for (let round = 0; round < 6; round++) await desk.track();
}
