import type { Telemetry } from '@nightdesk/aws';
import {
  accountOf,
  type Cause,
  type Clock,
  type ConfiguredAccount,
  type CoordinationStore,
  coordinationKeys,
  type DeadManConfig,
  type DeskConfig,
  type MarketKind,
  metricNames,
  type VenuePort,
} from '@nightdesk/core';

export interface RenewLeasesDependencies {
  loadConfig(): Promise<DeskConfig>;
  openVenue(account: ConfiguredAccount): Promise<Pick<VenuePort, 'hasDeadManSwitch' | 'setDeadManSwitch'>>;
  coordination: Pick<CoordinationStore, 'change'>;
  /** The stage's setting. */
  liveTrading: boolean;
  clock: Clock;
  telemetry: Telemetry;
}

/** Ids of accounts. */
export interface LeasesSummary {
  renewed: string[];
  /** Taken back, because they are configured no longer. */
  released: string[];
  failed: string[];
}

/** Asking again changes nothing at a venue that has understood, so an answer that was lost is asked for once more. */
const triesMax = 2;
const retryPauseMs = 1_000;

type Kind = MarketKind | undefined;

/**
 * Renews the dead man's switch of every account that has one, and takes back those that are configured no longer: the venue
 * would otherwise cancel the orders of a desk that is alive. One that fails leaves the others alone.
 */
export function createHandler(dependencies: RenewLeasesDependencies) {
  const { loadConfig, clock, telemetry } = dependencies;
  return async (): Promise<LeasesSummary> => {
    const config = await loadConfig();
    const summary: LeasesSummary = { renewed: [], released: [], failed: [] };
    const accounts = Object.keys(config.accounts)
      .flatMap((id) => accountOf(config, id) ?? [])
      .filter(({ mode }) => mode !== 'paper');
    await Promise.all(
      accounts.map(async (account) => {
        try {
          const done = await keepLease(account, clock.nowMs(), dependencies);
          if (done === 'none') return;
          summary[done].push(account.id);
          telemetry.count(metricNames.leasesRenewed, 1, account.venue);
        } catch (error) {
          summary.failed.push(account.id);
          telemetry.count(metricNames.leasesFailed, 1, account.venue);
          telemetry.failure(`the dead man's switch of ${account.id} was not renewed`, error);
        }
      }),
    );
    return summary;
  };
}

async function keepLease(
  account: ConfiguredAccount,
  nowMs: number,
  dependencies: RenewLeasesDependencies,
): Promise<'renewed' | 'released' | 'none'> {
  const wanted = wantedOf(account, dependencies);
  const set = await setKinds(account, nowMs, dependencies);
  if (wanted === undefined && set.length === 0) return 'none';
  const venue = await dependencies.openVenue(account);
  if (!venue.hasDeadManSwitch) throw new LeaseError(`${account.venue} has no dead man's switch`);
  const kinds: readonly Kind[] = wanted === undefined ? [] : (wanted.kinds ?? [undefined]);
  const afterMs = (wanted?.seconds ?? 0) * 1_000;
  const untilMs = nowMs + afterMs;
  const left = set.filter((kind) => !kinds.includes(kind));
  // Noted first: of what is set and not noted nobody would know that it has to be taken back.
  if (kinds.length > 0) await note(account, { kinds: [...kinds, ...left], untilMs }, dependencies);
  for (const kind of kinds) await ask(() => venue.setDeadManSwitch(afterMs, kind), dependencies);
  for (const kind of left) await ask(() => venue.setDeadManSwitch(0, kind), dependencies);
  if (left.length > 0) await note(account, { kinds, untilMs }, dependencies);
  return kinds.length > 0 ? 'renewed' : 'released';
}

/** Whoever disables an exchange, or live trading, wants nothing of it any more, its cancels neither. */
const wantedOf = (
  { mode, deadMan, exchangeConfig }: ConfiguredAccount,
  { liveTrading }: RenewLeasesDependencies,
): DeadManConfig | undefined => (exchangeConfig.enabled && (mode !== 'live' || liveTrading) ? deadMan : undefined);

/** Kinds whose switch is set as far as is noted. */
async function setKinds(
  { id }: ConfiguredAccount,
  nowMs: number,
  { coordination, telemetry }: RenewLeasesDependencies,
): Promise<Kind[]> {
  try {
    return await coordination.change(coordinationKeys.deadMan(id), (row) => ({
      result: Number(row?.untilMs ?? 0) > nowMs ? kindsOf(row?.kinds) : [],
    }));
  } catch (error) {
    // What is wanted is renewed all the same: without it the venue would cancel the orders of a desk that is alive.
    telemetry.failure(`what is set of the dead man's switch of ${id} is not known`, error);
    return [];
  }
}

/** `-` is the venue's usual kind. */
const kindsOf = (text: unknown): Kind[] =>
  typeof text === 'string' && text !== ''
    ? text.split(' ').map((kind) => (kind === '-' ? undefined : (kind as NonNullable<DeadManConfig['kinds']>[number])))
    : [];

/** Rows of leases that ended are kept for a while, for whoever looks why orders were canceled. */
const keptMs = 24 * 3_600_000;

async function note(
  { id }: ConfiguredAccount,
  { kinds, untilMs }: { kinds: readonly Kind[]; untilMs: number },
  { coordination, clock, telemetry }: RenewLeasesDependencies,
): Promise<void> {
  const row = { kinds: kinds.map((kind) => kind ?? '-').join(' '), untilMs };
  const expiresAtMs = clock.nowMs() + keptMs;
  try {
    await coordination.change(coordinationKeys.deadMan(id), () => ({ row, expiresAtMs, result: undefined }));
  } catch (error) {
    telemetry.failure(`it could not be noted that the dead man's switch of ${id} is set`, error);
  }
}

async function ask(
  set: () => ReturnType<VenuePort['setDeadManSwitch']>,
  { clock }: RenewLeasesDependencies,
): Promise<void> {
  let outcome = await set();
  for (let tries = 1; outcome.kind === 'unknown' && tries < triesMax; tries++) {
    await clock.sleep(retryPauseMs);
    outcome = await set();
  }
  if (outcome.kind !== 'set') throw new LeaseError(`it was ${outcome.kind}: ${textOf(outcome.cause)}`);
}

const textOf = ({ code, message }: Cause): string => `${code}: ${message}`;

/** A renewal that the venue did not confirm. */
export class LeaseError extends Error {
  override readonly name = 'LeaseError';
}
