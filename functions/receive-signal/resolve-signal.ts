/** From what a sender wrote to a signal with nothing left to guess: accounts, venue, market, size. */
import {
  accountOf,
  amount,
  type ConfiguredAccount,
  chooseMarket,
  type DeskConfig,
  expiryOf,
  type Issue,
  inSendersWords,
  isUnifiedSymbol,
  type Market,
  type MarketsStore,
  marketName,
  notional,
  price,
  RequestError,
  type Signal,
  type SignalRequest,
  type SignalSize,
  type SourceConfig,
  type SourceId,
  type SupportedSignal,
  sizeOrder,
} from '@nightdesk/core';

export interface ResolutionContext {
  source: SourceConfig & { id: SourceId };
  config: DeskConfig;
  markets: Pick<MarketsStore, 'get' | 'findByName' | 'hasAny'>;
  receivedAtMs: number;
}

export type ResolvedSignal = Omit<Signal, 'signalId'>;

/** @throws RequestError naming the field that is unknown, ambiguous, not allowed, too small or too old */
export async function resolveSignal(request: SignalRequest, context: ResolutionContext): Promise<ResolvedSignal> {
  try {
    return await resolve(request, context);
  } catch (error) {
    throw inSendersWords(error, request.fieldNames);
  }
}

async function resolve(request: SignalRequest, context: ResolutionContext): Promise<ResolvedSignal> {
  const { signal } = request;
  const { source, receivedAtMs } = context;
  const expiresAtMs = expiryOf(signal, source.maxLagSeconds, receivedAtMs);
  const accounts = accountsOf(signal, context);
  const venue = venueOf(signal, accounts);
  const market = await marketOf(request, { account: venue, context });
  const { symbol } = market;
  if (source.symbols !== undefined && !source.symbols.includes(symbol)) {
    throw new RequestError('forbidden', `this source may not trade ${symbol}`, [
      { path: 'symbol', message: 'is not allowed' },
    ]);
  }
  const size: SignalSize =
    'base' in signal.size && signal.size.base !== undefined
      ? { base: amount(signal.size.base) }
      : { quote: notional((signal.size as { quote: string }).quote) };
  const limitPrice = signal.price === undefined ? undefined : price(signal.price);
  refuseBadSize(sizeOrder({ side: signal.action, size, ...(limitPrice && { limitPrice }) }, market));
  return {
    source: source.id,
    accounts: accounts.map((account) => account.id),
    venue: venue.venue,
    symbol,
    action: signal.action,
    size,
    type: signal.type,
    ...(limitPrice && { price: limitPrice }),
    ...(signal.timeInForce && { timeInForce: signal.timeInForce }),
    ...(signal.comment && { comment: signal.comment }),
    ...(signal.sentAt && { sentAtMs: signal.sentAt.atMs }),
    expiresAtMs,
    receivedAtMs,
  };
}

function accountsOf(signal: SupportedSignal, { source, config }: ResolutionContext): ConfiguredAccount[] {
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
function venueOf(signal: SupportedSignal, accounts: readonly ConfiguredAccount[]): ConfiguredAccount {
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
  { signal, kind }: SignalRequest,
  { account, context }: { account: ConfiguredAccount; context: ResolutionContext },
): Promise<Market> {
  const { markets } = context;
  const { venue, exchangeConfig } = account;
  const { symbol } = signal;
  const candidates = isUnifiedSymbol(symbol)
    ? [await markets.get(venue, symbol)].filter((market) => market !== undefined)
    : await markets.findByName(venue, marketName(symbol));
  if (candidates.length === 0 && !(await markets.hasAny(venue))) {
    throw new RequestError('unavailable', `the markets of ${venue} are not loaded yet; try again in a minute`);
  }
  return chooseMarket(symbol, candidates, kind ?? exchangeConfig.defaultMarketKind);
}

function refuseBadSize(sized: ReturnType<typeof sizeOrder>): void {
  if (sized.kind === 'refused') throw invalid(sized.field, sized.message);
}

function invalid(path: string, message: string): RequestError {
  const issue: Issue = { path, message };
  return new RequestError('invalid_signal', `${path} ${message}`, [issue]);
}
