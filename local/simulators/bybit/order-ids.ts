/** Order and trade ids as Bybit writes them: long numbers for spot, UUIDs for contracts. */
import type { Category } from './errors.ts';

const firstSpotOrderId = 1_990_000_000_000_000_000n;
const idHexDigits = 12;
const uuidTail = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-([0-9a-f]{12})$/;

export function orderIdText(category: Category, orderId: number): string {
  return category === 'spot' ? String(firstSpotOrderId + BigInt(orderId)) : uuidOf(orderId);
}

/** The engine's id; `undefined` when the text is no id of this category. */
export function orderIdOf(category: Category, text: string): number | undefined {
  if (category === 'spot') {
    return /^\d{19}$/.test(text) ? Number(BigInt(text) - firstSpotOrderId) : undefined;
  }
  const tail = uuidTail.exec(text)?.[1];
  if (tail === undefined) return undefined;
  const orderId = Number.parseInt(tail, 16);
  return uuidOf(orderId) === text ? orderId : undefined;
}

export function executionIdText(category: Category, tradeId: number): string {
  return category === 'spot' ? String(firstSpotOrderId + BigInt(tradeId)) : uuidOf(tradeId);
}

/** A UUID that says its number at its end and is spread over the rest. */
function uuidOf(id: number): string {
  const spread = (Math.imul(id, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0');
  const middle = (Math.imul(id, 0x85ebca77) >>> 0).toString(16).padStart(8, '0');
  const tail = id.toString(16).padStart(idHexDigits, '0');
  return `${spread}-${middle.slice(0, 4)}-4${middle.slice(4, 7)}-8${spread.slice(0, 3)}-${tail}`;
}
