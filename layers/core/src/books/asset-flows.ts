/**
 * What the desk's own trades add up to, by wallet and asset. Exact: nothing is divided here, and what the ledger has cut of a
 * share of a cost stays with the rest of its position.
 *
 * - Spot: what was traded of the base asset, base fees included, and what was got less what was paid of the quote asset.
 * - Contracts: realized profit in the settlement asset; a position that is open has moved nothing yet.
 * - Fees in whatever they were paid in.
 *
 * What was traded at a price that is not known moved an amount that nobody can tell. It is not guessed, only counted.
 */
import { type Amount, add, isNegative, isPositive, scaleBy, subtract, zeroAmount } from '../money.ts';
import type { Wallet } from '../ports/account.ts';
import type { MarketKind } from '../ports/market-data.ts';
import type { LedgerPosition } from '../positions/ledger.ts';
import { partsOf, profitCurrencyOf } from '../positions/position-delta.ts';

export interface AssetFlow {
  traded: Amount;
  /** Grows with every trade in or out of the asset whose price is not known, and never shrinks. */
  unpriced: Amount;
}

/** By `assetKeyOf`. */
export type AssetFlows = Readonly<Record<string, AssetFlow>>;

type Traded = Pick<
  LedgerPosition,
  'symbol' | 'quantity' | 'cost' | 'unpriced' | 'realizedPnl' | 'unpricedClosed' | 'fees'
>;

export const assetKeyOf = ({ name }: Pick<Wallet, 'name'>, asset: string): string => `${name}:${asset}`;

/** The kind of market that a unified symbol names. */
export function kindOfSymbol(symbol: string): MarketKind {
  const contract = symbol.split(':')[1];
  if (contract === undefined) return 'spot';
  if (!contract.includes('-')) return 'perpetual';
  return /-[CP]$/.test(contract) ? 'option' : 'future';
}

/** The wallet that a market is paid from; `undefined` where the desk can use none. */
export const walletOf = (symbol: string, wallets: readonly Wallet[]): Wallet | undefined =>
  wallets.find(({ kinds }) => kinds.includes(kindOfSymbol(symbol)));

/** The assets that trading in a market moves, by what is known without its fees. */
export function assetsOf(symbol: string): string[] {
  const { base, quote, settle } = partsOf(symbol);
  return settle === undefined ? [base, quote] : [settle];
}

export function assetFlows(positions: readonly Traded[], wallets: readonly Wallet[]): AssetFlows {
  const flows: Record<string, AssetFlow> = {};
  for (const position of positions) {
    const wallet = walletOf(position.symbol, wallets);
    if (wallet === undefined) continue;
    for (const [asset, by] of flowsOf(position)) {
      const key = assetKeyOf(wallet, asset);
      const { traded, unpriced } = flows[key] ?? { traded: zeroAmount, unpriced: zeroAmount };
      flows[key] = { traded: add(traded, by.traded), unpriced: add(unpriced, by.unpriced) };
    }
  }
  return flows;
}

const negative = (amount: Amount): Amount => subtract(zeroAmount, amount);
const priced = (traded: Amount): AssetFlow => ({ traded, unpriced: zeroAmount });

function flowsOf(position: Traded): (readonly [string, AssetFlow])[] {
  const { symbol, quantity, cost, realizedPnl, fees } = position;
  const { base, quote, settle } = partsOf(symbol);
  const unpriced = unpricedOf(position);
  // A fee in the base asset of a spot market is in the quantity already.
  const paid = Object.entries(fees)
    .filter(([asset]) => settle !== undefined || asset !== base)
    .map(([asset, fee]) => [asset, priced(negative(fee))] as const);
  const made = realizedPnl as string as Amount;
  if (settle !== undefined) {
    const known = profitCurrencyOf(symbol) === settle ? made : zeroAmount;
    return [[settle, { traded: known, unpriced }], ...paid];
  }
  const invested = cost as string as Amount;
  const got = isNegative(quantity) ? add(made, invested) : subtract(made, invested);
  return [[base, priced(quantity)], [quote, { traded: got, unpriced }], ...paid];
}

/** Closing what was entered at an unknown price moves as unknown an amount, so what was closed counts twice. */
const unpricedOf = ({ unpriced, unpricedClosed }: Traded): Amount =>
  isPositive(unpricedClosed) ? add(unpriced, scaleBy(unpricedClosed, '2')) : unpriced;
