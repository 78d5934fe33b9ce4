/** The streams of an account: its orders and their executions, its balances and positions, as they change. */
import type {
  AccountStreamKind,
  AccountStreamListener,
  AccountStreamPort,
  NonceLane,
  RequestBudget,
  StreamConnection,
  Wallet,
} from '@nightdesk/core';
import { typeOf, walletsOf } from '../account-wallets.ts';
import { type ClientOptions, constructClient } from '../construct-client.ts';
import { type Credentials, secretValues } from '../credentials.ts';
import type { VenueFleet } from '../fleet.ts';
import { MarketLists } from '../market-lists.ts';
import { traitsOf, type VenueTraits } from '../traits/index.ts';
import { offers, type VenueClient } from '../venue-client.ts';
import { VenueSession } from '../venue-session.ts';
import { AccountLeg } from './account-leg.ts';
import type { AccountStreamTraits, AccountWatch, Raw } from './account-reading.ts';
import { accountStreamTraitsOf, streamsAccounts } from './account-stream-traits.ts';
import type { StreamTiming } from './open-stream-client.ts';

export interface AccountStreamsOptions extends Omit<ClientOptions, 'kind'> {
  credentials: Credentials;
  /** Shared with other accounts of the process; absent keeps a list of its own. */
  marketLists?: MarketLists | undefined;
  /** From 0 to 1, for how long is waited before a lost connection is made again. @default Math.random */
  random?: (() => number) | undefined;
  timing?: Partial<StreamTiming> | undefined;
}

const methodOfKind = {
  orders: 'watchOrders',
  fills: 'watchMyTrades',
  balances: 'watchBalance',
  positions: 'watchPositions',
} as const satisfies Record<AccountStreamKind, AccountWatch['method']>;

/** What one wallet's connection watches. */
interface LegPlan {
  wallet: string;
  watches: readonly AccountWatch[];
}

/**
 * Loads the venue's streaming class from the layer and constructs it. Proxies are used as for requests.
 *
 * @throws ConfigurationError when there is no such venue, it streams nothing, or it has no sandbox and no `baseUrl` stands in for one.
 * @throws SecretUnavailableError when the credentials lack a field that the venue asks for.
 */
export async function createAccountStreams(given: AccountStreamsOptions): Promise<AccountStreamPort> {
  const options = { ...given, fleet: given.fleet && keptOpen(given.fleet) };
  const { venue } = options;
  const traits = traitsOf(venue);
  const streamTraits = accountStreamTraitsOf(venue);
  const { client, context } = await constructClient({ ...options, kind: 'pro' }, traits);
  const session = new VenueSession(client, context, secretValues(options.credentials));
  const isStreamed = streamsAccounts(venue);
  const plans = isStreamed ? planLegs({ client, streamTraits, wallets: walletsOf({ venue, session, traits }) }) : [];
  const marketLists = options.marketLists ?? new MarketLists();
  return {
    offers: (kind) => (isStreamed && offers(client, methodOfKind[kind]) ? 'streamed' : 'absent'),
    open: (listener, symbols) =>
      connect(plans, { ...{ traits, streamTraits, listener, symbols }, options: { ...options, marketLists } }),
  };
}

/**
 * One share of the limits and one place in the key's lane for all connections, one after the other and side by side: what one of
 * them has used counts for the next.
 */
function keptOpen(fleet: VenueFleet): VenueFleet {
  let budget: RequestBudget | undefined;
  let lane: NonceLane | undefined;
  const { openLane } = fleet;
  return {
    readAheadMs: () => fleet.readAheadMs(),
    openBudget(limits) {
      budget ??= fleet.openBudget(limits);
      return budget;
    },
    ...(openLane !== undefined && {
      openLane() {
        lane ??= openLane.call(fleet);
        return lane;
      },
    }),
  };
}

interface PlanInput {
  client: VenueClient;
  streamTraits: AccountStreamTraits | undefined;
  wallets: readonly Wallet[];
}

/** One connection for each wallet that the venue keeps apart; ccxt tells them apart by `type`. */
function planLegs({ client, streamTraits, wallets }: PlanInput): LegPlan[] {
  return wallets.map((wallet) => {
    const type = wallets.length === 1 ? {} : { type: typeOf(wallet.kinds[0]) };
    const holdsPositions = wallet.kinds.some((kind) => kind !== 'spot');
    const watches = [
      ...orderWatches(client, streamTraits),
      ...watchesOf(client, ['balances', ...(holdsPositions ? (['positions'] as const) : [])]),
    ];
    return {
      wallet: wallet.name,
      watches: watches.map(({ method, parameters }) => ({ method, parameters: { ...type, ...parameters } })),
    };
  });
}

const nothing: Raw = {};

const watchesOf = (client: VenueClient, kinds: readonly AccountStreamKind[]): AccountWatch[] =>
  kinds
    .map((kind) => methodOfKind[kind])
    .filter((method) => offers(client, method))
    .map((method) => ({ method, parameters: nothing }));

/** Where orders are only asked for because of what a stream says, executions say nothing that the orders do not. */
function orderWatches(client: VenueClient, streamTraits: AccountStreamTraits | undefined): AccountWatch[] {
  if (streamTraits?.ordersWatch !== undefined) return [streamTraits.ordersWatch];
  if (streamTraits !== undefined) return watchesOf(client, ['orders', 'fills']);
  const [orders] = watchesOf(client, ['orders', 'fills']);
  return orders === undefined ? [] : [orders];
}

interface ConnectInput {
  options: AccountStreamsOptions & { marketLists: MarketLists };
  traits: VenueTraits;
  streamTraits: AccountStreamTraits | undefined;
  listener: AccountStreamListener;
  symbols: readonly string[];
}

function connect(plans: readonly LegPlan[], input: ConnectInput): StreamConnection {
  const { random = Math.random } = input.options;
  const legs = plans
    .filter(({ watches }) => watches.length > 0)
    .map(({ wallet, watches }, index) => new AccountLeg({ ...input, wallet, watches, random, isMain: index === 0 }));
  const needed = () => legs.filter(({ isOptional }) => !isOptional);
  return {
    get heardMs() {
      const heard = needed().map(({ heardMs }) => heardMs);
      const known = heard.filter((atMs) => atMs !== undefined);
      return known.length === 0 || known.length < heard.length ? undefined : Math.min(...known);
    },
    get isOpen() {
      // Of an account of which the venue streams nothing, nothing is missing.
      return needed().every(({ isOpen }) => isOpen);
    },
    async close() {
      await Promise.all(legs.map((leg) => leg.close()));
    },
  };
}
