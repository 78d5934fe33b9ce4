/** An order's terms in ccxt's words. What the venue cannot keep is refused here, before anything is sent. */
import type { Amount, Market, OrderAbilities, OrderRequest, Price } from '@nightdesk/core';
import { compare } from '@nightdesk/core';
import { toContracts } from './contract-amounts.ts';
import { settingsOfOrders } from './order-abilities.ts';
import type { VenueTraits } from './traits/index.ts';
import type { Refusal } from './traits/order-traits.ts';
import type { CallParameters, VenueClient } from './venue-client.ts';

interface TermsContext {
  traits: VenueTraits;
  abilities: OrderAbilities;
  market: Market;
}

/** A part of an order: its parameters, or why there are none. */
type Words = CallParameters | Refusal;

const refused = (why: string): Refusal => ({ refused: why });
const isRefusal = (words: Words): words is Refusal => typeof words.refused === 'string';

const hasTrigger = ({ type }: OrderRequest): boolean => type !== 'market' && type !== 'limit';

/** The price that an order works with as soon as it works; none is at market. */
export const limitOf = ({ type, price }: Pick<OrderRequest, 'type' | 'price'>): Price | undefined =>
  type === 'market' || type === 'stop' || type === 'trailing_stop' ? undefined : price;

/** What an order carries of its terms beside amount and price. */
export function termParameters(request: OrderRequest, client: VenueClient, context: TermsContext): Words {
  const parts = [
    () => triggerParameters(request, context),
    () => timeParameters(request, context),
    () => settingParameters(request, client, context),
    () => displayParameters(request, context),
  ];
  let words: CallParameters = {};
  for (const part of parts) {
    const more = part();
    if (isRefusal(more)) return more;
    words = { ...words, ...more };
  }
  return words;
}

function triggerParameters(request: OrderRequest, { traits, abilities, market }: TermsContext): Words {
  const { type, price, triggerPrice, trail } = request;
  if (!abilities.types.has(type)) return refused(`${market.venue} keeps no ${type} orders in ${market.symbol}`);
  if ((type === 'limit' || type === 'stop_limit') && price === undefined) return refused(`${type} needs a price`);
  if (!hasTrigger(request)) return {};
  if (type !== 'trailing_stop' && triggerPrice === undefined) return refused(`${type} needs a triggerPrice`);
  if (type === 'trailing_stop' && trail === undefined) return refused('trailing_stop needs a trail');
  return traits.triggers?.parametersOf(request, market) ?? refused(`${market.venue} keeps no ${type} orders`);
}

/** An order at market has no time in force: venues fill it at once, before any date, and some refuse the word. */
function timeParameters(request: OrderRequest, { traits, abilities, market }: TermsContext): Words {
  const { timeInForce, goodTillMs } = request;
  if (timeInForce === undefined) return {};
  if (limitOf(request) === undefined) {
    const endsAtOnce = timeInForce === 'IOC' || (timeInForce === 'GTD' && !hasTrigger(request));
    const isNatural = timeInForce === 'GTC' || endsAtOnce;
    return isNatural ? {} : refused(`timeInForce ${timeInForce} needs an order that works with a limit`);
  }
  const known = abilities.timesInForce.has(timeInForce);
  if (!known || (hasTrigger(request) && traits.triggers?.timesInForce.includes(timeInForce) !== true)) {
    return refused(`${market.venue} keeps no ${request.type} orders with timeInForce ${timeInForce}`);
  }
  if (timeInForce === 'PO') return { postOnly: true };
  if (timeInForce !== 'GTD') return { timeInForce };
  if (goodTillMs === undefined) return refused('timeInForce GTD needs goodTillMs');
  return traits.goodTillParameters?.(goodTillMs, market) ?? refused(`${market.venue} keeps no GTD`);
}

/** On spot there is no position to reduce, so that a reducing order there says so to Nightdesk alone. */
function settingParameters(request: OrderRequest, client: VenueClient, { abilities, market }: TermsContext): Words {
  const { reduceOnly, leverage, marginMode } = request;
  const reduces = reduceOnly === true && market.kind !== 'spot';
  if (reduces && !abilities.reduceOnly) return refused(`${market.venue} keeps no reduce-only orders`);
  if (leverage !== undefined && !abilities.leverage) return refused(`${market.symbol} has no leverage to set`);
  if (marginMode !== undefined && !abilities.marginMode) return refused(`${market.symbol} has no margin mode to set`);
  // Where orders carry neither, the account keeps them, and they were set before (prepare-market.ts).
  const carried = settingsOfOrders(client, market);
  return {
    ...(reduces && { reduceOnly: true }),
    ...(leverage !== undefined && carried.leverage && { leverage }),
    ...(marginMode !== undefined && carried.marginMode && { marginMode }),
  };
}

function displayParameters(request: OrderRequest, { traits, abilities, market }: TermsContext): Words {
  const { displayAmount, type, timeInForce = 'GTC' } = request;
  if (displayAmount === undefined) return {};
  const contracts = toContracts(displayAmount, market);
  const rests = timeInForce === 'GTC' || timeInForce === 'GTD';
  if (!abilities.iceberg || type !== 'limit' || !rests || contracts === undefined) {
    return refused(`${market.venue} keeps no ${type} orders of which only a part is shown`);
  }
  return traits.displayParameters?.(contracts as Amount, market) ?? refused(`${market.venue} keeps no icebergs`);
}

/** An amount or price between the venue's steps. */
export class InvalidOrder extends Error {
  override readonly name = 'InvalidOrder';
}

/** The amounts and prices that an order or a change of one names. */
export interface Quantities {
  amount?: Amount | undefined;
  displayAmount?: Amount | undefined;
  prices: readonly (Price | undefined)[];
}

/**
 * ccxt rounds to the venue's steps, partly in floating point. An order is placed as it was decided, or not at all.
 *
 * @returns the amount as ccxt wants it; `undefined` without one.
 * @throws InvalidOrder when ccxt would send another number.
 */
export function refuseRounding(client: VenueClient, quantities: Quantities, market: Market): string | undefined {
  const { amount, displayAmount, prices } = quantities;
  const { symbol } = market;
  for (const size of [amount, displayAmount]) {
    if (size === undefined) continue;
    const contracts = toContracts(size, market);
    if (contracts === undefined || !isSame(client.amountToPrecision(symbol, contracts), contracts)) {
      throw new InvalidOrder(`not sent: the venue's steps allow no amount of ${size}`);
    }
  }
  for (const price of prices) {
    if (price !== undefined && !isSame(client.priceToPrecision(symbol, price), price)) {
      throw new InvalidOrder(`not sent: the venue's steps allow no price of ${price}`);
    }
  }
  return amount === undefined ? undefined : toContracts(amount, market);
}

const isSame = (sent: unknown, wanted: string): boolean => typeof sent === 'string' && compare(sent, wanted) === 0;
