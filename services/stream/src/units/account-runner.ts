/** One account's streams, and what is made of what they bring. */
import {
  type AccountStreamListener,
  type AccountStreamPort,
  type AccountUnit,
  accountOf,
  type ConfiguredAccount,
  type DeskConfig,
  type StreamConnection,
  type UnitStatus,
} from '@nightdesk/core';
import type { AccountPublisher, Publisher } from '../publish/publisher.ts';
import type { StreamMeter } from '../status/stream-meter.ts';
import { accountSymbols } from './account-symbols.ts';
import { ClosedWatch } from './reopening.ts';
import type { RunnerEnd, UnitRunner } from './unit-runner.ts';

/** How often it is looked whether the key is still the one of the secret, ... */
const keyCheckMs = 60_000;
/** ... and how soon after the last look, where the venue refuses it. */
const refusedCheckMs = 10_000;

/** An account's streams as opened with one key. */
export interface AccountOpening {
  port: AccountStreamPort;
  /** Whether its secret still holds that key. Read anew with `fresh`. @throws SecretUnavailableError */
  hasSameKey(options: { fresh: boolean }): Promise<boolean>;
}

export interface AccountRunnerDependencies {
  openPort(account: ConfiguredAccount): Promise<AccountOpening>;
  publisher: Publisher;
  meter: StreamMeter;
  /** A clock that never goes back; milliseconds. */
  monotonicMs(): number;
}

/** @throws Error when the account is not configured, or its streams cannot be opened with its key */
export async function openAccountRunner(
  unit: AccountUnit,
  { config, onEnd }: { config: DeskConfig; onEnd(end: RunnerEnd): void },
  dependencies: AccountRunnerDependencies,
): Promise<UnitRunner> {
  const account = accountOf(config, unit.account);
  if (account === undefined) throw new TypeError(`account ${unit.account} is not configured`);
  const opening = await dependencies.openPort(account);
  const symbols = accountSymbols(account, config);
  return new AccountRunner(unit, { opening, symbols, onEnd }, dependencies);
}

interface Opened {
  opening: AccountOpening;
  symbols: readonly string[];
  onEnd(end: RunnerEnd): void;
}

class AccountRunner implements UnitRunner {
  readonly #unit: AccountUnit;
  readonly #opened: Opened;
  readonly #dependencies: AccountRunnerDependencies;
  readonly #publisher: AccountPublisher;
  readonly #connection: StreamConnection;
  readonly #closed: ClosedWatch;
  #checkedMs: number;
  #isRefused = false;
  #isChecking = false;

  constructor(unit: AccountUnit, opened: Opened, dependencies: AccountRunnerDependencies) {
    const { publisher, monotonicMs, meter } = dependencies;
    this.#unit = unit;
    this.#opened = opened;
    this.#dependencies = dependencies;
    this.#checkedMs = monotonicMs();
    this.#closed = new ClosedWatch(this.#checkedMs);
    this.#publisher = publisher.openAccount(unit);
    meter.setSubscriptions(unit, this.#kinds());
    this.#connection = opened.opening.port.open(this.#listen(), opened.symbols);
  }

  readonly booksLost = 0;

  get isRunning(): boolean {
    return this.#connection.isOpen;
  }

  get status(): UnitStatus {
    const { id, venue } = this.#unit;
    const { isOpen, heardMs } = this.#connection;
    const subscriptions = this.#kinds().length;
    return { unit: id, venue, subscriptions, isOpen, ...(heardMs !== undefined && { heardMs }) };
  }

  adapt(): void {}

  /** News of orders are the same whoever sends them. */
  confirm(): void {}

  tend(): void {
    const dueMs = this.#isRefused ? refusedCheckMs : keyCheckMs;
    const nowMs = this.#dependencies.monotonicMs();
    const reason = this.#closed.look(this.#connection.isOpen, nowMs);
    if (reason !== undefined) {
      this.#opened.onEnd({ reason, isRenewal: false });
      return;
    }
    if (this.#isChecking || nowMs - this.#checkedMs < dueMs) return;
    this.#checkedMs = nowMs;
    void this.#checkKey();
  }

  async close(): Promise<void> {
    this.#dependencies.meter.setSubscriptions(this.#unit, []);
    await this.#connection.close().catch(() => undefined);
    await this.#publisher.close();
  }

  /** A key that was replaced is left for the new one: the old one may be refused at any moment. */
  async #checkKey(): Promise<void> {
    this.#isChecking = true;
    const fresh = this.#isRefused;
    this.#isRefused = false;
    try {
      const isSame = await this.#opened.opening.hasSameKey({ fresh });
      if (!isSame) this.#opened.onEnd({ reason: 'its key has been replaced', isRenewal: true });
    } catch {
      // A secret that cannot be read now says nothing about the key, and the connection is there.
    } finally {
      this.#isChecking = false;
    }
  }

  #kinds(): { kind: 'orders' | 'fills' | 'balances' | 'positions' }[] {
    const { port } = this.#opened.opening;
    const kinds = ['orders', 'fills', 'balances', 'positions'] as const;
    return kinds.filter((kind) => port.offers(kind) === 'streamed').map((kind) => ({ kind }));
  }

  #listen(): AccountStreamListener {
    const { meter } = this.#dependencies;
    const { venue } = this.#unit;
    const publisher = this.#publisher;
    return {
      order(order) {
        meter.update(venue, 'orders', order);
        publisher.order(order);
      },
      balance(balance) {
        meter.update(venue, 'balances', balance);
        publisher.balance(balance);
      },
      position(position) {
        meter.update(venue, 'positions', position);
        publisher.position(position);
      },
      incident: (incident) => {
        if (incident.incident === 'refused') this.#isRefused = true;
        meter.incident(venue, 'orders', incident);
      },
    };
  }
}
