/** What became of a switch and of the open orders, for people. */
import { type CanceledOrder, mayBeOpen, type SwitchAnswer } from '@nightdesk/core';

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
    orders.length === 0 ? 'there was no open order' : `${orders.length} orders: ${counts.join(', ')}${asked}`,
  ];
  if (keptExits > 0) {
    lines.push(`${keptExits} exits go on protecting positions; --cancel-exits cancels them, too`);
  }
  lines.push(...failures.map(({ account, message }) => `${account}: open orders are not all known: ${message}`));
  const open = orders.filter(mayBeOpen).length;
  if (open > 0 || failures.length > 0) {
    lines.push(`${open} may still be open. They are tried again every minute; ask again now by the same command`);
  }
  return lines;
}
