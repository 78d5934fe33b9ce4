/** Asks the venue and the desk's own ledger for what planning a signal needs to know, and for nothing else. */
import { VenueError } from '../errors.ts';
import type { AccountId } from '../ids.ts';
import type { Price } from '../money.ts';
import type { Balance } from '../ports/account.ts';
import type { Market, Side } from '../ports/market-data.ts';
import type { ExecutionVenue } from '../ports/venue.ts';
import { positionOf } from '../positions/position-of.ts';
import type { Signal } from '../signals/signal.ts';
import { equityOf } from './equity.ts';
import type { ExecutionPolicy, ExecutionPorts } from './execution-ports.ts';
import { figuresNeeded, type PlanFigures, type SignedPosition, sideWanted } from './plan-orders.ts';

export interface FigureSources {
  market: Market;
  venue: ExecutionVenue;
  policy: Pick<ExecutionPolicy, 'account' | 'limits'>;
  ports: Pick<ExecutionPorts, 'positions'>;
}

/** @throws VenueError when the venue does not tell a figure that is needed */
export async function askFigures(signal: Signal, sources: FigureSources): Promise<PlanFigures> {
  const needed = figuresNeeded(signal, sources.market);
  const balances =
    needed.equity || (needed.position && sources.market.kind === 'spot') ? await askBalances(sources) : [];
  const position = needed.position ? await askPosition(sources, balances) : undefined;
  const side = sideWanted(signal, position);
  const price = needed.price && side !== undefined ? await askPrice(sources, side) : undefined;
  const equity = needed.equity ? await askEquity(sources, { balances, price }) : undefined;
  return { ...(position && { position }), ...(price && { price }), ...(equity && { equity }) };
}

const askBalances = ({ venue, market }: FigureSources): Promise<Balance[]> => venue.fetchBalances(market.kind);

const askPrice = ({ venue, market }: FigureSources, side: Side): Promise<Price> => venue.fetchPrice(market, side);

/**
 * What the account has of the market: the venue's word for contracts, and on spot as much of the balance as the desk itself
 * has bought.
 *
 * @throws VenueError when the venue does not tell, or tells of two positions in one market
 */
export async function askPosition(sources: FigureSources, known?: readonly Balance[]): Promise<SignedPosition> {
  const { market, venue, ports, policy } = sources;
  const isSpot = market.kind === 'spot';
  const ledger = isSpot ? await ports.positions.get(policy.account.id as AccountId, market.symbol) : undefined;
  const position = positionOf(market, {
    ...(ledger !== undefined && { ledgerQuantity: ledger.quantity }),
    ...(isSpot
      ? { balances: known ?? (await askBalances(sources)) }
      : { positions: await venue.fetchPositions([market]) }),
  });
  if (position !== undefined) return position;
  const message = `has a long and a short position in ${market.symbol} at once; set the account to one-way mode`;
  throw new VenueError(market.venue, message, { code: 'position_mode' });
}

async function askEquity(
  { market, venue, policy }: FigureSources,
  { balances, price }: { balances: readonly Balance[]; price: Price | undefined },
): Promise<PlanFigures['equity']> {
  const positions = market.kind === 'spot' ? undefined : await venue.fetchPositions([market]);
  return equityOf(market, {
    ...{ balances, quotes: policy.limits.account.quotes },
    ...(price !== undefined && { price }),
    ...(positions !== undefined && { positions }),
  });
}
