import { Exchange } from 'ccxt';
import { describe, expect, it } from 'vitest';
import { description } from '../../../layers/exchange/custom/bitmex/description.ts';
import { createBitmexClient } from '../../support/bitmex-client.ts';

const client = createBitmexClient();

/** Methods that ccxt's base class makes of `createOrder`, whose parameters it sets. */
const madeOfCreateOrder = /^create\w+Order$/;
const claimed = Object.entries(description.has)
  .filter(([name, value]) => value === true && typeof Reflect.get(Exchange.prototype, name) === 'function')
  .map(([name]) => name);

describe('what BitMEX is said to offer', () => {
  it('is something', () => {
    expect(claimed).toEqual(expect.arrayContaining(['createOrder', 'fetchOrder', 'fetchBalance', 'fetchOHLCV']));
  });

  it.each(claimed.filter((name) => !madeOfCreateOrder.test(name)))('%s is written for it', (name) => {
    expect(Reflect.get(client, name)).not.toBe(Reflect.get(Exchange.prototype, name));
  });

  it('has no withdrawal', () => {
    expect(client.has.withdraw).toBe(false);
  });
});
