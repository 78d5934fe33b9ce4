/** Secrets by name. Values are cached for a bounded time and appear in no log, error or environment variable. */
export interface Secrets {
  /** @throws SecretUnavailableError naming the secret, never its value. */
  get(name: string): Promise<string>;
}
