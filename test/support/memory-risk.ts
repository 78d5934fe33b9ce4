/** The risk table in memory, with the rules of the real one. */
import {
  type AccountId,
  addToCounters,
  type CounterChange,
  countMinute,
  firstUse,
  genesisHash,
  grant,
  isStricter,
  type RiskRows,
  type RiskState,
  type RiskStore,
  type RowClaim,
  type SourceId,
  seal,
  sourceRow,
  streams,
  zeroNotional,
} from '@nightdesk/core';
import type { MemoryTables } from './memory-stores.ts';

export const memoryRows = (tables: MemoryTables, account: AccountId, source?: SourceId): RiskRows =>
  structuredClone({
    account: tables.risk.get(account),
    all: tables.risk.get('*'),
    source: source && tables.sources.get(sourceRow(source)),
  });

/** All claims or none; false where one of them is not granted. */
export function takeClaims(tables: MemoryTables, claims: readonly RowClaim[]): boolean {
  const granted = claims.map((claim) => {
    if (claim.row.startsWith('source#')) {
      const counted = claim.minute && countMinute(tables.sources.get(claim.row) ?? {}, claim.minute);
      return counted && (() => void tables.sources.set(claim.row, counted));
    }
    const row = tables.risk.get(claim.row);
    const taken = row && grant(row, claim);
    return taken && (() => void tables.risk.set(claim.row, taken));
  });
  if (granted.includes(undefined)) return false;
  for (const take of granted) take?.();
  return true;
}

export function addCounters(tables: MemoryTables, changes: readonly CounterChange[]): void {
  for (const { row: key, changes: counters } of changes) {
    const row = tables.risk.get(key);
    if (row !== undefined) tables.risk.set(key, addToCounters(row, counters));
  }
}

export function createMemoryRisk(tables: MemoryTables): RiskStore {
  const setSwitch: RiskStore['setSwitch'] = async (account, change) => {
    const before = tables.risk.get(account);
    const { atMs, ...rest } = change;
    const data = { ...rest, ...(before !== undefined && { before: before.state }) };
    const version = (before?.version ?? 0) + 1;
    const entry = { stream: streams.risk(account), sequence: version, type: 'risk.switched', atMs, data };
    const event = seal(entry, before?.journalHash ?? genesisHash);
    tables.append(event);
    const { state, reason, by } = change;
    const row: RiskState = {
      ...{ reserved: zeroNotional, counters: {}, figuresVersion: 0, ...before },
      ...{ account, state, reason, by, version, journalHash: event.hash, updatedAtMs: atMs },
    };
    tables.risk.set(account, row);
    return structuredClone(row);
  };
  return {
    get: async (account) => structuredClone(tables.risk.get(account)),
    async ensure(account, nowMs) {
      if (tables.risk.has(account)) return;
      await setSwitch(account, { ...firstUse, atMs: nowMs });
    },
    setSwitch,
    async tighten(account, change) {
      const before = tables.risk.get(account);
      if (before !== undefined && !isStricter(change.state, before.state)) return false;
      await setSwitch(account, change);
      return true;
    },
    rows: async (account, source) => memoryRows(tables, account, source),
    async saveDeskFigures(deskFigures) {
      const row = tables.risk.get('*');
      if (row !== undefined) tables.risk.set('*', { ...row, deskFigures, figuresVersion: row.figuresVersion + 1 });
    },
  };
}
