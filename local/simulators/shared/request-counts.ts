/** How often each endpoint was asked and what it answered with. */
export class RequestCounts {
  readonly #byEndpoint = new Map<string, Map<string, number>>();

  count(endpoint: string, outcome: string): void {
    const outcomes = this.#byEndpoint.get(endpoint) ?? new Map<string, number>();
    this.#byEndpoint.set(endpoint, outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1));
  }

  report(): Record<string, Record<string, number>> {
    return Object.fromEntries([...this.#byEndpoint].map(([key, outcomes]) => [key, Object.fromEntries(outcomes)]));
  }

  reset(): void {
    this.#byEndpoint.clear();
  }
}
