import { triggerByDirection } from './order-traits.ts';
import * as published from './published-limits.ts';
import { defaultTraits, type VenueTraits } from './venue-traits.ts';

/** https://bybit-exchange.github.io/docs/v5/guide#parameters-for-authenticated-endpoints */
const receiveWindowMs = 5_000;
/** A timestamp may be this far ahead of the server. */
const aheadMs = 1_000;

export const bybit: VenueTraits = {
  ...defaultTraits,
  ...published.bybit,
  acceptanceMs: receiveWindowMs + aheadMs,
  // Orders and executions by `orderLinkId`: what the venue lists under it is all that it has.
  listedBy: (orderLinkId) => ({ orderLinkId }),
  /**
   * On spot, Bybit itself concludes from the price at that moment whether it has to rise or to fall to the trigger: a stop
   * that the price has passed on the way would become its opposite. A trailing stop is a position's, not an order.
   */
  triggers: {
    types: ({ kind }) => (kind === 'spot' ? [] : ['stop', 'stop_limit', 'take_profit']),
    timesInForce: ['GTC', 'IOC', 'FOK', 'PO'],
    parametersOf: triggerByDirection,
  },
  amends: { of: () => true, wholeTerms: false, triggerParameters: (triggerPrice) => ({ triggerPrice }) },
  settingUnchanged: /"retCode":\s*(110025|110026|110043|3400045)\b/,
  // https://bybit-exchange.github.io/docs/v5/position/position-mode: all others of a unified account are in one-way mode.
  hedgesIn: ({ contractType, settle }) => contractType === 'linear' && settle === 'USDT',
  marginModeIsOfAccount: true,
  pageSize: 50,
  pageOrder: 'newest_first',
  positionsAskedAtOnceMax: 1,
  // https://bybit-exchange.github.io/docs/v5/error
  wordings: [
    { message: /"retCode":\s*(110074|170157)\b/, meaning: 'rejected', code: 'market_unavailable' },
    { message: /"retCode":\s*(10001\b[^}]*symbol|170121\b)/i, meaning: 'rejected', code: 'bad_symbol' },
    { message: /"retCode":\s*10000\b/, meaning: 'unknown', code: 'timeout' },
    { message: /"retCode":\s*10016\b[^}]*maintenance/i, meaning: 'unknown', code: 'maintenance' },
  ],
  options: {
    recvWindow: receiveWindowMs,
    // Every account is a unified one by now; ccxt would ask two questions before the first order to find that out.
    enableUnifiedMargin: false,
    enableUnifiedAccount: true,
    unifiedMarginStatus: 6,
    // That it looks among open and the latest 500 orders only is known here: past orders are asked for next.
    fetchOrder: { acknowledged: true },
    fetchMarkets: { types: ['spot', 'linear', 'inverse'] },
  },
};
