/** What became of a switch and of the open orders, for people. */
// By its own path, because all of the core would have to be loaded first: whoever halts is in a hurry.
import { type CanceledOrder, mayBeOpen, type SwitchAnswer } from '@nightdesk/core/risk/halt/switch-answer.ts';

/** True where nothing that was to be canceled may still be open. */
export const isAllDone = ({ orders = [], failures = [] }: SwitchAnswer): boolean =>
  failures.length === 0 && !orders.some(mayBeOpen);

/** @param elapsedMs how long the call took, as the caller saw it */
export function describeSwitch(answer: SwitchAnswer, elapsedMs: number): string {
  const { account, state, by, reason, orders, inForceAfterMs } = answer;
  const who = account === '*' ? 'all accounts' : account;
  const inForce = inForceAfterMs === undefined ? '' : `, in force after ${inForceAfterMs} ms`;
  const lines = [`${who}: ${state}${inForce} (set by ${by}: ${reason})`];
  if (orders !== undefined) lines.push(...describeOrders(orders), ...describeRest(answer));
  lines.push(`answered after ${Math.round(elapsedMs)} ms`);
  return lines.join('\n');
}

function describeOrders(orders: readonly CanceledOrder[]): string[] {
  const rows = orders.map(({ account, orderId, symbol, outcome, message = '' }) => [
    ...[account, orderId, symbol, outcome, message],
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}

function describeRest({ orders = [], keptExits = 0, failures = [], lastAnswerAfterMs }: SwitchAnswer): string[] {
  const counts = [...Map.groupBy(orders, ({ outcome }) => outcome)].map(
    ([outcome, { length }]) => `${length} ${outcome}`,
  );
  const asked = lastAnswerAfterMs === undefined ? '' : `; the last venue answered after ${lastAnswerAfterMs} ms`;
  const lines = [
    orders.length === 0
      ? 'there was no open order'
      : `${countOf(orders.length, 'order')}: ${counts.join(', ')}${asked}`,
  ];
  if (keptExits > 0) {
    lines.push(`protecting positions still: ${countOf(keptExits, 'exit')}; --cancel-exits cancels them, too`);
  }
  lines.push(...failures.map(({ account, message }) => `${account}: open orders are not all known: ${message}`));
  const open = orders.filter(mayBeOpen).length;
  if (open > 0 || failures.length > 0) {
    lines.push(`${open} may still be open. They are tried again every minute; ask again now by the same command`);
  }
  return lines;
}

const countOf = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
