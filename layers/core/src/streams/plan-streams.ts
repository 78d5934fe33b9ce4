/** What the stream service has to do, by collection.yaml and the venues as they are now. */
import { type KnownMarket, type MarketIssue, selectMarkets } from '../candles/select-markets.ts';
import type { CollectionConfig, Streaming } from '../config/collection-config.ts';
import type { AccountId, VenueId } from '../ids.ts';
import type { SymbolRanking } from '../ports/candles.ts';
import type { MarketKind } from '../ports/market-data.ts';
import type { MarketStreamKind, MarketStreamPort } from '../ports/streams.ts';
import { type Packable, type PackingRoom, packUnits } from './pack-units.ts';
import { connectionsPerVenueMax, type PlannedSubscription, type StreamUnit } from './stream-units.ts';

export interface StreamFacts {
  /** By venue. */
  markets: ReadonlyMap<VenueId, readonly KnownMarket[]>;
  rankings: ReadonlyMap<VenueId, SymbolRanking>;
  /** Sandbox and live accounts at venues that are enabled. */
  accounts: readonly { account: AccountId; venue: VenueId }[];
  /** Enabled venues of which anything is streamed. */
  venues: ReadonlyMap<VenueId, Port>;
  /** Symbols that are streamed now: one of the most traded stays until it is clearly behind. @default none */
  streamed?: ReadonlyMap<VenueId, ReadonlySet<string>>;
}

export interface StreamIssue {
  reason: MarketIssue['reason'] | 'no_streams' | 'no_contracts' | 'not_offered' | 'no_room';
  venue: VenueId;
  symbol?: string;
  /** For people; names the entry by its place in the list, counted from 1. */
  message: string;
}

export interface StreamPlan {
  /** Accounts first, as money hangs on them; then markets; each by venue. */
  units: readonly StreamUnit[];
  /** What is wanted and cannot be had. The rest is streamed all the same. */
  issues: readonly StreamIssue[];
}

type Port = Pick<MarketStreamPort, 'offers' | 'subscriptionsMax'>;
type Config = Pick<CollectionConfig, 'streams' | 'streamAccounts'>;

/** What contracts have and nothing else: funding is what perpetuals pay, and only what is borrowed for is closed by the venue. */
const kindsOfContracts: Partial<Record<MarketStreamKind, readonly MarketKind[]>> = {
  funding: ['perpetual'],
  liquidations: ['perpetual', 'future'],
};

/** The same facts make the same units, wherever that is worked out; never throws for what a venue does not have. */
export function planStreams({ streams, streamAccounts }: Config, facts: StreamFacts): StreamPlan {
  const accounts = streamAccounts ? facts.accounts : [];
  const wanted = new Map<VenueId, { port: Port; bySymbol: Map<string, Packable> }>();
  const issues: StreamIssue[] = [];
  streams.forEach((entry, index) => {
    for (const name of new Set(entry.venues)) {
      const place = { entry, number: index + 1, venue: name as VenueId, facts, issues };
      const port = facts.venues.get(place.venue);
      if (port === undefined) {
        tell(
          place,
          { reason: 'no_streams' },
          `"${name}" is disabled in exchanges.yaml, or has no streams; take it out`,
        );
        continue;
      }
      const { bySymbol } = wanted.get(place.venue) ?? { bySymbol: new Map<string, Packable>() };
      wanted.set(place.venue, { port, bySymbol });
      for (const each of want(place, port)) bySymbol.set(each.symbol, join(bySymbol.get(each.symbol), each));
    }
  });
  const units = [...wanted].sort(byFirst).flatMap(([venue, { port, bySymbol }]) => {
    const taken = accounts.filter((each) => each.venue === venue).length;
    const unitsMax = Math.max(1, connectionsPerVenueMax - taken);
    const room = { venue, unitsMax, subscriptionsMax: port.subscriptionsMax };
    const { units: packed, left } = packUnits([...bySymbol.values()], room);
    if (left.length > 0) issues.push(noRoom(room, left));
    return packed;
  });
  return { units: [...accountUnits(accounts), ...units], issues };
}

const byFirst = ([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number =>
  left < right ? -1 : 1;

const accountUnits = (accounts: StreamFacts['accounts']): StreamUnit[] =>
  accounts
    .map(({ account, venue }): [string, StreamUnit] => {
      const id = `${venue}#account#${account}`;
      return [id, { kind: 'account', id, venue, account }];
    })
    .sort(byFirst)
    .map(([, unit]) => unit);

/** One entry at one venue. */
interface Place {
  entry: Streaming;
  /** Counted from 1. */
  number: number;
  venue: VenueId;
  facts: StreamFacts;
  issues: StreamIssue[];
}

function tell({ number, venue, issues }: Place, facts: Pick<StreamIssue, 'reason' | 'symbol'>, text: string): void {
  issues.push({ ...facts, venue, message: `entry ${number} of streams in collection.yaml: ${text}` });
}

/** What an entry wants of a venue, by symbol. */
function want(place: Place, port: Port): Packable[] {
  const { entry, venue, facts } = place;
  const { markets, issues } = selectMarkets({
    ...{ venue, wanted: entry, doing: 'streamed' as const, present: facts.streamed?.get(venue) ?? new Set<string>() },
    ...{ markets: facts.markets.get(venue) ?? [], ranking: facts.rankings.get(venue) },
  });
  for (const { text, ...issue } of issues) tell(place, issue, text);
  const absent = new Set<string>();
  const packables = markets.flatMap(({ symbol, kind }): Packable[] => {
    // Nothing can be subscribed of a market that nobody knows.
    if (kind === undefined) return [];
    const possible = entry.kinds.filter((each) => kindsOfContracts[each]?.includes(kind) ?? true);
    if (possible.length === 0) {
      tell(
        place,
        { reason: 'no_contracts', symbol },
        `"${symbol}" is no contract that has ${entry.kinds.join(' or ')}`,
      );
    }
    const offers = possible.map((each) => ({ each, offer: port.offers(each, kind) }));
    for (const { each, offer } of offers) if (offer === 'absent') absent.add(`${each} of ${kind} markets`);
    const had = offers.filter(({ offer }) => offer !== 'absent');
    const subscriptions = had.flatMap(({ each, offer }) =>
      subscriptionsOf(entry, each, symbol).map(
        (planned): PlannedSubscription => (offer === 'polled' ? { ...planned, isPolled: true } : planned),
      ),
    );
    const polled = new Set(had.filter(({ offer }) => offer === 'polled').map(({ each }) => each));
    return subscriptions.length === 0 ? [] : [{ symbol, subscriptions, polled }];
  });
  for (const what of absent) tell(place, { reason: 'not_offered' }, `"${venue}" has no ${what}`);
  return packables;
}

function subscriptionsOf(
  { timeframes, depth, quotesPerSecond, files }: Streaming,
  kind: MarketStreamKind,
  symbol: string,
): PlannedSubscription[] {
  // Cut to whole milliseconds upwards, so that it is never more often than was said.
  const how = { depth, quoteEveryMs: Math.ceil(1_000 / quotesPerSecond), files };
  if (kind !== 'candles') return [{ kind, symbol, ...how }];
  return timeframes.map((timeframe) => ({ kind, symbol, timeframe, ...how }));
}

/** What both want, and where both want the same the finer of the two. */
function join(first: Packable | undefined, second: Packable): Packable {
  const byKey = new Map<string, PlannedSubscription>();
  for (const next of [...(first?.subscriptions ?? []), ...second.subscriptions]) {
    const key = `${next.kind}#${next.timeframe}`;
    const known = byKey.get(key) ?? next;
    byKey.set(key, {
      ...next,
      depth: Math.max(known.depth, next.depth),
      quoteEveryMs: Math.min(known.quoteEveryMs, next.quoteEveryMs),
      files: known.files || next.files,
    });
  }
  const polled = new Set([...(first?.polled ?? []), ...second.polled]);
  return { symbol: second.symbol, subscriptions: [...byKey.values()], polled };
}

const namedMax = 5;

function noRoom(room: PackingRoom, left: readonly Packable[]): StreamIssue {
  const { venue, unitsMax, subscriptionsMax } = room;
  const named = left.slice(0, namedMax).map(({ symbol }) => symbol);
  const more = left.length > namedMax ? ` and ${left.length - namedMax} more` : '';
  const message = `streams in collection.yaml: ${unitsMax} connections to "${venue}" of ${subscriptionsMax} subscriptions each have no room for ${named.join(', ')}${more}; stream less of it`;
  return { reason: 'no_room', venue, message };
}
