/** Which proxy a request goes through. Pure but for the order it remembers. */
import type { Clock } from '@nightdesk/core';

/** How long a proxy that refused is passed over. */
export const refusedMs = 30_000;

export class ProxyRotation {
  readonly #proxies: readonly string[];
  readonly #clock: Clock;
  readonly #refusedAtMs = new Map<string, number>();
  #next = 0;

  /** @param proxies at least one */
  constructor(proxies: readonly string[], clock: Clock) {
    this.#proxies = proxies;
    this.#clock = clock;
  }

  /**
   * All proxies in the order in which the next request is to try them: in turn, and after those the ones that refused, the
   * one first that did so longest ago. When every one of them refuses, waiting would gain nothing.
   */
  order(): string[] {
    const start = this.#next;
    this.#next = (start + 1) % this.#proxies.length;
    const inTurn = [...this.#proxies.slice(start), ...this.#proxies.slice(0, start)];
    const nowMs = this.#clock.nowMs();
    const isPassedOver = (proxy: string): boolean => {
      const refusedAtMs = this.#refusedAtMs.get(proxy);
      return refusedAtMs !== undefined && nowMs - refusedAtMs < refusedMs;
    };
    const since = (proxy: string): number => this.#refusedAtMs.get(proxy) ?? 0;
    const passedOver = inTurn.filter(isPassedOver).sort((left, right) => since(left) - since(right));
    return [...inTurn.filter((proxy) => !isPassedOver(proxy)), ...passedOver];
  }

  refused(proxy: string): void {
    this.#refusedAtMs.set(proxy, this.#clock.nowMs());
  }

  worked(proxy: string): void {
    this.#refusedAtMs.delete(proxy);
  }
}
