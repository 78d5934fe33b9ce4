/** Kraken's transaction ids, such as `OQCLML-BW3P3-BUCMWZ`: `O…` for orders, `T…` for trades. */
import { createHash } from 'node:crypto';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const hashLength = 8;
const numberLength = 8;
const pattern = /^[A-Z][A-Z2-7]{5}-[A-Z2-7]{5}-[A-Z2-7]{6}$/;

/** An order's id. It ends in the order's number, so that it can be found by it. */
export function orderTxid(orderId: number): string {
  return grouped(`O${hashText(`order/${orderId}`, hashLength)}${numberText(orderId)}`);
}

/** The number of the order that has this id; `undefined` for an id that no order here has. */
export function orderIdOf(txid: string): number | undefined {
  if (!isTxid(txid)) return undefined;
  let orderId = 0;
  for (const letter of txid.replaceAll('-', '').slice(-numberLength)) {
    orderId = orderId * alphabet.length + alphabet.indexOf(letter);
  }
  return orderTxid(orderId) === txid ? orderId : undefined;
}

/** The id of one side of a trade. */
export function tradeTxid(orderId: number, tradeId: number): string {
  return grouped(`T${hashText(`trade/${orderId}/${tradeId}`, hashLength + numberLength)}`);
}

/** The id of an amendment or a ledger entry, made from whatever tells it from others. */
export function otherTxid(letter: string, name: string): string {
  return grouped(letter + hashText(name, hashLength + numberLength));
}

export function isTxid(text: string): boolean {
  return pattern.test(text);
}

function grouped(letters: string): string {
  return `${letters.slice(0, 6)}-${letters.slice(6, 11)}-${letters.slice(11)}`;
}

function hashText(name: string, length: number): string {
  const digest = createHash('sha256').update(name).digest();
  return Array.from({ length }, (_, index) => alphabet[(digest[index] ?? 0) % alphabet.length]).join('');
}

function numberText(value: number): string {
  let rest = value;
  let text = '';
  for (let place = 0; place < numberLength; place++) {
    text = alphabet[rest % alphabet.length] + text;
    rest = Math.floor(rest / alphabet.length);
  }
  return text;
}
