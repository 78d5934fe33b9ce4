/** The customers of the simulated Kraken, and the check that a request comes from one of them. */
import { AccountDirectory, type AccountOptions, isAddressAllowed, type VenueAccount } from '../shared/accounts.ts';
import { invalidKey, invalidNonce, invalidSignature, permissionDenied, temporaryLockout } from './errors.ts';
import { NonceWindow } from './nonce-window.ts';
import { isBase64, isSignature, type SignedRequest, sign } from './signature.ts';

/** What a key may do, as `GetApiKeyInfo` names it. */
export const permissions = [
  'query-funds',
  'add-funds',
  'withdraw-funds',
  'earn-funds',
  'query-open-trades',
  'query-closed-trades',
  'modify-trades',
  'close-trades',
  'query-ledger',
  'export-data',
  'access-websockets-api',
] as const;
export type Permission = (typeof permissions)[number];

export type KrakenAccount = VenueAccount<Permission>;

export interface KrakenAccountOptions extends AccountOptions<Permission> {
  /** How far below the highest nonce another one may be. @default 0 */
  nonceWindow?: number | undefined;
}

const standardPermissions: readonly Permission[] = [
  'query-funds',
  'query-open-trades',
  'query-closed-trades',
  'modify-trades',
  'close-trades',
  'query-ledger',
  'access-websockets-api',
];

const invalidKeysBeforeLockout = 20;
const lockoutMs = 60_000;

export interface Credentials extends SignedRequest {
  apiKey: string | undefined;
  signature: string | undefined;
  address: string;
  nowMs: number;
}

export class Accounts extends AccountDirectory<Permission> {
  readonly #windows: ReadonlyMap<string, number>;
  readonly #nonces = new Map<string, NonceWindow>();
  readonly #refusals = new Map<string, { count: number; lockedUntilMs: number }>();

  /** @throws Error when a secret is not base64, or two accounts share a key or a name. */
  constructor(options: readonly KrakenAccountOptions[]) {
    super(options, standardPermissions);
    this.#windows = new Map(options.map(({ apiKey, nonceWindow }) => [apiKey, nonceWindow ?? 0]));
  }

  /** @throws Error when the secret is not base64, or another account has the key or the name. */
  override add(account: AccountOptions<Permission>): void {
    if (!isBase64(account.secret)) {
      throw new Error(`the secret of account "${account.name}" must be base64, as Kraken's secrets are`);
    }
    super.add(account);
  }

  noncesOf({ apiKey }: KrakenAccount): NonceWindow {
    const nonces = this.#nonces.get(apiKey) ?? new NonceWindow(this.#windows.get(apiKey) ?? 0);
    this.#nonces.set(apiKey, nonces);
    return nonces;
  }

  /** Whose request this is. @throws KrakenError when the key, the signature or the nonce is not good. */
  authenticate(credentials: Credentials): KrakenAccount {
    const account = this.#requireKey(credentials);
    if (!isAddressAllowed(account, credentials.address)) throw permissionDenied();
    const { signature } = credentials;
    if (signature === undefined || !isSignature(signature, sign(credentials, account.secret))) throw invalidSignature();
    if (!this.noncesOf(account).accept(credentials.nonce)) throw invalidNonce();
    return account;
  }

  /** Too many wrong keys from an address lock it out for a while. */
  #requireKey({ apiKey, address, nowMs }: Credentials): KrakenAccount {
    const refusals = this.#refusals.get(address) ?? { count: 0, lockedUntilMs: 0 };
    if (nowMs < refusals.lockedUntilMs) throw temporaryLockout();
    const account = this.byKey(apiKey);
    if (account !== undefined) {
      this.#refusals.delete(address);
      return account;
    }
    refusals.count += 1;
    if (refusals.count % invalidKeysBeforeLockout === 0) refusals.lockedUntilMs = nowMs + lockoutMs;
    this.#refusals.set(address, refusals);
    throw invalidKey();
  }
}

/** @throws KrakenError unless the key has at least one of these permissions; none asked for is granted. */
export function requirePermission(account: KrakenAccount, wanted: readonly Permission[]): void {
  if (wanted.length > 0 && !wanted.some((permission) => account.permissions.has(permission))) throw permissionDenied();
}
