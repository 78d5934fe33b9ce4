import { expect, it } from 'vitest';
import { ProxyRotation, refusedMs } from '../../../layers/exchange/src/proxy-rotation.ts';
import { createManualClock } from '../../support/clocks.ts';

it('begins with another proxy each time', () => {
  const rotation = new ProxyRotation(['a', 'b', 'c'], createManualClock());
  expect([1, 2, 3, 4].map(() => rotation.order().join(''))).toEqual(['abc', 'bca', 'cab', 'abc']);
});

it('puts proxies that refused last, the one first that did so longest ago, until their time is over', () => {
  const clock = createManualClock();
  const rotation = new ProxyRotation(['a', 'b', 'c'], clock);
  rotation.refused('b');
  clock.advance(1_000);
  rotation.refused('a');
  expect(rotation.order().join('')).toBe('cba');
  clock.advance(refusedMs - 1_000);
  expect(rotation.order().join('')).toBe('bca');
  rotation.worked('a');
  expect(rotation.order().join('')).toBe('cab');
});
