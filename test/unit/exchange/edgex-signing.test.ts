import { pedersen, verify } from '@scure/starknet';
import { describe, expect, it } from 'vitest';
import { hashStarkOrder, orderNonce } from '../../../layers/exchange/custom/edgex/order-hash.ts';
import { flatten, hashText, signedText, signRequest } from '../../../layers/exchange/custom/edgex/request-signature.ts';
import { type OrderToSign, signOrder } from '../../../layers/exchange/custom/edgex/sign-order.ts';
import {
  curveOrder,
  readStarkKey,
  type StarkKey,
  signHash,
  word,
} from '../../../layers/exchange/custom/edgex/stark-curve.ts';
import starkware from '../../fixtures/edgex/stark-vectors.json' with { type: 'json' };
import fc from '../../support/property.ts';

/** Test key of edgeX's own SDK: edgex-python-sdk, branch v1, tests/test_starkex_signing_adapter.py. */
const sdkKey = '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef';

const keyOf = (text: string): StarkKey => {
  const key = readStarkKey(text);
  if (key === undefined) throw new Error('no key');
  return key;
};
const pointOf = ({ x, y }: { x: bigint; y: bigint }) => `04${word(x)}${word(y)}`;
const verifies = (signature: string, hash: bigint, key: { x: bigint; y: bigint }) =>
  verify(signature, hash.toString(16), pointOf(key), { format: 'compact' });

/**
 * edgeX's documentation, examples of real orders of its account 543429922991899150: "Get Account" tells the key,
 * "Create Order" and "Get Historical Orders" the orders, "Get Meta Data" the assets.
 * https://edgex-1.gitbook.io/edgeX-documentation/api/private-api
 */
const documentedAccount = {
  id: '543429922991899150',
  x: BigInt('0x5580341e2c99823a0a35356b8ac84e372dd38fd1f4b50f607b931ec8038c211'),
  y: BigInt('0x6ea3dd81a7fc864893c8c6f674e4a4510c369f939bdc0259a0980dfde882c2d'),
};
const bitcoin = { id: '0x425443322d31300000000000000000', resolution: '0x2540be400' };
const tether = { id: '0x33bda5c923bae4e84825b74762d5482889b9512465fbffc50d1ae4b82e345c3', resolution: '0xf4240' };
const documentedOrders = [
  {
    clientOrderId: '21163368294502694',
    l2Nonce: '808219',
    valueUnits: 97_393_800n,
    feeUnits: 48_697n,
    l2ExpireTimeMs: 1_737_254_372_359,
    l2Signature:
      '0537b3051bb9ffb98bb842ff6cadf69807a8dbf74f94d8c6106cf4f59b1fd2dc01aa2d93420408d60298831ddb82f7b482574ecb0fc285294dfeec732379ec40',
  },
  {
    clientOrderId: '553364074986685',
    l2Nonce: '2054491946',
    valueUnits: 97_444_500n,
    feeUnits: 48_723n,
    l2ExpireTimeMs: 1_737_254_555_478,
    l2Signature:
      '009af59c2963f1650449904fde059a83fed5beb4acdd67ffa22c551c4be977de04940a395f2d1b39c0f2b969e47fec478fbfea9ce227bfedd07d407175dcac3e',
  },
];

const secrets = fc.bigInt({ min: 1n, max: curveOrder - 1n }).map((value) => value.toString(16));

describe('the Stark curve', () => {
  it.each(starkware.pedersen)("hashes as StarkWare's vector does: %s", (left, right, expected) => {
    expect(pedersen(left, right)).toBe(expected);
  });

  it.each(starkware.orders)("signs as StarkWare's vector does: $hash", (vector) => {
    const key = keyOf(vector.key);
    expect(key.x).toBe(BigInt(vector.publicX));
    expect(signHash(BigInt(vector.hash), key)).toEqual({ r: BigInt(vector.r), s: BigInt(vector.s) });
  });

  it.each(starkware.rfc6979.signatures)(
    "derives the random number as StarkWare's RFC 6979 vector does: %s",
    (hash, r, s) => {
      const key = keyOf(starkware.rfc6979.key);
      expect(signHash(BigInt(String(hash)), key)).toEqual({ r: BigInt(String(r)), s: BigInt(String(s)) });
    },
  );

  it('takes a key with 0x or without, and no text that is no key of the curve', () => {
    expect(readStarkKey(`0x${sdkKey}`)).toEqual(readStarkKey(sdkKey));
    for (const text of ['', '0', '0x', 'key', `${sdkKey}00`, curveOrder.toString(16), `-${sdkKey}`]) {
      expect(readStarkKey(text)).toBeUndefined();
    }
  });
});

describe("an order's hash", () => {
  it.each(documentedOrders)("is the one that edgeX's documented signature of $clientOrderId is for", (order) => {
    const hash = hashStarkOrder({
      side: 'buy',
      syntheticId: BigInt(bitcoin.id),
      syntheticUnits: 10_000_000n,
      collateralId: BigInt(tether.id),
      collateralUnits: order.valueUnits,
      feeUnitsMax: order.feeUnits,
      nonce: orderNonce(order.clientOrderId),
      positionId: BigInt(documentedAccount.id),
      expirationHour: BigInt(Math.floor(order.l2ExpireTimeMs / 3_600_000)),
    });
    expect(verifies(order.l2Signature, hash, documentedAccount)).toBe(true);
    expect(verifies(order.l2Signature, hash + 1n, documentedAccount)).toBe(false);
  });

  it.each([...documentedOrders, { clientOrderId: '9311381563209122', l2Nonce: '3353661024' }])(
    'has the documented nonce $l2Nonce for $clientOrderId',
    ({ clientOrderId, l2Nonce }) => {
      expect(String(orderNonce(clientOrderId))).toBe(l2Nonce);
    },
  );

  it('has no room for a number that would run into the next one', () => {
    const order = {
      side: 'buy',
      syntheticId: 1n,
      syntheticUnits: 1n,
      collateralId: 2n,
      collateralUnits: 1n,
      feeUnitsMax: 1n,
      nonce: 1n,
      positionId: 1n,
      expirationHour: 1n,
    } as const;
    for (const change of [{ collateralUnits: 2n ** 64n }, { nonce: 2n ** 32n }, { positionId: -1n }]) {
      expect(() => hashStarkOrder({ ...order, ...change })).toThrow(RangeError);
    }
  });
});

describe('a signed order', () => {
  const order: OrderToSign = {
    clientOrderId: 'nd1',
    side: 'buy',
    size: '0.001',
    worstPrice: '97444.5',
    takerFeeRate: '0.0005',
    accountId: documentedAccount.id,
    synthetic: bitcoin,
    collateral: tether,
    placedAtMs: 1_734_662_555_478,
  };
  const hashOf = (input: OrderToSign, fields: ReturnType<typeof signOrder>, units: bigint[]) => {
    const [syntheticUnits = 0n, collateralUnits = 0n, feeUnitsMax = 0n] = units;
    return hashStarkOrder({
      side: input.side,
      syntheticId: BigInt(bitcoin.id),
      syntheticUnits,
      collateralId: BigInt(tether.id),
      collateralUnits,
      feeUnitsMax,
      nonce: BigInt(fields.l2Nonce),
      positionId: BigInt(input.accountId),
      expirationHour: BigInt(fields.l2ExpireTime) / 3_600_000n,
    });
  };

  it('says in the open what its signature is for', () => {
    const key = keyOf(sdkKey);
    const fields = signOrder(order, key);
    expect(fields).toMatchObject({ l2Value: '97.4445', l2Size: '0.001', l2LimitFee: '1' });
    expect(verifies(fields.l2Signature, hashOf(order, fields, [10_000_000n, 97_444_500n, 1_000_000n]), key)).toBe(true);
  });

  it("ends as the documented orders do, and its signature lasts longer than edgeX's eight days", () => {
    const fields = signOrder(order, keyOf(sdkKey));
    expect(fields.expireTime).toBe('1736476955478');
    expect(fields.l2ExpireTime).toBe('1737254555478');
  });

  it('rounds the value so that its own limit price stays allowed', () => {
    const odd = { ...order, size: '0.0000001', worstPrice: '0.55' };
    expect(signOrder(odd, keyOf(sdkKey)).l2Value).toBe('0.000001');
    expect(signOrder({ ...odd, side: 'sell', size: '0.00001' }, keyOf(sdkKey)).l2Value).toBe('0.000005');
    expect(signOrder({ ...odd, side: 'sell' }, keyOf(sdkKey)).l2Value).toBe('0.000001');
  });

  it('is refused when it is finer than the asset or larger than StarkEx can hold', () => {
    expect(() => signOrder({ ...order, size: '0.00000000001' }, keyOf(sdkKey))).toThrow(RangeError);
    expect(() => signOrder({ ...order, size: '10000000000' }, keyOf(sdkKey))).toThrow(RangeError);
    expect(() => signOrder({ ...order, size: '1e-3' }, keyOf(sdkKey))).toThrow(RangeError);
  });

  it('verifies under the public key of the account, whatever key, size and price', () => {
    const steps = fc.integer({ min: 1, max: 1_000_000 });
    fc.assert(
      fc.property(secrets, steps, steps, fc.constantFrom('buy', 'sell'), (secret, thousandths, tenths, side) => {
        const key = keyOf(secret);
        const input = { ...order, side, size: String(thousandths / 1000), worstPrice: String(tenths / 10) } as const;
        const fields = signOrder(input, key);
        const value = BigInt(thousandths) * BigInt(tenths) * 100n;
        const feeMax = (value * 5n + 9_999_999_999n) / 10_000_000_000n;
        const units = [BigInt(thousandths) * 10_000_000n, value, feeMax * 1_000_000n];
        expect(verifies(fields.l2Signature, hashOf(input, fields, units), key)).toBe(true);
      }),
      { numRuns: 25 },
    );
  });
});

describe('a signed request', () => {
  it("flattens parameters as edgeX's documentation shows", () => {
    const parameters = { size: '10', filterTypeList: 'SETTLE_FUNDING_FEE', accountId: '543429922991899150' };
    const path = '/api/v1/private/account/getPositionTransactionPage';
    expect(signedText({ timestampMs: 1_735_542_383_256, method: 'GET', path, parameters })).toBe(
      '1735542383256GET/api/v1/private/account/getPositionTransactionPageaccountId=543429922991899150&filterTypeList=SETTLE_FUNDING_FEE&size=10',
    );
  });

  it.each([
    [{ b: '2', a: '1' }, 'a=1&b=2'],
    [{ accountId: '1', orderIdList: ['7', '8'] }, 'accountId=1&orderIdList=7&8'],
    [{ reduceOnly: false, price: '', openTp: null }, 'openTp=&price=&reduceOnly=false'],
    [{ outer: { y: 2, x: [] } }, 'outer=x=&y=2'],
    [{}, ''],
  ])('flattens %j', (value, expected) => {
    expect(flatten(value)).toBe(expected);
  });

  it('verifies under the public key whose y it carries', () => {
    fc.assert(
      fc.property(secrets, fc.nat(), fc.string(), (secret, timestampMs, note) => {
        const key = keyOf(secret);
        const request = {
          timestampMs,
          method: 'POST',
          path: '/api/v1/private/order/createOrder',
          parameters: { note },
        };
        const signature = signRequest(request, key);
        expect(signature).toMatch(/^[0-9a-f]{192}$/);
        expect(signature.slice(128)).toBe(word(key.y));
        expect(verifies(signature.slice(0, 128), hashText(signedText(request)), key)).toBe(true);
      }),
      { numRuns: 25 },
    );
  });
});
