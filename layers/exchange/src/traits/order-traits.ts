/** What has to be known of a venue's orders beyond ccxt's word: what it can keep, and how it is told so. */
import type { Amount, Market, OrderAbilities, OrderRequest, OrderType, Price, TimeInForce } from '@nightdesk/core';
import type { CallParameters } from '../venue-client.ts';

/** Why the venue cannot keep an order as it is asked for: it is not sent. */
export interface Refusal {
  refused: string;
}

/**
 * How a venue keeps orders that wait for a trigger. Only venues are described that list those with all others, and under
 * the same ids before and after they are triggered: elsewhere an order could not be followed for certain.
 */
export interface TriggerTraits {
  /** Empty where the market has none. */
  types(market: Market): readonly OrderType[];
  /** What a limit order may be once it is triggered; ccxt makes an order without a trigger of one that is post-only at some venues. */
  timesInForce: readonly TimeInForce[];
  /** The trigger in ccxt's words. */
  parametersOf(request: OrderRequest, market: Market): CallParameters | Refusal;
}

/** How a venue changes resting orders in place: under the same ids, and without them ever being absent. */
export interface AmendTraits {
  /** Where. */
  of(market: Market): boolean;
  /** An amendment names amount and price both, whichever of them changes. */
  wholeTerms: boolean;
  /** A new trigger in ccxt's words; absent where it cannot be changed. */
  triggerParameters?: (triggerPrice: Price) => CallParameters;
}

export interface OrderTraits {
  /** What ccxt says wrong, or leaves out, of what the venue can keep: over its word. */
  abilities?: (market: Market) => Partial<OrderAbilities>;
  /** Times in force that ccxt says it can pass on, and drops: such an order would rest. */
  timesDropped: readonly TimeInForce[];
  triggers?: TriggerTraits;
  amends?: AmendTraits;
  /** When an order ends, in the venue's words. @param endMs UTC epoch milliseconds */
  goodTillParameters?: (endMs: number, market: Market) => CallParameters;
  /** Iceberg in the venue's words. @param contracts the part that is shown, as ccxt counts amounts */
  displayParameters?: (contracts: Amount, market: Market) => CallParameters;
  /** How the venue says that a setting is already what was asked for. */
  settingUnchanged?: RegExp;
  /** Where the venue knows more than one position per market; absent is that this is not known. */
  hedgesIn?: (market: Market) => boolean;
  /** The margin mode is the account's: changing it for one market would change it under every other position. */
  marginModeIsOfAccount: boolean;
  /** The leverage is kept per margin mode, which is told with it. */
  leverageIsOfMarginMode: boolean;
}

const isStop = ({ type }: OrderRequest): boolean => type !== 'take_profit';

/** For venues that ask whether the price has to rise or to fall to the trigger. */
export function triggerByDirection(request: OrderRequest): CallParameters {
  const rises = isStop(request) === (request.side === 'buy');
  return { triggerPrice: request.triggerPrice, triggerDirection: rises ? 'ascending' : 'descending' };
}

/** For venues that ask what the trigger is for, and know the direction from it. */
export const triggerByPurpose = (request: OrderRequest): CallParameters => ({
  [isStop(request) ? 'stopLossPrice' : 'takeProfitPrice']: request.triggerPrice,
});
