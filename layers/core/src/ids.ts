/** Identifiers. Each is derived from what it names, so that a replay finds the first one instead of making a second. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Brand } from './brand.ts';
import { canonicalJson } from './journal/canonical-json.ts';

export type SignalId = Brand<string, 'SignalId'>;
/** Id of one order Nightdesk decided to place. It is the order's id here and the client order id at the venue. */
export type IntentId = Brand<string, 'IntentId'>;
export type VenueOrderId = Brand<string, 'VenueOrderId'>;
export type AccountId = Brand<string, 'AccountId'>;
export type SourceId = Brand<string, 'SourceId'>;
export type VenueId = Brand<string, 'VenueId'>;

/** SHA-256 of UTF-8 text, 64 lower-case hex digits. */
export const sha256Hex = (text: string): string => bytesToHex(sha256(utf8ToBytes(text)));

/** 24 base-32 digits (120 bits) of a hash: letters and digits only, so that every venue takes it in a client order id. */
function shortHash(parts: readonly unknown[]): string {
  const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
  const digest = sha256(utf8ToBytes(canonicalJson(parts)));
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of digest.subarray(0, 15)) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet.charAt((held >> bits) & 31);
    }
    held &= (1 << bits) - 1;
  }
  return text;
}

/** A signal's id from what tells it apart. Same parts, same id; parts are joined as canonical JSON, so none can run into the next. */
export const signalIdOf = (parts: readonly unknown[]): SignalId => `sg${shortHash(['signal', ...parts])}` as SignalId;

/**
 * The intent of a signal for one account. `first` is the account that the leg was for before it was handed over: whoever
 * takes it may have a leg of the same signal already, and may take those of several accounts. 26 characters of
 * `[a-z0-9]`, within every known venue's limit but Kraken's.
 */
export const intentIdOf = (signalId: SignalId, account: AccountId, first = account): IntentId =>
  // 0 stands for the account itself, as it did before legs were handed over: what was recorded then must be found again.
  `nd${shortHash(['intent', signalId, account, first === account ? 0 : first])}` as IntentId;

/**
 * An order that follows from another one: an exit, a replacement, what closes the way for a reversal. `step` tells those of
 * one order apart. Of the same form as `intentIdOf`, and never equal to one of those.
 */
export const stepIdOf = (orderId: IntentId, step: string): IntentId =>
  `nd${shortHash(['step', orderId, step])}` as IntentId;
