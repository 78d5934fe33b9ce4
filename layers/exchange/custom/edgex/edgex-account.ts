/** An edgeX account: what it has, holds and may borrow. */
import { type Balances, type Dict, type Market, type Position, Precise, type Str, type Strings } from 'ccxt';
import { type Entry, entryOf, listOf, type Parameters } from './edgex-client.ts';
import { EdgexFunding } from './edgex-funding.ts';

export class EdgexAccount extends EdgexFunding {
  /** Equity counts positions at the oracle price; `free` is what edgeX lets new orders use. */
  override async fetchBalance({ type: _, ...params }: Parameters = {}): Promise<Balances> {
    const asset = entryOf(await this.askPrivately('account/getAccountAsset', params));
    const balances: Dict = { info: asset };
    for (const entry of listOf(asset.collateralAssetModelList)) {
      const code = await this.coinCode(String(entry.coinId));
      if (code === undefined) continue;
      balances[code] = {
        total: this.safeString(entry, 'totalEquity'),
        free: this.safeString(entry, 'availableAmount'),
      };
    }
    return this.safeBalance(balances);
  }

  override async fetchPositions(symbols: Strings = undefined, params: Parameters = {}): Promise<Position[]> {
    await this.loadMarkets();
    const asset = entryOf(await this.askPrivately('account/getAccountAsset', params));
    const valuations = new Map(listOf(asset.positionAssetList).map((entry) => [entry.contractId, entry]));
    const open = listOf(asset.positionList).filter((entry) => !Precise.stringEq(sizeOf(entry), '0'));
    const positions = open.map((entry) => this.parsePosition({ ...valuations.get(entry.contractId), ...entry }));
    return this.filterByArrayPositions(positions, 'symbol', this.marketSymbols(symbols), false);
  }

  /** @param entry one of edgeX's positions together with its valuation. */
  override parsePosition(entry: Dict, given?: Market): Position {
    const market = this.safeMarket(this.safeString(entry, 'contractId'), given);
    const size = sizeOf(entry);
    const updatedMs = this.safeInteger(entry, 'updatedTime');
    const notional = this.safeString(entry, 'positionValue');
    return this.safePosition({
      info: entry,
      symbol: market.symbol,
      timestamp: updatedMs,
      datetime: this.iso8601(updatedMs),
      hedged: false,
      side: Precise.stringLt(size, '0') ? 'short' : 'long',
      contracts: this.parseNumber(Precise.stringAbs(size)),
      contractSize: market.contractSize,
      entryPrice: this.safeNumber(entry, 'avgEntryPrice'),
      markPrice: this.parseNumber(Precise.stringAbs(Precise.stringDiv(notional, size))),
      notional: this.parseNumber(Precise.stringAbs(notional)),
      leverage: this.safeNumber(entry, 'maxLeverage'),
      initialMargin: this.safeNumber(entry, 'initialMarginRequirement'),
      maintenanceMargin: this.safeNumber(entry, 'starkExRiskValue'),
      unrealizedPnl: this.safeNumber(entry, 'unrealizePnl'),
      realizedPnl: this.safeNumber(entry, 'termRealizePnl'),
      liquidationPrice: this.safeNumberOmitZero(entry, 'liquidatePrice'),
      marginMode: 'cross',
    });
  }

  override async setLeverage(leverage: number, symbol?: Str, params: Parameters = {}): Promise<Entry> {
    const market = await this.marketOf(symbol);
    return this.command('account/updateLeverageSetting', {
      contractId: market.id,
      leverage: String(leverage),
      ...params,
    });
  }
}

/** Below zero for a short position. */
const sizeOf = (position: Dict): string => String(position.openSize ?? '0');
