/** The part of an order to edgeX that is signed for settlement: what may be paid at worst, and until when. */
import { fromUnits, multiply, parseDecimal, toUnits } from './decimal.ts';
import { hashStarkOrder, orderNonce } from './order-hash.ts';
import { type StarkKey, signHash, word } from './stark-curve.ts';

/** An asset as StarkEx knows it: ids and units of edgeX's metadata, hex with `0x`. */
export interface StarkAsset {
  id: string;
  /** Units per one. */
  resolution: string;
}

export interface OrderToSign {
  clientOrderId: string;
  side: 'buy' | 'sell';
  size: string;
  /** The order may not be settled at a worse price than this. */
  worstPrice: string;
  takerFeeRate: string;
  accountId: string;
  synthetic: StarkAsset;
  collateral: StarkAsset;
  placedAtMs: number;
}

/** In edgeX's own names, ready for the order's body. */
export interface SignedOrderFields {
  expireTime: string;
  l2Nonce: string;
  l2Value: string;
  l2Size: string;
  l2LimitFee: string;
  l2ExpireTime: string;
  l2Signature: string;
}

const dayMs = 86_400_000;
const hourMs = 3_600_000;
/** How long an order rests at most: edgeX wants an end for every order, and its own front end writes this one. */
const orderLifeMs = 21 * dayMs;
/** The signature has to outlive the order by eight days; edgeX's own clients write nine. */
const settlementMs = 9 * dayMs;

/** @throws RangeError when size or price is no decimal, finer than the asset's unit, or too large for StarkEx. */
export function signOrder(order: OrderToSign, key: StarkKey): SignedOrderFields {
  const synthetic = { id: BigInt(order.synthetic.id), unitsPerOne: BigInt(order.synthetic.resolution) };
  const collateral = { id: BigInt(order.collateral.id), unitsPerOne: BigInt(order.collateral.resolution) };
  const size = parseDecimal(order.size);
  const collateralUnits = valueUnits(order, collateral.unitsPerOne);
  const feeMax = toUnits(
    multiply(multiply(size, parseDecimal(order.worstPrice)), parseDecimal(order.takerFeeRate)),
    1n,
    'up',
  );
  const expireMs = order.placedAtMs + orderLifeMs;
  const settleByMs = expireMs + settlementMs;
  const nonce = orderNonce(order.clientOrderId);
  const hash = hashStarkOrder({
    side: order.side,
    syntheticId: synthetic.id,
    syntheticUnits: toUnits(size, synthetic.unitsPerOne, 'exact'),
    collateralId: collateral.id,
    collateralUnits,
    feeUnitsMax: feeMax * collateral.unitsPerOne,
    nonce,
    positionId: BigInt(order.accountId),
    expirationHour: BigInt(Math.floor(settleByMs / hourMs)),
  });
  const { r, s } = signHash(hash, key);
  return {
    expireTime: String(expireMs),
    l2Nonce: String(nonce),
    l2Value: fromUnits(collateralUnits, collateral.unitsPerOne),
    l2Size: order.size,
    l2LimitFee: String(feeMax),
    l2ExpireTime: String(settleByMs),
    l2Signature: word(r) + word(s),
  };
}

/**
 * Rounded so that the worst price itself stays allowed: up where it is paid, down where it is received, and never to
 * nothing.
 */
function valueUnits({ side, size, worstPrice }: OrderToSign, unitsPerOne: bigint): bigint {
  const value = multiply(parseDecimal(size), parseDecimal(worstPrice));
  const units = toUnits(value, unitsPerOne, side === 'buy' ? 'up' : 'down');
  return units > 0n ? units : 1n;
}
