/** Secrets by name. Values are cached for a bounded time and appear in no log, error or environment variable. */
export interface Secrets {
  /**
   * @param options.fresh reads the value anew, for when there is reason to believe that the cached one is out of date
   * @throws SecretUnavailableError naming the secret, never its value.
   */
  get(name: string, options?: { fresh?: boolean }): Promise<string>;
}
