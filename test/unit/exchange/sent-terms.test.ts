/** What ccxt's own classes would send for each kind of order. */
import { amount, type Market, type OrderRequest, type PlaceOutcome, price, type VenueId } from '@nightdesk/core';
import { binance, bybit, coinbase, kraken, kucoin, okx } from 'ccxt';
import { describe, expect, it } from 'vitest';
import { btcUsdt, btcUsdtPerpetual } from '../../support/markets.ts';
import { ccxtMarket, tradingOn, withDefinition } from './scripted-trading.ts';

const classes = { binance, bybit, coinbase, kraken, kucoin, okx };
type Venue = keyof typeof classes;

const binanceInfo = {
  orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT', 'TAKE_PROFIT_LIMIT'],
  ...{ icebergAllowed: true, allowTrailingStop: true },
};
const spot = withDefinition(btcUsdt, ccxtMarket('spot', binanceInfo));
const perpetual = withDefinition(btcUsdtPerpetual, ccxtMarket('linear', { orderTypes: ['LIMIT', 'MARKET'] }));

type Terms = Partial<OrderRequest>;

/** Places an order to sell. @returns its outcome, and what would have been signed and sent */
async function send(venue: Venue, market: Market, terms: Terms) {
  const sent: Record<string, unknown>[] = [];
  const client = new classes[venue]({ number: String });
  client.options.enableUnifiedMargin = false;
  client.options.enableUnifiedAccount = true;
  client.fetch2 = async (_path: string, _part: unknown, method: string, parameters: Record<string, unknown>) => {
    // Some venues are first asked which kind of account it is.
    if (method === 'GET') return {};
    sent.push(Array.isArray(parameters) ? parameters[0] : parameters);
    return {};
  };
  const request: OrderRequest = {
    ...{ clientOrderId: 'nd1', symbol: market.symbol, side: 'sell', type: 'market', amount: amount('1'), ...terms },
  };
  const outcome: PlaceOutcome = await tradingOn(client, venue).placeOrder(request, {
    ...market,
    venue: venue as VenueId,
  });
  return { outcome, sent };
}

const triggerPrice = price('95');
const limit = price('94');
const stop: Terms = { type: 'stop', triggerPrice };
const stopLimit: Terms = { type: 'stop_limit', triggerPrice, price: limit };
const takeProfit: Terms = { type: 'take_profit', triggerPrice: price('105') };
const percent: Terms = { type: 'trailing_stop', trail: { percent: '1.5' } };
const distance: Terms = { type: 'trailing_stop', trail: { distance: price('5.5') } };
const bought = (terms: Terms): Terms => ({ ...terms, side: 'buy' });
const goodTill: Terms = { type: 'limit', price: limit, timeInForce: 'GTD', goodTillMs: 1_795_000_600_999 };
const iceberg: Terms = { type: 'limit', price: limit, displayAmount: amount('0.1') };

describe('an order is sent with its terms', () => {
  it.each<[string, Venue, Market, Terms, object]>([
    ['a stop', 'binance', spot, stop, { type: 'STOP_LOSS', stopPrice: '95', quantity: '1' }],
    [
      ...['a stop limit', 'binance', spot, { ...stopLimit, timeInForce: 'IOC' }],
      { type: 'STOP_LOSS_LIMIT', stopPrice: '95', price: '94', timeInForce: 'IOC' },
    ] as [string, Venue, Market, Terms, object],
    ['a take-profit', 'binance', spot, takeProfit, { type: 'TAKE_PROFIT', stopPrice: '105' }],
    [
      ...['a take-profit with a limit', 'binance', spot, { ...takeProfit, price: price('104') }],
      { type: 'TAKE_PROFIT_LIMIT', stopPrice: '105', price: '104' },
    ] as [string, Venue, Market, Terms, object],
    ['an iceberg', 'binance', spot, iceberg, { type: 'LIMIT', icebergQty: '0.1', timeInForce: 'GTC' }],
    [
      ...['an order with an end', 'binance', perpetual, goodTill],
      { timeInForce: 'GTD', goodTillDate: 1_795_000_600_999 },
    ] as [string, Venue, Market, Terms, object],
    ['a reducing order', 'binance', perpetual, { reduceOnly: true }, { type: 'MARKET', reduceOnly: true }],
    ['a falling stop', 'bybit', perpetual, stop, { triggerPrice: '95', triggerDirection: 2, orderType: 'Market' }],
    ['a rising stop', 'bybit', perpetual, bought(stop), { triggerPrice: '95', triggerDirection: 1 }],
    [
      ...['a stop limit that reduces', 'bybit', perpetual, { ...stopLimit, reduceOnly: true }],
      { triggerPrice: '95', triggerDirection: 2, orderType: 'Limit', price: '94', reduceOnly: true },
    ] as [string, Venue, Market, Terms, object],
    ['a rising take-profit', 'bybit', perpetual, takeProfit, { triggerPrice: '105', triggerDirection: 1 }],
    ['a falling take-profit', 'bybit', perpetual, bought(takeProfit), { triggerPrice: '105', triggerDirection: 2 }],
    ['a stop', 'kraken', spot, stop, { ordertype: 'stop-loss', price: '95' }],
    ['a stop limit', 'kraken', spot, stopLimit, { ordertype: 'stop-loss-limit', price: '95', price2: '94' }],
    ['a take-profit', 'kraken', spot, takeProfit, { ordertype: 'take-profit', price: '105' }],
    ['a trailing stop by percent', 'kraken', spot, percent, { ordertype: 'trailing-stop', price: '+1.5%' }],
    ['a trailing stop by distance', 'kraken', spot, distance, { ordertype: 'trailing-stop', price: '+5.5' }],
    ['an order with an end', 'kraken', spot, goodTill, { timeinforce: 'GTD', expiretm: '1795000600', price: '94' }],
    ['an iceberg', 'kraken', spot, iceberg, { ordertype: 'iceberg', displayvol: '0.1', price: '94' }],
    ['an iceberg', 'kucoin', spot, iceberg, { iceberg: true, visibleSize: '0.1' }],
    ['a reducing order', 'kucoin', perpetual, { reduceOnly: true, leverage: '3' }, { reduceOnly: true, leverage: '3' }],
    [
      ...['a falling stop limit', 'coinbase', spot, stopLimit],
      {
        order_configuration: {
          stop_limit_stop_limit_gtc: {
            ...{ stop_price: '95', limit_price: '94', stop_direction: 'STOP_DIRECTION_STOP_DOWN' },
          },
        },
      },
    ] as [string, Venue, Market, Terms, object],
    [
      ...['an order with an end', 'coinbase', spot, goodTill],
      { order_configuration: { limit_limit_gtd: { limit_price: '94', end_time: '2026-11-18T11:16:40.999Z' } } },
    ] as [string, Venue, Market, Terms, object],
    ['an isolated order', 'okx', perpetual, { marginMode: 'isolated' }, { tdMode: 'isolated' }],
  ])('%s at %s', async (_name, venue, market, terms, expected) => {
    const { sent } = await send(venue, market, terms);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject(expected);
  });

  it.each(['GTC', 'IOC', 'GTD'] as const)('at market, %s is what it is without a word', async (timeInForce) => {
    const { sent } = await send('binance', spot, { timeInForce, goodTillMs: 1_795_000_600_000 });
    expect(sent).toHaveLength(1);
    expect(sent[0]).not.toHaveProperty('timeInForce');
  });

  it('on spot, that it only reduces is for Nightdesk alone', async () => {
    const { sent } = await send('kraken', spot, { reduceOnly: true });
    expect(sent[0]).not.toHaveProperty('reduce_only');
  });
});

describe('an order is not sent', () => {
  it.each<[string, Venue, Market, Terms]>([
    ['with a trigger that ccxt would drop for post-only', 'binance', spot, { ...stopLimit, timeInForce: 'PO' }],
    ['with a trail by distance, or any other', 'binance', spot, distance],
    ['with a trigger on contracts, which becomes another order', 'binance', perpetual, stop],
    ['with an end on spot', 'binance', spot, goodTill],
    ['that shows a part and does not rest', 'binance', spot, { ...iceberg, timeInForce: 'IOC' }],
    ['that shows a part and waits', 'binance', spot, { ...stopLimit, displayAmount: amount('0.1') }],
    ['with a trigger on spot, whose direction Bybit would conclude itself', 'bybit', spot, stop],
    ['with a trail, which is a position’s at Bybit', 'bybit', perpetual, percent],
    ['of which a part is shown', 'bybit', spot, iceberg],
    ['that trails from a price on', 'kraken', spot, { ...percent, triggerPrice }],
    ['that is fill or kill', 'kraken', spot, { type: 'limit', price: limit, timeInForce: 'FOK' }],
    ['that waits and is immediate or cancel', 'kraken', spot, { ...stopLimit, timeInForce: 'IOC' }],
    ['that waits in a list of its own', 'okx', spot, stop],
    ['that waits in a list of its own', 'kucoin', spot, stop],
    ['with a trigger at market', 'coinbase', spot, stop],
    ['without a price', 'binance', spot, { type: 'limit' }],
    ['without a trigger', 'binance', spot, { type: 'stop' }],
    ['without a trail', 'kraken', spot, { type: 'trailing_stop' }],
    ['without its end', 'kraken', spot, { type: 'limit', price: limit, timeInForce: 'GTD' }],
    ['at market behind a trigger, with an end', 'kraken', spot, { ...stop, timeInForce: 'GTD', goodTillMs: 1 }],
    ['at market and fill or kill', 'binance', spot, { timeInForce: 'FOK' }],
    ['with leverage on spot', 'binance', spot, { leverage: '3' }],
    ['with a margin mode on spot', 'okx', spot, { marginMode: 'cross' }],
    ['with a margin mode that is the account’s', 'kraken', perpetual, { marginMode: 'cross' }],
  ])('%s, to %s', async (_name, venue, market, terms) => {
    const { outcome, sent } = await send(venue, market, terms);
    expect(outcome).toMatchObject({ kind: 'rejected', evidence: { code: 'not_supported' } });
    expect(sent).toEqual([]);
  });

  it.each<[string, Venue, Market, Terms]>([
    ['a trigger', 'binance', spot, { ...stop, triggerPrice: price('95.001') }],
    ['a trail', 'kraken', spot, { ...distance, trail: { distance: price('5.501') } }],
    ['a limit behind a trigger', 'bybit', perpetual, { ...stopLimit, price: price('94.001') }],
    ['the part that is shown', 'binance', spot, { ...iceberg, displayAmount: amount('0.0001') }],
  ])('with %s between the steps, to %s', async (_name, venue, market, terms) => {
    const { outcome, sent } = await send(venue, market, terms);
    expect(outcome).toMatchObject({ kind: 'rejected', evidence: { code: 'invalid_order' } });
    expect(sent).toEqual([]);
  });
});
