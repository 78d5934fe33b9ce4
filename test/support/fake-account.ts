/**
 * What happens to an account of the fake venue other than by orders: what others pay in and take out, funding, and what nobody
 * explains. A test does it; the venue then tells of it as a real one would, or keeps it to itself where the test says so.
 */
import {
  type Amount,
  amount,
  type Clock,
  type FundingPayment,
  isPositive,
  type Market,
  type MarketKind,
  subtract,
  type Transfer,
  type Wallet,
  zeroAmount,
} from '@nightdesk/core';
import { change, usualOpening } from './fake-holdings.ts';

export interface FakeAccountOptions {
  /** @default one for spot and contracts, without open profits */
  wallets?: readonly [Wallet, ...Wallet[]];
  /** What each wallet has at first, by its name and by asset. @default a billion of everything that is paid from it */
  opening?: Record<string, Record<string, string>>;
  /** @default true */
  hasDeadManSwitch?: boolean;
}

/** What moves in or out. */
export interface FakeMovement {
  asset: string;
  amount: string;
  /** @default the first one */
  wallet?: string;
}

const oneForAll: Wallet = { name: 'main', kinds: ['spot', 'perpetual', 'future'], countsOpenProfit: false };

export class FakeAccount {
  readonly wallets: readonly [Wallet, ...Wallet[]];
  readonly hasDeadManSwitch: boolean;
  /** False makes the venue say that it cannot tell of deposits and withdrawals. */
  tellsTransfers = true;
  /** False makes the venue say that it cannot tell of funding. */
  tellsFunding = true;
  /** When each switch goes off; by kind of market, or `*` for all. UTC epoch milliseconds. */
  readonly deadMan = new Map<MarketKind | '*', number>();
  readonly #clock: Clock;
  readonly #holdings: ReadonlyMap<string, Map<string, Amount>>;
  readonly #transfers: Transfer[] = [];
  readonly #funding: FundingPayment[] = [];

  constructor(options: FakeAccountOptions, { clock, markets }: { clock: Clock; markets: readonly Market[] }) {
    this.#clock = clock;
    this.wallets = options.wallets ?? [oneForAll];
    this.hasDeadManSwitch = options.hasDeadManSwitch ?? true;
    this.#holdings = new Map(
      this.wallets.map(({ name, kinds }) => {
        if (options.opening === undefined) {
          return [name, usualOpening(markets.filter(({ kind }) => kinds.includes(kind)))];
        }
        const own = Object.entries(options.opening[name] ?? {});
        return [name, new Map(own.map(([asset, held]) => [asset, amount(held)]))];
      }),
    );
  }

  /**
   * Somebody pays in. While it is `pending` the balance does not have it; `arrive` ends that.
   *
   * @returns its id, by which the venue tells of it
   */
  deposit(movement: FakeMovement & { status?: Transfer['status'] }): string {
    const { asset, amount: size, status = 'done' } = movement;
    if (status === 'done') this.drift(movement);
    return this.#tell({ direction: 'in', asset, amount: amount(size), status });
  }

  /** Somebody takes out; the balance loses it at once, also while the venue calls it `pending`, and the fee with it. */
  withdraw(movement: FakeMovement & { fee?: string; status?: 'done' | 'pending' }): string {
    const { asset, amount: size, fee, status = 'done' } = movement;
    this.drift({ ...movement, amount: subtract(zeroAmount, amount(size)) });
    if (fee !== undefined) this.drift({ ...movement, amount: subtract(zeroAmount, amount(fee)) });
    const rest = { asset, amount: amount(size), status };
    return this.#tell({ direction: 'out', ...rest, ...(fee !== undefined && { fee: amount(fee) }) });
  }

  /** What was pending is done: a deposit is in the balance from now on. */
  arrive(id: string, wallet?: string): void {
    const transfer = this.#transfers.find((each) => each.id === id && each.status === 'pending');
    if (transfer === undefined) throw new Error(`no transfer ${id} is pending`);
    transfer.status = 'done';
    const { direction, asset, amount: size } = transfer;
    if (direction === 'in') this.drift({ asset, amount: size, ...(wallet !== undefined && { wallet }) });
  }

  /** Changes a balance without a word: what nothing explains. Also what a venue does that keeps no list of transfers. */
  drift({ asset, amount: by, wallet = this.wallets[0].name }: FakeMovement): void {
    const held = this.#holdings.get(wallet);
    if (held === undefined) throw new Error(`there is no wallet ${wallet}`);
    change(held, asset, amount(by));
  }

  /** Moves between wallets, which is no transfer in or out. */
  move(asset: string, size: string, { from, to }: { from: string; to: string }): void {
    this.drift({ asset, amount: subtract(zeroAmount, amount(size)), wallet: from });
    this.drift({ asset, amount: size, wallet: to });
  }

  /** Pays funding of a perpetual, below zero takes it. */
  payFunding({ symbol, kind, settle, quote }: Market, size: string): void {
    const asset = settle ?? quote;
    this.drift({ asset, amount: size, wallet: this.walletOf(kind).name });
    const id = `funding-${this.#funding.length + 1}`;
    this.#funding.push({ id, symbol, asset, amount: amount(size), atMs: this.#clock.nowMs() });
  }

  /** The wallet that a kind of market is paid from; absent is the first one. @throws Error where there is none */
  walletOf(kind: MarketKind | undefined): Wallet {
    const found = kind === undefined ? this.wallets[0] : this.wallets.find(({ kinds }) => kinds.includes(kind));
    if (found === undefined) throw new Error(`no wallet pays for ${kind}`);
    return found;
  }

  holdingsOf({ name }: Wallet): ReadonlyMap<string, Amount> {
    return this.#holdings.get(name) ?? new Map();
  }

  transfersSince(sinceMs: number): Transfer[] | undefined {
    if (!this.tellsTransfers) return undefined;
    return structuredClone(this.#transfers.filter(({ atMs }) => atMs >= sinceMs));
  }

  fundingSince({ symbol }: Market, sinceMs: number): FundingPayment[] | undefined {
    if (!this.tellsFunding) return undefined;
    return structuredClone(this.#funding.filter((paid) => paid.symbol === symbol && paid.atMs >= sinceMs));
  }

  #tell(transfer: Omit<Transfer, 'id' | 'atMs'>): string {
    if (!isPositive(transfer.amount)) throw new Error('a transfer is above zero');
    const id = `transfer-${this.#transfers.length + 1}`;
    this.#transfers.push({ id, ...transfer, atMs: this.#clock.nowMs() });
    return id;
  }
}
