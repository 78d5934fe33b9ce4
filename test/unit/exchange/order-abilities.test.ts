import type { Market, OrderAbilities, VenueId } from '@nightdesk/core';
import ccxt from 'ccxt';
import { describe, expect, it } from 'vitest';
import { btcUsdt, btcUsdtPerpetual, inverseByHundred } from '../../support/markets.ts';
import { ccxtMarket, tradingOn, withDefinition } from './scripted-trading.ts';

const quanto: Market = { ...btcUsdtPerpetual, contractType: 'quanto' };
const option: Market = { ...btcUsdtPerpetual, kind: 'option' };
const future: Market = { ...btcUsdtPerpetual, kind: 'future' };
const markets = { spot: btcUsdt, linear: btcUsdtPerpetual, inverse: inverseByHundred, quanto, option, future };

const { exchanges, ...classes } = ccxt as unknown as { exchanges: string[] } & Record<string, new () => object>;

function abilities(venue: string, market: Market): OrderAbilities {
  const Venue = classes[venue];
  if (Venue === undefined) throw new Error(`ccxt has no ${venue}`);
  return tradingOn(new Venue(), venue).abilitiesOf({ ...market, venue: venue as VenueId });
}

/** Sets as sorted lists, and of the flags the ones that are set. */
function told({ types, timesInForce, ...flags }: OrderAbilities): string {
  const set = Object.entries(flags).filter(([, value]) => value === true);
  return [[...types], [...timesInForce], set.map(([name]) => name)].map((names) => names.join(' ')).join(' | ');
}

describe('the abilities of every venue', () => {
  it('always hold market and limit orders that are good till canceled, and nothing of contracts on spot', () => {
    expect(exchanges.length).toBeGreaterThan(100);
    for (const venue of exchanges) {
      for (const [kind, market] of Object.entries(markets)) {
        const { types, timesInForce, ...flags } = abilities(venue, market);
        expect(types.has('market') && types.has('limit') && timesInForce.has('GTC'), `${venue} ${kind}`).toBe(true);
        if (kind === 'spot') expect(flags).toMatchObject({ reduceOnly: false, leverage: false, marginMode: false });
      }
    }
  });
});

const binanceSpot = withDefinition(
  btcUsdt,
  ccxtMarket('spot', {
    orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT', 'TAKE_PROFIT_LIMIT'],
    ...{ icebergAllowed: true, allowTrailingStop: true },
  }),
);
const binanceWithLimits = withDefinition(
  btcUsdt,
  ccxtMarket('spot', { orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT_LIMIT'] }),
);
const all = 'market limit stop stop_limit take_profit trailing_stop';
const contracts = 'reduceOnly amends leverage marginMode';

it.each([
  ['binance', binanceSpot, 'market limit stop stop_limit take_profit | GTC IOC FOK PO | iceberg'],
  ['binance', binanceWithLimits, 'market limit stop_limit | GTC IOC FOK PO | '],
  ['binance', btcUsdt, 'market limit | GTC IOC FOK PO | '],
  ['binance', btcUsdtPerpetual, `market limit | GTC IOC FOK PO GTD | ${contracts}`],
  ['bybit', btcUsdt, 'market limit | GTC IOC FOK PO | amends'],
  ['bybit', btcUsdtPerpetual, `market limit stop stop_limit take_profit | GTC IOC FOK PO | ${contracts}`],
  ['kraken', btcUsdt, `${all} | GTC IOC PO GTD | iceberg amends`],
  ['okx', btcUsdt, 'market limit | GTC IOC FOK PO | amends'],
  ['okx', btcUsdtPerpetual, `market limit | GTC IOC FOK PO | ${contracts}`],
  ['kucoin', btcUsdt, 'market limit | GTC IOC FOK PO | iceberg'],
  ['kucoin', btcUsdtPerpetual, 'market limit | GTC IOC PO | reduceOnly iceberg leverage marginMode'],
  ['coinbase', btcUsdt, 'market limit stop_limit | GTC IOC FOK PO GTD | '],
  // ccxt says that it can IOC and FOK there, and drops the word.
  ['krakenfutures', btcUsdtPerpetual, 'market limit | GTC PO | reduceOnly leverage'],
  ['blofin', btcUsdtPerpetual, 'market limit | GTC PO | leverage marginMode'],
  ['ndax', btcUsdt, 'market limit | GTC | '],
])('%s keeps exactly this, market by market', (venue, market, expected) => {
  expect(told(abilities(venue, market))).toBe(expected);
});

it('a venue that ccxt says nothing of keeps the least', () => {
  const { abilitiesOf } = tradingOn({ has: {} }, 'some');
  expect(told(abilitiesOf(btcUsdtPerpetual))).toBe('market limit | GTC | ');
});
