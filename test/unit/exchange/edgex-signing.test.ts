import { pedersen, verify } from '@scure/starknet';
import fc from 'fast-check';
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
 * starkware-libs/starkex-resources, crypto/starkware/crypto/signature/signature_test_data.json: the hashes and the two
 * orders. The signatures of the transfers in that file are for older messages.
 */
const starkwareVectors = {
  pedersen: [
    [
      '0x3d937c035c878245caf64531a5756109c53068da139362728feb561405371cb',
      '0x208a0a10250e382e1e4bbe2880906c2791bf6275695e02fbbc6aeff9cd8b31a',
      '0x30e480bed5fe53fa909cc0f8c4d99b8f9f2c016be4c41e13a4848797979c662',
    ],
    [
      '0x58f580910a6ca59b28927c08fe6c43e2e303ca384badc365795fc645d479d45',
      '0x78734f65a067be9bdb39de18434d71e79f7b6466a4b66bbd979ab9e7515fe0b',
      '0x68cc0b76cddd1dd4ed2301ada9b7c872b23875d5ff837b3a87993e0d9996b87',
    ],
  ],
  signatures: [
    {
      key: '0x3c1e9550e66958296d11b60f8e8e7a7ad990d07fa65d5f7652c4a6c87d4e3cc',
      publicX: '0x77a3b314db07c45076d11f62b6f9e748a39790441823307743cf00d6597ea43',
      hash: '0x397e76d1667c4454bfb83514e120583af836f8e32a516765497823eabe16a3f',
      r: '0x173fd03d8b008ee7432977ac27d1e9d1a1f6c98b1a2f05fa84a21c84c44e882',
      s: '0x4b6d75385aed025aa222f28a0adc6d58db78ff17e51c3f59e259b131cd5a1cc',
    },
    {
      key: '0x4c1e9550e66958296d11b60f8e8e7a7ad990d07fa65d5f7652c4a6c87d4e3cc',
      publicX: '0x3d8a9687c613b2be32b55c5c0460e012b592e2fbbb4fc281fb87b0d8c441b3e',
      hash: '0x6adb14408452ede28b89f40ca1847eca4de6a2dd6eb2c7d6dc5584f9399586',
      r: '0x2ee2b8927122f93dd5fc07a11980f0fab4c8358e5d1306bfee5e095355d2ad0',
      s: '0x64d393473af2ebab736c579ad511bf439263e4740f9ad299498bda2e75b0e9',
    },
  ],
};

/** starkware-libs/starkex-resources, …/rfc6979_signature_test_vector.json, signed by the first key above. */
const rfc6979Vectors: readonly (readonly [hash: string, r: bigint, s: bigint])[] = [
  [
    '0x1',
    3162358736122783857144396205516927012128897537504463716197279730251407200037n,
    1447067116407676619871126378936374427636662490882969509559888874644844560850n,
  ],
  [
    '0x11',
    2282960348362869237018441985726545922711140064809058182483721438101695251648n,
    2905868291002627709651322791912000820756370440695830310841564989426104902684n,
  ],
  [
    '0x223',
    2851492577225522862152785068304516872062840835882746625971400995051610132955n,
    2227464623243182122770469099770977514100002325017609907274766387592987135410n,
  ],
  [
    '0x9999',
    3551214266795401081823453828727326248401688527835302880992409448142527576296n,
    2580950807716503852408066180369610390914312729170066679103651110985466032285n,
  ],
  [
    '0x387e76d1667c4454bfb835144120583af836f8e32a516765497d23eabe16b3f',
    3518448914047769356425227827389998721396724764083236823647519654917215164512n,
    3042321032945513635364267149196358883053166552342928199041742035443537684462n,
  ],
  [
    '0x3a7e76d1697c4455bfb835144120283af236f8e32a516765497d23eabe16b2',
    2261926635950780594216378185339927576862772034098248230433352748057295357217n,
    2708700003762962638306717009307430364534544393269844487939098184375356178572n,
  ],
  [
    '0xfa5f0cd1ebff93c9e6474379a213ba111f9e42f2f1cb361b0327e0737203',
    3016953906936760149710218073693613509330129567629289734816320774638425763370n,
    306146275372136078470081798635201810092238376869367156373203048583896337506n,
  ],
  [
    '0x4c1e9550e66958296d11b60f8e8e7f7ae99dd0cfa6bd5fa652c1a6c87d4e2cc',
    3562728603055564208884290243634917206833465920158600288670177317979301056463n,
    1958799632261808501999574190111106370256896588537275453140683641951899459876n,
  ],
  [
    '0x6362b40c218fb4c8a8bd42ca482145e8513b78e00faa0de76a98ba14fc37ae8',
    3485557127492692423490706790022678621438670833185864153640824729109010175518n,
    897592218067946175671768586886915961592526001156186496738437723857225288280n,
  ],
];

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
  it.each(starkwareVectors.pedersen)("hashes as StarkWare's vector does: %s", (left, right, expected) => {
    expect(pedersen(left, right)).toBe(expected);
  });

  it.each(starkwareVectors.signatures)("signs as StarkWare's vector does: $hash", (vector) => {
    const key = keyOf(vector.key);
    expect(key.x).toBe(BigInt(vector.publicX));
    expect(signHash(BigInt(vector.hash), key)).toEqual({ r: BigInt(vector.r), s: BigInt(vector.s) });
  });

  it.each(rfc6979Vectors)("derives the random number as StarkWare's RFC 6979 vector does: %s", (hash, r, s) => {
    const key = keyOf('0x3c1e9550e66958296d11b60f8e8e7a7ad990d07fa65d5f7652c4a6c87d4e3cc');
    expect(signHash(BigInt(hash), key)).toEqual({ r, s });
  });

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
