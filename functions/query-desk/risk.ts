/** `GET /risk`: switches, limits and their use. */
import type { HttpAnswer } from '@nightdesk/aws';
import {
  type AccountId,
  type BooksStore,
  type Clock,
  type DeskConfig,
  limitsOf,
  type RiskStore,
  type SourceId,
} from '@nightdesk/core';
import { accountRiskView, deskRiskView, sourceRiskView } from './risk-view.ts';

export interface RiskDependencies {
  loadConfig(): Promise<DeskConfig>;
  risk: Pick<RiskStore, 'get' | 'rows'>;
  books: Pick<BooksStore, 'get'>;
  clock: Pick<Clock, 'nowMs'>;
}

export async function readRisk({ loadConfig, risk, books, clock }: RiskDependencies): Promise<HttpAnswer> {
  const config = await loadConfig();
  const accounts = Object.keys(config.accounts) as AccountId[];
  const [all, ...rows] = await Promise.all([risk.get('*'), ...accounts.map((account) => risk.get(account))]);
  const kept = await Promise.all(accounts.map((account) => books.get(account)));
  const sources = await readSources(config, { risk, clock });
  const nowMs = clock.nowMs();
  const { desk, breakers, currency } = config.risk;
  const modes = Object.values(config.accounts).map(({ mode }) => mode);
  const views = accounts.map((account, index) =>
    accountRiskView({
      ...{ account, row: rows[index], limits: limitsOf(config, account) },
      ...{ breakers, books: kept[index], nowMs },
    }),
  );
  const body = { currency, all: deskRiskView({ row: all, limits: desk, modes, nowMs }), accounts: views, sources };
  return { status: 200, body };
}

/** Sources that have limits of their own. Their rows are read beside those of an account, which is any of theirs. */
async function readSources(config: DeskConfig, { risk, clock }: Pick<RiskDependencies, 'risk' | 'clock'>) {
  return Promise.all(
    Object.entries(config.risk.sources).map(async ([source, limits]) => {
      const account = config.sources[source]?.accounts[0] as AccountId | undefined;
      const row = account && (await risk.rows(account, source as SourceId)).source;
      return sourceRiskView(source, limits, { row: row ?? {}, nowMs: clock.nowMs() });
    }),
  );
}
