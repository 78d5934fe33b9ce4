/** A channel did not take a notice. Says why in words that hold no secret: never an address, never an answer as it came. */
export class ChannelError extends Error {
  override readonly name = 'ChannelError';
  /** What the channel asked for; absent where it asked for nothing. */
  readonly retryAfterSeconds: number | undefined;

  constructor(channel: string, reason: string, { retryAfterSeconds }: { retryAfterSeconds?: number | undefined } = {}) {
    super(`channel ${channel} ${reason}`);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
