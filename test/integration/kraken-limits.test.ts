import { describe, expect, it } from 'vitest';
import { type Limits, RateLimiter, realLimits } from '../../local/simulators/kraken/limits.ts';
import { callPrivate, callPublic, control, restClient, startSimulator } from './kraken-support.ts';

const order = { accountId: 'main', pair: 'XXBTZUSD' };

/** How many of the attempts the limiter lets through; the others are told apart by their errors. */
function countAllowed(attempts: number, attempt: () => void): { allowed: number; errors: Set<string> } {
  const errors = new Set<string>();
  let allowed = 0;
  for (let count = 0; count < attempts; count++) {
    try {
      attempt();
      allowed += 1;
    } catch (error) {
      errors.add((error as Error).message);
    }
  }
  return { allowed, errors };
}

describe("Kraken's own limits", () => {
  it('let a starter make 15 calls at once, then one every three seconds', () => {
    const limiter = new RateLimiter({ ...realLimits, violationsBeforeBan: 1_000 });
    const burst = countAllowed(20, () => limiter.chargeKey('key', 1, 0));
    expect(burst).toEqual({ allowed: 15, errors: new Set(['EAPI:Rate limit exceeded']) });
    expect(countAllowed(5, () => limiter.chargeKey('key', 1, 3_100)).allowed).toBe(1);
    expect(countAllowed(20, () => limiter.chargeKey('key', 2, 60_000)).allowed).toBe(7);
    expect(countAllowed(1, () => limiter.chargeKey('another key', 1, 3_100)).allowed).toBe(1);
  });

  it('count orders per pair, and make canceling young ones dear', () => {
    const limiter = new RateLimiter(realLimits);
    expect(countAllowed(61, () => limiter.chargeOrder(order, 0))).toEqual({
      allowed: 60,
      errors: new Set(['EOrder:Rate limit exceeded']),
    });
    expect(countAllowed(1, () => limiter.chargeOrder({ ...order, pair: 'XETHZUSD' }, 0)).allowed).toBe(1);
    const cancels = new RateLimiter(realLimits);
    for (let count = 0; count < 7; count++) cancels.chargeCancellation({ ...order, ageMs: 1_000 }, 0);
    expect(countAllowed(10, () => cancels.chargeOrder(order, 0)).allowed).toBe(60 - 7 * 8);
    const patient = new RateLimiter(realLimits);
    for (let count = 0; count < 7; count++) patient.chargeCancellation({ ...order, ageMs: 300_000 }, 0);
    expect(countAllowed(100, () => patient.chargeOrder(order, 0)).allowed).toBe(60);
    expect(countAllowed(20, () => patient.chargeAmendment({ ...order, ageMs: 0 }, 61_000)).allowed).toBe(15);
  });

  it('shut out who goes on calling, longer with each further call, and count that', () => {
    const limits: Limits = { ...realLimits, callCounterMax: 2, violationsBeforeBan: 3, banMs: 10_000 };
    const limiter = new RateLimiter(limits);
    const { errors } = countAllowed(6, () => limiter.chargeKey('key', 1, 0));
    expect(errors).toEqual(new Set(['EAPI:Rate limit exceeded', 'EGeneral:Temporary lockout']));
    expect(limiter.counts).toEqual({ rateLimitAnswers: 4, bans: 1 });
    expect(countAllowed(1, () => limiter.chargeKey('key', 1, 9_000)).allowed).toBe(0);
    expect(countAllowed(1, () => limiter.chargeKey('key', 1, 18_000)).allowed).toBe(0);
    expect(countAllowed(1, () => limiter.chargeKey('key', 1, 28_001)).allowed).toBe(1);
  });

  it('are counted per address for public calls', () => {
    const limiter = new RateLimiter(realLimits);
    const { allowed, errors } = countAllowed(16, () => limiter.chargeAddress('127.0.0.1', 0));
    expect({ allowed, errors }).toEqual({ allowed: 15, errors: new Set(['EGeneral:Too many requests']) });
    expect(countAllowed(1, () => limiter.chargeAddress('127.0.0.2', 0)).allowed).toBe(1);
  });
});

describe('the simulator', () => {
  it('answers with the limits it was given and tells how often', async () => {
    const slow = { callCounterMax: 3, callDecayPerSecond: 0.001, orderCounterMax: 2, orderDecayPerSecond: 0.001 };
    const simulator = await startSimulator({
      limits: { ...slow, publicCounterMax: 4, publicDecayPerSecond: 0.001, openOrdersMax: 1 },
    });
    try {
      const errors: string[] = [];
      for (let call = 0; call < 5; call++) errors.push((await callPrivate(simulator.url, 'Balance')).error.join());
      expect(errors).toEqual(['', '', '', 'EAPI:Rate limit exceeded', 'EAPI:Rate limit exceeded']);
      const resting = { pair: 'XBTUSD', type: 'buy', ordertype: 'limit', volume: '0.01', price: '50000' };
      const placing: string[] = [];
      for (let call = 0; call < 3; call++) {
        placing.push((await callPrivate(simulator.url, 'AddOrder', resting)).error.join());
      }
      expect(placing).toEqual(['', 'EOrder:Orders limit exceeded', 'EOrder:Rate limit exceeded']);
      for (let call = 0; call < 5; call++) await callPublic(simulator.url, 'Time');
      await expect(restClient(simulator).fetchTime()).rejects.toMatchObject({ name: 'DDoSProtection' });
      const { body } = await control(simulator.url, 'GET', 'requests');
      expect(body).toMatchObject({
        rateLimitAnswers: 5,
        bans: 0,
        endpoints: {
          'POST /0/private/Balance': { 200: 3, 'EAPI:Rate limit exceeded': 2 },
          'GET /0/public/Time': { 200: 4, 'EGeneral:Too many requests': 2 },
        },
      });
    } finally {
      await simulator.close();
    }
  });
});
