/**
 * The hash of an order that StarkEx settles by: a limit order with fees of a perpetual.
 * https://docs.starkware.co/starkex/perpetual/signature_construction_perpetual.html
 */
import { createHash } from 'node:crypto';
import { pedersen } from '@scure/starknet';

export interface StarkOrder {
  side: 'buy' | 'sell';
  /** What is traded, and how much of it in units of its resolution. */
  syntheticId: bigint;
  syntheticUnits: bigint;
  /** What pays for it, and the most (buying) or the least (selling) of it. Fees are in it too. */
  collateralId: bigint;
  collateralUnits: bigint;
  feeUnitsMax: bigint;
  nonce: bigint;
  /** The account's id. */
  positionId: bigint;
  /** Whole hours since the epoch. */
  expirationHour: bigint;
}

/** StarkEx's number for this kind of order. */
const limitOrderWithFees = 3n;

/** Width of each field inside the two packed words, in bits. */
const amountBits = 64n;
const nonceBits = 32n;
const positionBits = 64n;
const expirationBits = 32n;
const paddingBits = 17n;

/** @throws RangeError when a number does not fit its field: packed, it would change the one before it. */
export function hashStarkOrder(order: StarkOrder): bigint {
  const synthetic = { id: order.syntheticId, units: order.syntheticUnits };
  const collateral = { id: order.collateralId, units: order.collateralUnits };
  const [sold, bought] = order.side === 'buy' ? [collateral, synthetic] : [synthetic, collateral];
  const amounts = pack(0n, [
    [sold.units, amountBits],
    [bought.units, amountBits],
    [order.feeUnitsMax, amountBits],
    [order.nonce, nonceBits],
  ]);
  const position = [order.positionId, positionBits] as const;
  const parties = pack(limitOrderWithFees, [
    position,
    position,
    position,
    [order.expirationHour, expirationBits],
    [0n, paddingBits],
  ]);
  return [bought.id, order.collateralId, amounts, parties].reduce(
    (hash, next) => BigInt(pedersen(hash, next)),
    sold.id,
  );
}

function pack(start: bigint, fields: readonly (readonly [value: bigint, bits: bigint])[]): bigint {
  return fields.reduce((word, [value, bits]) => {
    if (value < 0n || value >> bits !== 0n) throw new RangeError(`a number beyond ${bits} bits`);
    return (word << bits) + value;
  }, start);
}

/** An order's nonce: the first 32 bits of its client order id's SHA-256. */
export const orderNonce = (clientOrderId: string): bigint =>
  BigInt(`0x${createHash('sha256').update(clientOrderId).digest('hex').slice(0, 8)}`);
