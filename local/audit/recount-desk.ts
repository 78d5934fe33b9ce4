/** Compares the counters of the risk rows with what orders and positions add up to, and puts them right. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { mendCounters, type SwitchedRow, scanCounters, scanOrders, scanPositions } from '@nightdesk/aws';
import {
  type CounterDifference,
  counterDifferences,
  countersOf,
  finalStates,
  type Order,
  type PositionRow,
} from '@nightdesk/core';
import { AuditError, type DeskTables } from './desk-tables.ts';

export interface Recount {
  kind: 'agrees' | 'differs';
  differences: CounterDifference[];
  /** Orders and positions that the counters were compared with; of orders, those that are not final. */
  orders: number;
  positions: number;
  /** False where something changed at every look: then these are the differences that all looks have found. */
  isCalm: boolean;
}

export interface Mended extends Omit<Recount, 'kind'> {
  /** `mended`: what `mended` names was added. Otherwise there are differences still, and `reason` says why. */
  kind: 'agrees' | 'mended' | 'differs';
  mended: CounterDifference[];
  reason?: string;
}

interface Options {
  /** Accounts whose positions do not count any more, because they were removed from the configuration. */
  without: readonly string[];
  /** Waits from one look to the next. @default half a second */
  pause?: () => Promise<unknown>;
}

interface Look {
  rows: SwitchedRow[];
  differences: CounterDifference[];
  orders: number;
  positions: number;
  /** The same at two looks where nothing has changed from one to the other. */
  fingerprint: string;
}

/** A desk that works changes while it is read: two looks in a row have to see the same, so that both saw one moment. */
const looksMax = 5;
const pauseMs = 500;

/**
 * Changes nothing; the desk may go on working.
 *
 * @throws AuditError when an account to be left out has orders that are not final
 */
export async function recountDesk(client: DynamoDBClient, tables: DeskTables, options: Options): Promise<Recount> {
  const { rows: _rows, ...recount } = await recountCalmly({ client, tables }, options);
  return recount;
}

/**
 * Adds to every counter what it lacks, while no intent can be recorded that would be counted in it.
 *
 * @throws AuditError when an account to be left out has orders that are not final
 */
export async function mendDesk(client: DynamoDBClient, tables: DeskTables, options: Options): Promise<Mended> {
  const { rows, ...found } = await recountCalmly({ client, tables }, options);
  const refuse = (reason: string): Mended => ({ ...found, mended: [], reason });
  if (found.kind === 'agrees') return { ...found, mended: [] };
  const states = new Map(rows.map(({ account, state }) => [account, state]));
  const concerned = Map.groupBy(found.differences, ({ row }) => row);
  const open = [...concerned.keys()].filter((row) => haltedBy(row, states) === undefined);
  if (open.length > 0) {
    return refuse(`nothing was changed: ${open.join(', ')} must be halted first, by npm run halt -- --reason "…"`);
  }
  if (!found.isCalm) return refuse('nothing was changed: orders or positions keep changing. Give the command again');
  const left: CounterDifference[] = [];
  for (const [row, differences] of concerned) {
    left.push(...(await mendCounters(client, tables.risk, { differences, haltedBy: haltedBy(row, states) ?? row })));
  }
  const mended = found.differences.filter((difference) => !left.includes(difference));
  if (left.length === 0) return { ...found, kind: 'mended', mended };
  return {
    ...found,
    mended,
    reason: 'not all was changed: a switch or a counter is another by now. Give the command again',
  };
}

/** The row by whose switch nothing can be claimed of this one. */
function haltedBy(
  row: CounterDifference['row'],
  states: ReadonlyMap<SwitchedRow['account'], SwitchedRow['state']>,
): CounterDifference['row'] | undefined {
  if (states.get('*') === 'halted') return '*';
  return states.get(row) === 'halted' ? row : undefined;
}

interface Source {
  client: DynamoDBClient;
  tables: DeskTables;
}

async function recountCalmly(
  source: Source,
  { without, pause = () => sleep(pauseMs) }: Options,
): Promise<Recount & Pick<Look, 'rows'>> {
  let look = await lookAt(source, without);
  let standing = look.differences;
  let isCalm = false;
  for (let count = 1; count < looksMax && !isCalm; count++) {
    await pause();
    const next = await lookAt(source, without);
    isCalm = next.fingerprint === look.fingerprint;
    standing = isCalm
      ? next.differences
      : standing.filter((each) => next.differences.some((other) => isSame(each, other)));
    look = next;
  }
  const { rows, orders, positions } = look;
  return { kind: standing.length === 0 ? 'agrees' : 'differs', differences: standing, orders, positions, isCalm, rows };
}

const isSame = (one: CounterDifference, other: CounterDifference): boolean =>
  one.row === other.row && one.counter === other.counter && one.by === other.by;

async function lookAt({ client, tables }: Source, without: readonly string[]): Promise<Look> {
  const isLeftOut = ({ account }: { account: string }) => without.includes(account);
  const orders: Order[] = [];
  for await (const order of scanOrders(client, tables.orders)) if (!finalStates.has(order.state)) orders.push(order);
  const stray = orders.find(isLeftOut);
  if (stray !== undefined) {
    throw new AuditError(
      `${stray.account} cannot be left out while it has open orders (${stray.orderId} is ${stray.state}): what they fill is counted. Cancel them first`,
    );
  }
  const positions: PositionRow[] = [];
  for await (const position of scanPositions(client, tables.positions)) {
    if (!isLeftOut(position)) positions.push(position);
  }
  const rows: SwitchedRow[] = [];
  for await (const row of scanCounters(client, tables.risk)) if (!isLeftOut(row)) rows.push(row);
  return {
    rows,
    differences: counterDifferences(rows, countersOf(orders, positions)),
    ...{ orders: orders.length, positions: positions.length, fingerprint: fingerprintOf(orders, positions, rows) },
  };
}

function fingerprintOf(
  orders: readonly Order[],
  positions: readonly PositionRow[],
  rows: readonly SwitchedRow[],
): string {
  const parts = [
    ...orders.map(({ orderId, version }) => [orderId, version]),
    ...positions.map(({ account, symbol, version, valuations }) => [account, symbol, version, valuations]),
    ...rows.map(({ account, state, reserved, counters }) => [
      account,
      state,
      reserved,
      Object.entries(counters).sort(),
    ]),
  ];
  return parts
    .map((part) => JSON.stringify(part))
    .sort()
    .join('\n');
}

/** The result for people: a line for each counter that differs. */
export function describeRecount(recount: Recount | Mended): string {
  const { kind, differences, orders, positions } = recount;
  const of = `${countOf(orders, 'open order')} and ${countOf(positions, 'position')}`;
  if (kind === 'agrees') return `every counter of the risk rows is what ${of} add up to`;
  const isMended = (each: CounterDifference) => 'mended' in recount && recount.mended.some((one) => isSame(one, each));
  const lines = differences.map((difference) => {
    const { row, counter, is, wanted, by } = difference;
    return `  ${row}  ${counter}  ${is}, has to be ${wanted}${isMended(difference) ? `: ${by} was added` : ''}`;
  });
  const head = `${countOf(differences.length, 'counter')} of the risk rows ${differences.length === 1 ? 'differs' : 'differ'} from what ${of} add up to`;
  const reason = 'reason' in recount && recount.reason !== undefined ? [recount.reason] : [];
  return [head, ...lines, ...reason].join('\n');
}

const countOf = (many: number, what: string): string => `${many} ${what}${many === 1 ? '' : 's'}`;
