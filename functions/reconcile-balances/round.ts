/** One account at one look. */
import type { LoadDeskConfig, Telemetry } from '@nightdesk/aws';
import type {
  Books,
  BooksStore,
  Clock,
  ConfiguredAccount,
  CoordinationStore,
  DeskConfig,
  ExecutionPorts,
  MarketsStore,
  OrdersStore,
  PositionsStore,
  RiskState,
  RiskStore,
  VenuePort,
} from '@nightdesk/core';

export interface ReconcileDependencies {
  loadConfig: LoadDeskConfig;
  ports: {
    orders: OrdersStore;
    positions: PositionsStore;
    books: BooksStore;
    risk: RiskStore;
    markets: Pick<MarketsStore, 'get' | 'findByName'>;
    coordination: Pick<CoordinationStore, 'change'>;
    clock: Clock;
    findMarket: ExecutionPorts['findMarket'];
    openVenue(account: ConfiguredAccount): Promise<VenuePort>;
  };
  /** The stage's setting. */
  liveTrading: boolean;
  telemetry: Telemetry;
  /** An order's id in the form that the account's venue has it in a market. */
  clientOrderIdOf(account: ConfiguredAccount, orderId: string, symbol: string): string;
}

export interface ReconcileRound extends ReconcileDependencies {
  account: ConfiguredAccount;
  config: DeskConfig;
  /** As the look found them. */
  books: Books | undefined;
  row: RiskState | undefined;
  deadlineMs: number;
}

/** As many as tracking lists. */
const openOrdersMax = 5_000;

/** The desk's own records of the account, as they are now. */
export async function readDesk({ account, ports }: Pick<ReconcileRound, 'account' | 'ports'>) {
  const [positions, orders] = await Promise.all([
    ports.positions.listByAccount(account.id),
    ports.orders.listOpen(account.id, openOrdersMax),
  ]);
  return { positions, orders };
}
