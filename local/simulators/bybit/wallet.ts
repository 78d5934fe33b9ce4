/** The unified wallet: what each coin is worth and what it is bound by. */
import { approximate, type Decimal, fixed, zero } from '../engine/decimal.ts';
import type { BybitVenue } from './context.ts';

const usdDecimals = 8;
const dollar = 'USDT';

/** All coins of an account that it has, or those that are named, with the account's totals. */
export function walletView(venue: BybitVenue, accountId: string, names?: readonly string[]) {
  const balances = venue.market.engine.ledger.balancesOf(accountId);
  const wanted = balances.filter(({ asset, free, locked }) =>
    names === undefined ? !free.plus(locked).eq(zero) : names.includes(asset),
  );
  const coins = wanted.map(({ asset }) => coinFigures(venue, accountId, asset));
  const sum = (pick: (coin: CoinFigures) => Decimal) =>
    coins.reduce((total, coin) => total + approximate(pick(coin)) * coin.usd, 0).toFixed(usdDecimals);
  return {
    accountType: 'UNIFIED',
    accountLTV: '',
    accountIMRate: '',
    accountMMRate: '',
    totalEquity: sum(({ equity }) => equity),
    totalWalletBalance: sum(({ wallet }) => wallet),
    totalMarginBalance: sum(({ equity }) => equity),
    totalAvailableBalance: sum(({ free }) => free),
    totalPerpUPL: sum(({ unrealized }) => unrealized),
    totalInitialMargin: sum(({ orderMargin, positionMargin }) => orderMargin.plus(positionMargin)),
    totalMaintenanceMargin: sum(({ maintenance }) => maintenance),
    coin: coins.map(coinView),
  };
}

interface CoinFigures {
  coin: string;
  usd: number;
  free: Decimal;
  wallet: Decimal;
  equity: Decimal;
  unrealized: Decimal;
  /** What spot orders lock. */
  locked: Decimal;
  orderMargin: Decimal;
  positionMargin: Decimal;
  maintenance: Decimal;
  realized: Decimal;
}

function coinFigures(venue: BybitVenue, accountId: string, coin: string): CoinFigures {
  const { ledger, orders, positions } = venue.market.engine;
  const { free, locked: bound } = ledger.entry(accountId, coin);
  const held = positions.of(accountId).filter(({ instrumentId }) => specOf(venue, instrumentId).quote === coin);
  const orderMargin = orders.openOf(accountId).reduce((sum, order) => {
    const spec = specOf(venue, order.instrumentId);
    return spec.category === 'linear' && spec.quote === coin ? sum.plus(order.reserved) : sum;
  }, zero);
  const positionMargin = held.reduce((sum, { margin }) => sum.plus(margin), zero);
  const maintenance = held.reduce((sum, { instrumentId, size }) => {
    const { perpetual } = specOf(venue, instrumentId);
    const value = venue.market.markPrice(instrumentId).times(size.abs());
    return sum.plus(value.times(perpetual?.maintenanceRate ?? zero));
  }, zero);
  const unrealized = positions.unrealized(accountId, coin);
  const wallet = free.plus(bound);
  return {
    ...{ coin, free, wallet, unrealized, orderMargin, positionMargin, maintenance },
    usd: usdOf(venue, coin),
    equity: wallet.plus(unrealized),
    locked: bound.minus(orderMargin).minus(positionMargin),
    realized: held.reduce((sum, { realized, fees, funding }) => sum.plus(realized).minus(fees).plus(funding), zero),
  };
}

function coinView(figures: CoinFigures) {
  return {
    coin: figures.coin,
    equity: fixed(figures.equity),
    usdValue: (approximate(figures.equity) * figures.usd).toFixed(usdDecimals),
    walletBalance: fixed(figures.wallet),
    // Bybit has left this empty for unified accounts since January 2025.
    availableToWithdraw: '',
    availableToBorrow: '',
    borrowAmount: '0',
    accruedInterest: '0',
    totalOrderIM: fixed(figures.orderMargin),
    totalPositionIM: fixed(figures.positionMargin),
    totalPositionMM: fixed(figures.maintenance),
    unrealisedPnl: fixed(figures.unrealized),
    cumRealisedPnl: fixed(figures.realized),
    bonus: '0',
    locked: fixed(figures.locked),
    spotHedgingQty: '0',
    spotBorrow: '0',
    collateralSwitch: true,
    marginCollateral: true,
  };
}

function specOf(venue: BybitVenue, instrumentId: string) {
  return venue.catalog.byInstrument(instrumentId);
}

/** Worth in US dollars, by the coin's own market; 1 where it has none. */
function usdOf(venue: BybitVenue, coin: string): number {
  const spec = coin === dollar ? undefined : venue.catalog.find('spot', coin + dollar);
  return spec === undefined ? 1 : approximate(venue.market.markPrice(spec.id));
}
