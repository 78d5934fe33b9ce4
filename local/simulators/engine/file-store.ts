/** An append-only log of what the engine did: one JSON line per command, compacted when it is opened. */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type {
  EngineStore,
  StoredBalance,
  StoredBooking,
  StoredOrder,
  StoredPosition,
  StoredSetting,
  StoredTimer,
  StoredTransfer,
  StoreRecord,
} from './store.ts';

const fileName = 'venue-log.jsonl';

/**
 * A written line survives `kill -9`, because the kernel owns it then; power loss is not covered.
 * A last line that was cut off belongs to a command nobody got an answer to, and is dropped.
 *
 * @throws Error when a line other than the last cannot be read.
 */
export function createFileStore(directory: string): EngineStore {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, fileName);
  const record = existsSync(path) ? readLog(path) : { orders: [], balances: [] };
  writeCompacted(path, record);
  let file = openSync(path, 'a');
  return {
    load: () => record,
    append: (changes) => void writeSync(file, `${JSON.stringify(changes)}\n`),
    clear() {
      closeSync(file);
      writeCompacted(path, { orders: [], balances: [] });
      file = openSync(path, 'a');
    },
    close: () => closeSync(file),
  };
}

function readLog(path: string): StoreRecord {
  const orders = new Map<number, StoredOrder>();
  const balances = new Map<string, StoredBalance>();
  const positions = new Map<string, StoredPosition>();
  const settings = new Map<string, StoredSetting>();
  const transfers = new Map<number, StoredTransfer>();
  const timers = new Map<string, StoredTimer>();
  const bookings: StoredBooking[] = [];
  const lines = readFileSync(path, 'utf8').split('\n');
  for (const [index, line] of lines.entries()) {
    // Every whole line ends with a newline, so the last piece is empty or was cut off.
    if (index === lines.length - 1) break;
    const changes = parseLine(line, `${path}:${index + 1}`);
    for (const order of changes.orders) orders.set(order.id, order);
    for (const balance of changes.balances) balances.set(`${balance.accountId} ${balance.asset}`, balance);
    for (const position of changes.positions ?? []) {
      positions.set(`${position.accountId} ${position.instrumentId} ${position.slot}`, position);
    }
    for (const setting of changes.settings ?? []) {
      settings.set(`${setting.accountId} ${setting.instrumentId}`, setting);
    }
    for (const transfer of changes.transfers ?? []) transfers.set(transfer.id, transfer);
    for (const timer of changes.timers ?? []) timers.set(timer.accountId, timer);
    bookings.push(...(changes.bookings ?? []));
  }
  return {
    orders: [...orders.values()],
    balances: [...balances.values()],
    positions: [...positions.values()],
    settings: [...settings.values()],
    transfers: [...transfers.values()],
    timers: [...timers.values()],
    bookings,
  };
}

function parseLine(line: string, place: string): StoreRecord {
  try {
    return JSON.parse(line) as StoreRecord;
  } catch (cause) {
    throw new Error(`${place} is not JSON: remove the simulator's state directory to start afresh`, { cause });
  }
}

function writeCompacted(path: string, record: StoreRecord): void {
  const temporaryPath = `${path}.new`;
  const file = openSync(temporaryPath, 'w');
  for (const order of record.orders) writeSync(file, `${JSON.stringify({ orders: [order], balances: [] })}\n`);
  writeSync(file, `${JSON.stringify({ ...record, orders: [] })}\n`);
  fsyncSync(file);
  closeSync(file);
  renameSync(temporaryPath, path);
}
