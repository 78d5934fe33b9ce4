/** Sets what an account keeps per contract: position mode, margin mode and leverage, each once per value. */
import type { Cause, MarginMode, Market, MarketSettings, PrepareOutcome } from '@nightdesk/core';
import { compare } from '@nightdesk/core';
import type { VenueContext } from './ask-venue.ts';
import { Fields, UnparsableAnswerError } from './fields.ts';
import { settingsOfOrders } from './order-abilities.ts';
import type { VenueFailure } from './outcome.ts';
import { offers, type VenueClient } from './venue-client.ts';

type Step = () => Promise<PrepareOutcome>;

const ready: PrepareOutcome = { kind: 'ready' };
const refuse = (code: string, message: string): PrepareOutcome => ({ kind: 'refused', cause: { code, message } });

/** Refusals that say nothing of what was asked for. */
const accessCodes: ReadonlySet<string> = new Set([
  ...['authentication_failed', 'permission_denied', 'account_suspended', 'account_not_enabled', 'clock_refused'],
  ...['nonce_refused', 'restricted_location', 'bad_symbol', 'not_sent', 'venue_blocked', 'proxy_refused'],
]);

/** A setting as the venue shows it: `told` may hold that it does not tell. */
type Look<Value> = { kind: 'told'; value: Value | undefined } | { kind: 'unknown'; cause: Cause };

export class MarketPreparation {
  readonly #context: VenueContext;
  /** The value that each setting of a market was last seen or set to: another one in between must be set again. */
  readonly #known = new Map<string, string>();

  constructor(context: VenueContext) {
    this.#context = context;
  }

  async prepare(settings: MarketSettings, market: Market): Promise<PrepareOutcome> {
    const { leverage, marginMode, positionMode } = settings;
    if (market.kind === 'spot') {
      const asked = leverage !== undefined || marginMode !== undefined;
      return asked ? refuse('not_supported', `${market.symbol} is spot, without leverage or margin mode`) : ready;
    }
    const { symbol } = market;
    const steps: Step[] = [
      () => this.#once(`${symbol} position mode`, positionMode, () => this.#setOneWay(market)),
      () => this.#once(`${symbol} margin mode`, marginMode, (mode) => this.#setMarginMode(market, mode)),
      () => this.#once(`${symbol} leverage`, leverageKey(settings), () => this.#setLeverage(market, settings)),
    ];
    for (const step of steps) {
      const outcome = await step();
      if (outcome.kind !== 'ready') return outcome;
    }
    return ready;
  }

  async #once<Value extends string>(
    setting: string,
    value: Value | undefined,
    set: (value: Value) => Promise<PrepareOutcome>,
  ): Promise<PrepareOutcome> {
    if (value === undefined || this.#known.get(setting) === value) return ready;
    this.#known.delete(setting);
    const outcome = await set(value);
    if (outcome.kind === 'ready') this.#known.set(setting, value);
    return outcome;
  }

  /** Orders say no side of a position here, so in hedge mode each would be refused, or taken for another position. */
  async #setOneWay(market: Market): Promise<PrepareOutcome> {
    const { session, traits } = this.#context;
    const { client } = session;
    if (traits.hedgesIn?.(market) === false) return ready;
    const before = await this.#hedged(market);
    if (before.kind === 'unknown') return before;
    if (before.value === false) return ready;
    // Where the mode can be neither asked for nor set, venues know one position per market only.
    if (!offers(client, 'setPositionMode')) return before.value === undefined ? ready : hedgeMode(market);
    const failure = await this.#set(market, () => client.setPositionMode(false, market.symbol));
    if (failure !== undefined) {
      // Before the venue looks at the mode, it looks at who asks.
      const isAboutMode = failure.meaning === 'rejected' && !accessCodes.has(failure.cause.code);
      return isAboutMode ? hedgeMode(market, failure.cause) : outcomeOf(failure);
    }
    const after = await this.#hedged(market);
    if (after.kind === 'unknown') return after;
    return after.value === true ? hedgeMode(market) : ready;
  }

  #hedged(market: Market): Promise<Look<boolean>> {
    return this.#look(market, 'fetchPositionMode', {
      ask: (client) => client.fetchPositionMode(market.symbol),
      read: (answer) => answer.optionalFlag('hedged'),
    });
  }

  async #setMarginMode(market: Market, wanted: MarginMode): Promise<PrepareOutcome> {
    const { session, traits } = this.#context;
    if (settingsOfOrders(session.client, market).marginMode) return ready;
    if (!offers(session.client, 'setMarginMode')) {
      return refuse('not_supported', `${market.venue} sets no margin mode; leave marginMode out`);
    }
    if (!traits.marginModeIsOfAccount) {
      const failure = await this.#set(market, () => session.client.setMarginMode(wanted, market.symbol));
      if (failure !== undefined) return outcomeOf(failure);
    }
    const shown = await this.#look(market, 'fetchMarginMode', {
      ask: (client) => client.fetchMarginMode(market.symbol),
      read: (answer) => answer.optionalText('marginMode'),
    });
    if (shown.kind === 'unknown') return shown;
    if (shown.value === wanted) return ready;
    if (shown.value === undefined && !traits.marginModeIsOfAccount) return ready;
    const is = `the margin mode of ${market.symbol} is ${shown.value ?? 'not told'} at ${market.venue}`;
    return refuse('margin_mode', `${is}, not ${wanted}; change it there, or leave marginMode out`);
  }

  async #setLeverage(market: Market, { leverage = '', marginMode }: MarketSettings): Promise<PrepareOutcome> {
    const { session, traits } = this.#context;
    if (settingsOfOrders(session.client, market).leverage) return ready;
    if (!offers(session.client, 'setLeverage')) {
      return refuse('not_supported', `${market.venue} sets no leverage; leave leverage out`);
    }
    const mode = traits.leverageIsOfMarginMode && marginMode !== undefined ? { marginMode } : {};
    const failure = await this.#set(market, () => session.client.setLeverage(Number(leverage), market.symbol, mode));
    if (failure !== undefined) return outcomeOf(failure);
    const shown = await this.#look(market, 'fetchLeverage', {
      ask: (client) => client.fetchLeverage(market.symbol, mode),
      read: (answer) =>
        ['longLeverage', 'shortLeverage']
          .map((name) => answer.optionalDecimal(name))
          .find((side) => side !== undefined && compare(side, leverage) !== 0),
    });
    if (shown.kind === 'unknown') return shown;
    if (shown.value === undefined) return ready;
    const is = `the leverage of ${market.symbol} is ${shown.value} at ${market.venue}`;
    return refuse('leverage', `${is}, not ${leverage}; change it there, or leave leverage out`);
  }

  /** Sets something that may be so already. @returns why it is not, if so */
  async #set(market: Market, action: () => Promise<unknown>): Promise<VenueFailure | undefined> {
    const { session, traits } = this.#context;
    const result = await session.call('question', () => {
      session.use(market);
      return action();
    });
    if (result.kind === 'answered') return undefined;
    const { className, cause } = result.failure;
    const isSet = className === 'NoChange' || className === 'MarginModeAlreadySet';
    return isSet || traits.settingUnchanged?.test(cause.message) ? undefined : result.failure;
  }

  async #look<Value>(
    market: Market,
    method: string,
    question: { ask(client: VenueClient): Promise<unknown>; read(answer: Fields): Value | undefined },
  ): Promise<Look<Value>> {
    const { session } = this.#context;
    if (!session.client.has[method]) return { kind: 'told', value: undefined };
    const result = await session.call('question', () => question.ask(session.use(market)));
    if (result.kind === 'failed') return { kind: 'unknown', cause: result.failure.cause };
    try {
      return { kind: 'told', value: question.read(new Fields('setting', result.value)) };
    } catch (error) {
      if (!(error instanceof UnparsableAnswerError)) throw error;
      return { kind: 'unknown', cause: { code: 'unparsable_answer', message: error.message } };
    }
  }
}

/** A leverage that is kept per margin mode is another one in the other mode. */
const leverageKey = ({ leverage, marginMode }: MarketSettings): string | undefined =>
  leverage === undefined ? undefined : `${leverage} ${marginMode ?? 'as it is'}`;

const outcomeOf = ({ meaning, cause }: VenueFailure): PrepareOutcome =>
  meaning === 'rejected' ? { kind: 'refused', cause } : { kind: 'unknown', cause };

function hedgeMode({ symbol, venue }: Market, why?: Cause): PrepareOutcome {
  const told = why === undefined ? '' : ` (${why.message})`;
  const message = `${symbol} is in hedge mode at ${venue} and it did not change${told}: close its positions and orders, then set one-way mode there`;
  return refuse('position_mode', message);
}
