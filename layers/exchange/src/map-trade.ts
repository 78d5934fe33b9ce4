/** ccxt's public trades in Nightdesk's words. */
import type { Market, PublicTrade } from '@nightdesk/core';
import { fromContracts } from './contract-amounts.ts';
import { Fields, listOf, present } from './fields.ts';

/** Oldest first. @throws UnparsableAnswerError when a trade has no time, price or amount, or one that makes no sense. */
export function mapTrades(value: unknown, market: Market): PublicTrade[] {
  return listOf('trades', value)
    .map((trade) => mapTrade(trade, market))
    .sort((left, right) => left.atMs - right.atMs);
}

function mapTrade(value: unknown, market: Market): PublicTrade {
  const fields = new Fields('trade', value);
  return {
    ...present({ tradeId: fields.optionalText('id'), side: fields.optionalWord('side', ['buy', 'sell']) }),
    price: fields.price('price'),
    amount: fromContracts(fields.quantity('amount'), market),
    atMs: fields.timeMs('timestamp'),
  };
}
