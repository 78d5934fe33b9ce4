/** The signals that measurements post: orders worth about 80 US dollars each. */

/** Traded much, and held amply by the simulated account. */
const amounts = {
  'BTC/USDT': '0.001',
  'ETH/USDT': '0.025',
  'BNB/USDT': '0.1',
  'SOL/USDT': '0.5',
  'XRP/USDT': '35',
  'DOGE/USDT': '500',
  'ADA/USDT': '150',
  'BTC/USDC': '0.001',
  'ETH/USDC': '0.025',
  'SOL/USDC': '0.5',
} as const;

/** Unified symbols of all of them. */
export const symbols = Object.keys(amounts);
export const symbolsMax = symbols.length;

export interface SignalsPlan {
  /** Told apart from all others of this run by this. */
  prefix: string;
  count: number;
  /** How many symbols they are spread over, in turn. */
  symbols: number;
}

/** Bodies in Nightdesk's own format: market orders, buying and selling in turn. */
export function makeSignals({ prefix, count, symbols }: SignalsPlan): string[] {
  const traded = Object.entries(amounts).slice(0, symbols);
  return Array.from({ length: count }, (_, index) => {
    const [symbol, base] = traded[index % traded.length] ?? [];
    const action = Math.floor(index / traded.length) % 2 === 0 ? 'buy' : 'sell';
    // A backlog is to be measured, so no signal of it may become too old on the way.
    return JSON.stringify({ id: `${prefix}-${index}`, symbol, action, size: { base }, maxLagSeconds: 600 });
  });
}

/** What share of the market's price resting orders offer: too little to be filled while they are looked at. */
const restingPriceShare = 0.8;
/** Digits that prices of every one of the markets may have. */
const priceDigits = 3;

/** Bodies of orders to buy that will rest at the venue. @param prices of the symbols in question */
export function makeRestingSignals(
  { prefix, count, symbols }: SignalsPlan,
  prices: Readonly<Record<string, number>>,
): string[] {
  const traded = Object.entries(amounts).slice(0, symbols);
  return Array.from({ length: count }, (_, index) => {
    const [symbol = '', base] = traded[index % traded.length] ?? [];
    const price = String(Number(((prices[symbol] ?? 0) * restingPriceShare).toPrecision(priceDigits)));
    return JSON.stringify({
      ...{ id: `${prefix}-${index}`, symbol, action: 'buy', type: 'limit', price, size: { base }, maxLagSeconds: 600 },
    });
  });
}
