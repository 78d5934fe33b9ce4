/** The limits under which the gate is measured: those that must be, and every one there is. Orders of the measures fit into all. */
import { symbols } from './signals.ts';

/** What risk.yaml can not leave away. */
export const fewLimits = { orderNotionalMax: '1000000', openNotionalMax: '100000000' };
/** Over all accounts together; must be an amount where nothing is to be asked of equity. */
export const fewDeskLimits = { venueExposureMax: '1000000000' };

/** As in risk.yaml, written either way. A simulated account holds coins, so its losses follow the market's. */
const amountsOf = {
  amounts: { exposure: '900000000', asset: '800000000', loss: '900000000000' },
  shares: { exposure: '90%', asset: '80%', loss: '90%' },
} as const;
export type LimitStyle = keyof typeof amountsOf;

/** An account's. */
export function everyLimit(style: LimitStyle) {
  const { exposure, asset, loss } = amountsOf[style];
  return {
    ...fewLimits,
    ...{ symbols, ordersPerMinuteMax: 100_000, openOrdersMax: 5_000, leverageMax: '3', priceDeviationMax: '20%' },
    ...{ exposureMax: exposure, assetExposureMax: asset, dailyLossMax: loss, drawdownMax: loss, freeBalance: 'check' },
  };
}

export function everyDeskLimit(style: LimitStyle) {
  const { exposure, asset } = amountsOf[style];
  return { exposureMax: exposure, venueExposureMax: exposure, assetExposureMax: asset };
}

/** A source's. */
export const everySourceLimit = { orderNotionalMax: '1000000', ordersPerMinuteMax: 100_000, symbols };

/** What risk.yaml says where every limit is set. */
export const everyLimitSettings = (style: LimitStyle) => ({
  ...{ currency: 'USD', timeZone: 'UTC', desk: everyDeskLimit(style), default: everyLimit(style) },
  sources: { demo: everySourceLimit },
});

/** And where only those are that must be. */
export const fewLimitSettings = { currency: 'USD', timeZone: 'UTC', desk: fewDeskLimits, default: fewLimits };
