import type { ConfigJournal, ReconciliationsQueue, Telemetry } from '@nightdesk/aws';
import {
  accountOf,
  type Clock,
  type ConfigAuthor,
  type ConfigEventData,
  type ConfiguredAccount,
  type DeskConfig,
  deskFiguresOf,
  limitsOf,
  metricNames,
  nextConfigEvent,
  type RiskStore,
  VersionConflictError,
} from '@nightdesk/core';

export interface PlanReconciliationsDependencies {
  loadConfig(): Promise<DeskConfig>;
  queue: ReconciliationsQueue;
  risk: Pick<RiskStore, 'get' | 'ensure' | 'saveDeskFigures'>;
  journal: ConfigJournal;
  /** Who changes the configuration at this stage. */
  configAuthor: ConfigAuthor;
  clock: Clock;
  telemetry: Telemetry;
}

export interface PlanSummary {
  /** Accounts that are to be reconciled. */
  planned: number;
}

/**
 * The first sums of a desk, of which it cannot have any before an account was looked at, wait for the first looks: so often and so
 * long. Otherwise limits that are shares of equity would deny for a minute longer.
 */
const firstLooksMax = 10;
const firstLookPauseMs = 2_000;

/** How often a change of the configuration is told anew because somebody else told one first. */
const conflictsMax = 4;

/**
 * Has every account reconciled whose exchange is enabled, sums up what the last reconciliations found, and tells of a changed
 * configuration. The three do not wait for each other: one that fails leaves the others alone, and is thrown at the end.
 */
export function createHandler(dependencies: PlanReconciliationsDependencies) {
  return async (): Promise<PlanSummary> => {
    const config = await dependencies.loadConfig();
    const accounts = accountsOf(config);
    const enabled = accounts.filter(({ exchangeConfig }) => exchangeConfig.enabled);
    const ready = ensureRows(enabled, dependencies);
    const results = await Promise.allSettled([
      ready.then(() => plan(enabled, dependencies)),
      ready.then(() => sumUp(accounts, config, dependencies)),
      tellConfig(config, dependencies),
    ]);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return { planned: enabled.length };
  };
}

const accountsOf = (config: DeskConfig): ConfiguredAccount[] =>
  Object.keys(config.accounts)
    .map((id) => accountOf(config, id))
    .filter((account) => account !== undefined);

/**
 * Figures are kept with the switches, so accounts that cannot lose money get theirs before their first order, as that would make
 * them. Those of live accounts are set by a person.
 */
async function ensureRows(
  accounts: readonly ConfiguredAccount[],
  { risk, clock }: PlanReconciliationsDependencies,
): Promise<void> {
  const harmless = accounts.filter(({ mode }) => mode !== 'live').map(({ id }) => id);
  const rows = harmless.length === 0 ? [] : (['*', ...harmless] as const);
  await Promise.all(rows.map((row) => risk.ensure(row, clock.nowMs())));
}

async function plan(
  accounts: readonly ConfiguredAccount[],
  { queue, clock, telemetry }: PlanReconciliationsDependencies,
): Promise<void> {
  const plannedAtMs = clock.nowMs();
  await queue.send(accounts.map(({ id }) => ({ account: id, plannedAtMs })));
  telemetry.count(metricNames.accountsPlanned, accounts.length);
}

/** Also accounts of exchanges that are disabled count, as long as their figures are fresh. */
async function sumUp(
  accounts: readonly ConfiguredAccount[],
  config: DeskConfig,
  { risk, clock, telemetry }: PlanReconciliationsDependencies,
): Promise<void> {
  const read = async () => {
    const rows = await Promise.all(accounts.map(({ id }) => risk.get(id)));
    return accounts.map(({ id, mode, exchangeConfig }, index) => ({
      ...{ mode, enabled: exchangeConfig.enabled, figures: rows[index]?.figures },
      ageMsMax: limitsOf(config, id).figuresAgeSecondsMax * 1_000,
    }));
  };
  let found = await read();
  const all = await risk.get('*');
  const isFirst = all !== undefined && all.deskFigures === undefined;
  for (let look = 0; isFirst && look < firstLooksMax; look++) {
    if (found.every(({ enabled, figures }) => !enabled || figures !== undefined)) break;
    await clock.sleep(firstLookPauseMs);
    found = await read();
  }
  const nowMs = clock.nowMs();
  await risk.saveDeskFigures(deskFiguresOf(found, nowMs));
  const agesMs = found.flatMap(({ enabled, figures }) => (enabled && figures ? [nowMs - figures.atMs] : []));
  if (agesMs.length > 0) telemetry.count(metricNames.figuresAgeSeconds, Math.floor(Math.max(...agesMs, 0) / 1_000));
}

/** Once, also with several planners at once: the place of an event in its stream is taken by one of them. */
async function tellConfig(
  config: DeskConfig,
  { journal, configAuthor: by, clock, telemetry }: PlanReconciliationsDependencies,
): Promise<void> {
  for (let conflict = 0; conflict <= conflictsMax; conflict++) {
    const event = nextConfigEvent(await journal.last(), config, { atMs: clock.nowMs(), by });
    if (event === undefined) return;
    if (await journal.append(event)) {
      const { version, changes } = event.data as ConfigEventData;
      telemetry.info(event.type, { version, changes: changes?.map(({ path }) => path).join(' ') });
      return;
    }
  }
  throw new VersionConflictError('the stream of configurations');
}
