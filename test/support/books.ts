/** Books for tests: an account at the simulated Binance that agrees with it. */
import {
  type AccountId,
  amount,
  type Books,
  type EquityMarks,
  genesisHash,
  notional,
  price,
  type VenueId,
} from '@nightdesk/core';

export const equityMarks = (change: Partial<EquityMarks> = {}): EquityMarks => ({
  ...{ atMs: 60_000, currency: 'USD', equity: notional('10000'), day: '2026-11-21', dayStart: notional('10100') },
  ...{ peak: notional('10500'), dayTransfers: notional('0'), dailyLoss: notional('100') },
  ...{ drawdown: notional('500'), unrealized: notional('0') },
  ...change,
});

export const newBooks = (change: Partial<Books> = {}): Books => ({
  ...{ account: 'main' as AccountId, venue: 'binance' as VenueId, status: 'agrees' },
  ...{ checkedAtMs: 60_000, answeredAtMs: 60_000, unansweredLooks: 0 },
  balances: [
    { wallet: 'spot', asset: 'BTC', total: amount('0.1'), free: amount('0.1'), worth: notional('5000') },
    { wallet: 'spot', asset: 'USDT', total: amount('5000'), free: amount('4000'), worth: notional('5000') },
  ],
  ...{ positions: [], margins: [], rates: { BTC: price('50000'), USDT: price('1') }, unvalued: [] },
  marks: equityMarks(),
  baselines: { 'spot:BTC': { total: amount('0.1'), traded: amount('0') } },
  ...{ differences: [], cursors: { transfers: 59_000 }, settled: [], breakers: {} },
  ...{ version: 0, sequence: 0, journalHash: genesisHash },
  ...change,
});
