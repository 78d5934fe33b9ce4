/** From an order in ccxt's words to the body of `POST /order`. https://www.bitmex.com/api/explorer/#!/Order/Order_new */
import type { Dict } from 'ccxt';
import { ArgumentsRequired, InvalidOrder } from 'ccxt';

export interface UnifiedOrder {
  type: string;
  side: string;
  /** Units as BitMEX counts them, and prices, on the market's grid. */
  orderQty: string;
  price?: string;
  params: Dict;
}

/** Longest `clOrdID` that BitMEX takes. */
const clientOrderIdLengthMax = 36;

const timesInForce: Readonly<Record<string, string>> = {
  GTC: 'GoodTillCancel',
  IOC: 'ImmediateOrCancel',
  FOK: 'FillOrKill',
  DAY: 'Day',
};

/** The price that triggers, by ccxt's word for it. */
const triggerInstructions: Readonly<Record<string, string>> = {
  mark: 'MarkPrice',
  last: 'LastPrice',
  index: 'IndexPrice',
};

/** `JSON.rawJSON` writes a number with the very digits of its text. Not yet in TypeScript's library for es2024. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** A decimal text as a number of a JSON body. */
export const exactNumber = (text: string): unknown => rawJSON(text);

/**
 * The body but for its `symbol`. Words of BitMEX's own among the parameters are passed on.
 *
 * @throws InvalidOrder when the parts do not go together, ArgumentsRequired when one is missing.
 */
export function orderBody({ type, side, orderQty, price, params }: UnifiedOrder): Dict {
  const { clientOrderId, postOnly, reduceOnly, timeInForce, trigger, execInst, ...others } = params;
  const { triggerPrice, triggerDirection, stopLossPrice, takeProfitPrice, ...own } = others;
  const isPostOnly = postOnly === true || timeInForce === 'PO';
  const stop = triggerOf({ side, triggerPrice, triggerDirection, stopLossPrice, takeProfitPrice });
  if (type === 'limit' && price === undefined) throw new ArgumentsRequired('bitmex createOrder() needs a price');
  if (isPostOnly && type !== 'limit')
    throw new InvalidOrder('bitmex createOrder(): only limit orders can be post-only');
  const instructions = [
    execInst,
    isPostOnly && 'ParticipateDoNotInitiate',
    reduceOnly === true && 'ReduceOnly',
    stop !== undefined && trigger !== undefined && wordFor(triggerInstructions, trigger, 'trigger'),
  ].filter(Boolean);
  return {
    side: side === 'buy' ? 'Buy' : 'Sell',
    orderQty: exactNumber(orderQty),
    ordType: orderType(type, stop),
    ...(type === 'limit' && price !== undefined && { price: exactNumber(price) }),
    ...(stop && { stopPx: exactNumber(stop.price) }),
    ...(timeInForce !== undefined && !isPostOnly && { timeInForce: wordFor(timesInForce, timeInForce, 'timeInForce') }),
    ...(instructions.length > 0 && { execInst: instructions.join(',') }),
    ...(clientOrderId !== undefined && { clOrdID: checkedId(clientOrderId) }),
    ...own,
  };
}

interface Trigger {
  price: string;
  /** True where the order waits for the price to get worse, as a stop loss does; else for it to get better. */
  isStop: boolean;
}

function triggerOf(given: Dict): Trigger | undefined {
  const { side, triggerPrice, triggerDirection, stopLossPrice, takeProfitPrice } = given;
  if (stopLossPrice !== undefined) return { price: String(stopLossPrice), isStop: true };
  if (takeProfitPrice !== undefined) return { price: String(takeProfitPrice), isStop: false };
  if (triggerPrice === undefined) return undefined;
  if (triggerDirection !== 'ascending' && triggerDirection !== 'descending') {
    throw new ArgumentsRequired(
      'bitmex createOrder() needs triggerDirection, "ascending" or "descending", with triggerPrice',
    );
  }
  return { price: String(triggerPrice), isStop: (side === 'buy') === (triggerDirection === 'ascending') };
}

function orderType(type: string, trigger: Trigger | undefined): string {
  const isLimit = type === 'limit';
  if (trigger === undefined) return isLimit ? 'Limit' : 'Market';
  if (trigger.isStop) return isLimit ? 'StopLimit' : 'Stop';
  return isLimit ? 'LimitIfTouched' : 'MarketIfTouched';
}

function wordFor(words: Readonly<Record<string, string>>, given: unknown, name: string): string {
  const word = typeof given === 'string' ? words[given] : undefined;
  if (word !== undefined) return word;
  throw new InvalidOrder(`bitmex createOrder(): ${name} must be one of ${Object.keys(words).join(', ')}`);
}

function checkedId(clientOrderId: unknown): string {
  const id = String(clientOrderId);
  if (id.length <= clientOrderIdLengthMax) return id;
  throw new InvalidOrder(`bitmex createOrder(): clientOrderId may have ${clientOrderIdLengthMax} characters at most`);
}
