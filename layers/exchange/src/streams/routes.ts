/** Whose each message is, by ccxt's names of messages. */
import type { Subscription } from './subscription.ts';

const nobody: readonly Subscription[] = [];

export class Routes {
  readonly #byHash = new Map<string, Subscription[]>();
  readonly #isAnswered: boolean;

  /** @param isAnswered it is known how the venue says that it has taken a subscription */
  constructor(isAnswered: boolean) {
    this.#isAnswered = isAnswered;
  }

  of(hash: string): readonly Subscription[] {
    return this.#byHash.get(hash) ?? nobody;
  }

  add(subscription: Subscription, hash: string): void {
    const routed = this.#byHash.get(hash) ?? [];
    if (!routed.includes(subscription)) routed.push(subscription);
    this.#byHash.set(hash, routed);
    if (!subscription.hashes.includes(hash)) subscription.hashes.push(hash);
    // What comes for somebody else already is not asked for, and so not answered.
    const isShared = routed.some(({ state, line }) => state === 'running' && line === subscription.line);
    if (!this.#isAnswered || isShared) subscription.taken();
  }

  /** @returns whether any of its messages are others' as well */
  remove(subscription: Subscription): boolean {
    let isShared = false;
    for (const hash of subscription.hashes) {
      const left = this.of(hash).filter((each) => each !== subscription);
      if (left.length > 0) this.#byHash.set(hash, left);
      else this.#byHash.delete(hash);
      isShared ||= left.length > 0;
    }
    return isShared;
  }
}

/** Where one name stands for several markets, what came says itself of which it is. */
export function isOf(result: unknown, { market }: Subscription): boolean {
  const { symbol } = (result ?? {}) as { symbol?: unknown };
  return symbol === undefined || symbol === market.symbol;
}
