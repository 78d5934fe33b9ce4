/** Tokens by which a WebSocket connection shows whose it is. */
import { createHash } from 'node:crypto';

/** How long a token opens a subscription; what is open then stays so. */
export const tokenSeconds = 900;

export class SocketTokens {
  readonly #tokens = new Map<string, { accountId: string; expiresAtMs: number }>();
  #made = 0;

  create(accountId: string, nowMs: number): string {
    for (const [token, { expiresAtMs }] of this.#tokens) if (expiresAtMs <= nowMs) this.#tokens.delete(token);
    this.#made += 1;
    const token = createHash('sha256').update(`${accountId}/${nowMs}/${this.#made}`).digest('base64').slice(0, 43);
    this.#tokens.set(token, { accountId, expiresAtMs: nowMs + tokenSeconds * 1000 });
    return token;
  }

  /** Whose token this is, while it is valid. */
  accountOf(token: string, nowMs: number): string | undefined {
    const entry = this.#tokens.get(token);
    return entry !== undefined && nowMs < entry.expiresAtMs ? entry.accountId : undefined;
  }
}
