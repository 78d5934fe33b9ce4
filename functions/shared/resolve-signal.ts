/** From what a sender wrote to a signal with nothing left to guess: accounts, venue, market, size. */
import {
  accountOf,
  type ConfiguredAccount,
  chooseMarket,
  type DeskConfig,
  everySymbol,
  expiryOf,
  type Issue,
  inSendersWords,
  isUnifiedSymbol,
  type Market,
  type MarketsStore,
  marketName,
  type NativeSignal,
  RequestError,
  type Signal,
  type SignalRequest,
  type SourceConfig,
  type SourceId,
} from '@nightdesk/core';
import { refuseUnplaceable, termsOf } from './signal-terms.ts';

export interface ResolutionContext {
  source: SourceConfig & { id: SourceId };
  config: DeskConfig;
  markets: Pick<MarketsStore, 'get' | 'findByName' | 'hasAny'>;
  receivedAtMs: number;
}

export type ResolvedSignal = Omit<Signal, 'signalId'>;

/** A signal in native words, and what its sender calls them. */
export type ResolvableRequest = Pick<SignalRequest, 'signal' | 'kind' | 'fieldNames'>;

/** @throws RequestError naming the field that is unknown, ambiguous, not allowed, too small or too old */
export async function resolveSignal(request: ResolvableRequest, context: ResolutionContext): Promise<ResolvedSignal> {
  try {
    return await resolve(request, context);
  } catch (error) {
    throw inSendersWords(error, request.fieldNames);
  }
}

async function resolve(request: ResolvableRequest, context: ResolutionContext): Promise<ResolvedSignal> {
  const { signal } = request;
  const { source, receivedAtMs } = context;
  const expiresAtMs = expiryOf(signal, source.maxLagSeconds, receivedAtMs);
  const accounts = accountsOf(signal, context);
  const { venue } = venueOf(signal, accounts);
  const market = await marketOf(request, { account: venueOf(signal, accounts), context });
  if (market !== undefined) refuseForbidden(market, source);
  else if (source.symbols !== undefined)
    throw invalid('symbol', 'is missing; this source may not cancel in every market');
  const terms = termsOf(signal, { source, market, receivedAtMs });
  if (market !== undefined) refuseUnplaceable(terms, market);
  return {
    source: source.id,
    accounts: accounts.map((account) => account.id),
    venue,
    symbol: market?.symbol ?? everySymbol,
    ...terms,
    expiresAtMs,
    receivedAtMs,
  };
}

function refuseForbidden({ symbol }: Market, source: SourceConfig): void {
  if (source.symbols === undefined || source.symbols.includes(symbol)) return;
  throw new RequestError('forbidden', `this source may not trade ${symbol}`, [
    { path: 'symbol', message: 'is not allowed' },
  ]);
}

function accountsOf(signal: NativeSignal, { source, config }: ResolutionContext): ConfiguredAccount[] {
  const names = signal.accounts ?? [signal.account ?? source.defaultAccount];
  return names.map((name, index) => {
    const path = signal.accounts === undefined ? 'account' : `accounts.${index}`;
    if (name === undefined) throw invalid(path, 'is missing; this source has no default account');
    const account = accountOf(config, name);
    if (account === undefined) throw invalid(path, `"${name}" is not an account of this desk`);
    if (source.accounts.includes(name)) return account;
    throw new RequestError('forbidden', `this source may not use the account "${name}"`, [
      { path, message: 'is not allowed' },
    ]);
  });
}

/** All accounts of one signal trade at one venue; it is an error to name another. */
function venueOf(signal: NativeSignal, accounts: readonly ConfiguredAccount[]): ConfiguredAccount {
  const [first, ...others] = accounts;
  if (first === undefined) throw invalid('accounts', 'is empty');
  const other = others.find((account) => account.venue !== first.venue);
  if (other !== undefined)
    throw invalid('accounts', `"${first.id}" and "${other.id}" are at different venues; send one signal each`);
  if (signal.venue !== undefined && signal.venue !== first.venue) {
    throw invalid('venue', `is "${signal.venue}", but the account "${first.id}" is at "${first.venue}"`);
  }
  return first;
}

async function marketOf(
  { signal, kind }: ResolvableRequest,
  { account, context }: { account: ConfiguredAccount; context: ResolutionContext },
): Promise<Market | undefined> {
  const { markets } = context;
  const { venue, exchangeConfig } = account;
  const { symbol } = signal;
  if (symbol === undefined) return undefined;
  const candidates = isUnifiedSymbol(symbol)
    ? [await markets.get(venue, symbol)].filter((market) => market !== undefined)
    : await markets.findByName(venue, marketName(symbol));
  if (candidates.length === 0 && !(await markets.hasAny(venue))) {
    throw new RequestError('unavailable', `the markets of ${venue} are not loaded yet; try again in a minute`);
  }
  return chooseMarket(symbol, candidates, kind ?? exchangeConfig.defaultMarketKind);
}

function invalid(path: string, message: string): RequestError {
  const issue: Issue = { path, message };
  return new RequestError('invalid_signal', `${path} ${message}`, [issue]);
}
