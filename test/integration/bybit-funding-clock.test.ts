import { expect, it } from 'vitest';
import { manualVenueClock } from '../support/venue-clock.ts';
import { control, perpetual, restClient, simulatedPosition, startSimulator } from './bybit-support.ts';

const beforeMidnightMs = Date.UTC(2026, 10, 21, 23, 59, 59);

it('books funding by itself at the full eight hours of the simulator, once', async () => {
  const clock = manualVenueClock(beforeMidnightMs);
  const simulator = await startSimulator({ clock });
  const exchange = restClient(simulator);
  exchange.nonce = () => Math.floor(clock.nowMs());
  await exchange.loadMarkets();
  await exchange.createOrder(perpetual, 'market', 'sell', 0.5);
  const { fundingRate } = await exchange.fetchFundingRate(perpetual);
  clock.moveTo(beforeMidnightMs + 900);
  expect((await simulatedPosition(simulator.url))?.funding).toBe('0.00000000');
  clock.moveTo(beforeMidnightMs + 1_500);
  const first = Number((await simulatedPosition(simulator.url))?.funding);
  expect(Math.sign(first)).toBe(Math.sign(Number(fundingRate)));
  clock.moveTo(beforeMidnightMs + 5_000);
  expect(Number((await simulatedPosition(simulator.url))?.funding)).toBe(first);
  clock.moveTo(beforeMidnightMs + 8 * 3_600_000 + 1_100);
  expect(Number((await simulatedPosition(simulator.url))?.funding)).not.toBe(first);
  const { body } = await control(simulator.url, 'GET', 'requests');
  expect(body.rateLimitAnswers).toBe(0);
  await simulator.close();
});
