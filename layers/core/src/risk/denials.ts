/** Why the gate refuses. Every code is explained in docs/risk.md. */
export const denialCodes = [
  'live_trading_off',
  'exchange_disabled',
  'switch_not_set',
  'switch_not_active',
  'symbol_not_allowed',
  'quote_without_limit',
  'figures_missing',
  'figures_stale',
  'market_data_missing',
  'market_data_stale',
  'price_deviation',
  'order_notional_limit',
  'open_notional_limit',
  'open_orders_limit',
  'order_rate_limit',
  'leverage_limit',
  'exposure_limit',
  'asset_exposure_limit',
  'venue_exposure_limit',
  'desk_exposure_limit',
  'desk_asset_exposure_limit',
  'daily_loss_limit',
  'drawdown_limit',
  'free_balance',
] as const;
export type DenialCode = (typeof denialCodes)[number];

/** A refusal, with the figures that were compared in its message. */
export interface Denial {
  code: DenialCode;
  message: string;
}
