/** ccxt's positions in Nightdesk's words. */
import { amount, isPositive, type Market, type Position } from '@nightdesk/core';
import { fromContracts } from './contract-amounts.ts';
import { Fields, present } from './fields.ts';

/**
 * `undefined` for a position of nothing, which is how many venues list contracts that are not held.
 *
 * @throws UnparsableAnswerError when side or size are missing, or a number makes no sense.
 */
export function mapPosition(value: unknown, market: Market): Position | undefined {
  const fields = new Fields('position', value);
  const contracts = fields.quantity('contracts');
  if (!isPositive(contracts)) return undefined;
  const profit = fields.optionalDecimal('unrealizedPnl');
  const leverage = fields.optionalQuantity('leverage');
  // ccxt works some margins out itself, and a few come out as nothing that makes sense. Positions are needed to leave them.
  const margin = (name: string) => {
    const text = fields.quantityIfSane(name);
    return text === undefined ? undefined : amount(text);
  };
  return {
    symbol: market.symbol,
    side: fields.word('side', ['long', 'short']),
    amount: fromContracts(contracts, market),
    contracts: amount(contracts),
    ...present({
      entryPrice: fields.optionalPrice('entryPrice'),
      markPrice: fields.optionalPrice('markPrice'),
      liquidationPrice: fields.optionalPrice('liquidationPrice'),
      unrealizedPnl: profit === undefined ? undefined : amount(profit),
      initialMargin: margin('initialMargin'),
      maintenanceMargin: margin('maintenanceMargin'),
      leverage: leverage !== undefined && isPositive(leverage) ? amount(leverage) : undefined,
      marginMode: fields.optionalWord('marginMode', ['cross', 'isolated']),
    }),
  };
}
