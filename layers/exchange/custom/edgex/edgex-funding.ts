/** edgeX's funding rates. */
import {
  BadSymbol,
  type FundingRate,
  type FundingRateHistory,
  type FundingRates,
  type Int,
  type Market,
  type MarketInterface,
  type Str,
  type Strings,
} from 'ccxt';
import { type Entry, entryOf, listOf, type Parameters } from './edgex-client.ts';
import { EdgexMarketData } from './edgex-market-data.ts';

const pageMax = 100;
const minuteMs = 60_000;

export class EdgexFunding extends EdgexMarketData {
  override async fetchFundingRate(symbol: string, params: Parameters = {}): Promise<FundingRate> {
    const market = await this.marketOf(symbol);
    const { data } = await this.ask('funding/getLatestFundingRate', { contractId: market.id, ...params });
    const [entry] = listOf(data);
    if (entry === undefined) throw new BadSymbol(`${this.id} has no funding rate of ${symbol}`);
    return this.#fundingRate(entry, market);
  }

  override async fetchFundingRates(symbols: Strings = undefined, params: Parameters = {}): Promise<FundingRates> {
    await this.loadMarkets();
    const { data } = await this.ask('funding/getLatestFundingRate', params);
    const rates = listOf(data).map((entry) => this.#fundingRate(entry));
    return this.filterByArray(rates, 'symbol', this.marketSymbols(symbols));
  }

  /** The rate was fixed at `fundingTime` and is paid one interval later. */
  #fundingRate(entry: Entry, market?: MarketInterface): FundingRate {
    const computedMs = this.safeInteger(entry, 'fundingTimestamp');
    const fixedMs = this.safeInteger(entry, 'fundingTime');
    const minutes = this.safeInteger(entry, 'fundingRateIntervalMin');
    const after = (intervals: number) =>
      fixedMs === undefined || minutes === undefined ? undefined : fixedMs + intervals * minutes * minuteMs;
    return {
      info: entry,
      symbol: this.safeSymbol(this.safeString(entry, 'contractId'), market),
      markPrice: this.safeNumber(entry, 'oraclePrice'),
      indexPrice: this.safeNumber(entry, 'indexPrice'),
      interestRate: this.safeNumber(entry, 'interestRate'),
      timestamp: computedMs,
      datetime: this.iso8601(computedMs),
      fundingRate: this.safeNumber(entry, 'fundingRate'),
      fundingTimestamp: after(1),
      fundingDatetime: this.iso8601(after(1)),
      nextFundingRate: this.safeNumber(entry, 'forecastFundingRate'),
      nextFundingTimestamp: after(2),
      nextFundingDatetime: this.iso8601(after(2)),
      previousFundingRate: this.safeNumber(entry, 'previousFundingRate'),
      interval: minutes === undefined ? undefined : intervalName(minutes),
    };
  }

  override async fetchFundingRateHistory(
    symbol: Str,
    since?: Int,
    limit: Int = pageMax,
    params: Parameters = {},
  ): Promise<FundingRateHistory[]> {
    const market = await this.marketOf(symbol);
    const { until, ...rest } = params;
    const size = Math.min(limit, pageMax);
    const minutes = this.safeInteger(market.info, 'fundingRateIntervalMin');
    const endMs =
      until ?? (since === undefined || minutes === undefined ? undefined : since + size * minutes * minuteMs);
    const { data } = await this.ask('funding/getFundingRatePage', {
      contractId: market.id,
      size: String(size),
      filterSettlementFundingRate: 'true',
      ...(since !== undefined && { filterBeginTimeInclusive: String(since) }),
      ...(endMs !== undefined && { filterEndTimeExclusive: String(endMs) }),
      ...rest,
    });
    return this.parseFundingRateHistories(listOf(entryOf(data).dataList), market as Market, since, limit);
  }

  override parseFundingRateHistory(entry: Entry, market?: Market): FundingRateHistory {
    const fixedMs = this.safeInteger(entry, 'fundingTime');
    return {
      info: entry,
      symbol: this.safeSymbol(this.safeString(entry, 'contractId'), market),
      fundingRate: this.safeNumber(entry, 'fundingRate'),
      timestamp: fixedMs,
      datetime: this.iso8601(fixedMs),
    };
  }
}

const intervalName = (minutes: number): string => (minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`);
