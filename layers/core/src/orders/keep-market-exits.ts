/**
 * The brackets of one account in one market. They share one position, so what each may protect depends on what the others do,
 * and on what was closed beside them.
 */
import { VenueError } from '../errors.ts';
import type { AccountId, IntentId } from '../ids.ts';
import { type Amount, amount, isPositive, zeroAmount } from '../money.ts';
import type { SwitchRows } from './ask-switches.ts';
import { cancelRecorded } from './cancel.ts';
import type { Deadline, ExecutionPorts } from './execution-ports.ts';
import { exitCancelReasons, releasedCause } from './exits/exit-view.ts';
import { allotHeld, entryPositionOf, hasJustFilled, isLessByFees } from './exits/position.ts';
import { needsCare } from './exits.ts';
import { type ExitContext, keepExits } from './keep-exits.ts';
import { finalStates, type Order } from './order.ts';
import { askPosition } from './plan-figures.ts';
import type { SignedPosition } from './plan-orders.ts';
import { recordFact } from './resolve-order.ts';

export type MarketExitsContext = Omit<ExitContext, 'held' | 'heldOf'>;
export type ExitsPorts = Pick<ExecutionPorts, 'orders' | 'clock' | 'positions'> & Deadline & { risk: SwitchRows };

/** Orders of one account that are looked through for brackets; those of one market are few of them. */
const listedMax = 5_000;

/** How long a bracket waits for answers in one pass: others that share its position may be bare meanwhile. */
const patienceMs = 3_000;

/** Entries of an account in a market whose position needs care, oldest first. */
export async function listBrackets(
  account: AccountId,
  symbol: string,
  ports: Pick<ExecutionPorts, 'orders'>,
): Promise<Order[]> {
  const open = await ports.orders.listOpen(account, listedMax);
  return open.filter((order) => order.symbol === symbol && needsCare(order.exits));
}

/**
 * One pass over all brackets of an account in a market. One that fails leaves the others alone.
 *
 * @param brackets as `listBrackets` gives them
 * @returns errors of the passes that failed, for whoever reports them
 * @throws what the stores throw where the brackets cannot be read
 */
export async function keepMarketExits(
  brackets: readonly Order[],
  context: MarketExitsContext,
  ports: ExitsPorts,
): Promise<{ entries: Order[]; failures: unknown[] }> {
  const shares = await sharesOf(brackets, context, ports);
  const entries: Order[] = [];
  const failures: unknown[] = [];
  for (const bracket of brackets) {
    const share = shares.get(bracket.orderId);
    const deadlineMs = Math.min(ports.deadlineMs, ports.clock.nowMs() + patienceMs);
    try {
      entries.push(await keepExits(bracket, { ...context, ...share }, { ...ports, deadlineMs }));
    } catch (error) {
      failures.push(error);
    }
  }
  return { entries, failures };
}

/** What each entry may count on of the account's position. */
async function sharesOf(
  brackets: readonly Order[],
  { venue, market, policy, resumes }: MarketExitsContext,
  ports: ExitsPorts,
): Promise<ReadonlyMap<IntentId, Share>> {
  if (brackets.length === 0) return new Map();
  // A position that is not told must not keep anybody from being protected by what the entries themselves filled.
  const position = await askPosition({ venue, market, policy, ports }).catch((error: unknown) => {
    if (error instanceof VenueError) return undefined;
    throw error;
  });
  if (position === undefined) return new Map();
  const abilities = venue.abilitiesOf(market);
  const nowMs = ports.clock.nowMs();
  const entries = await Promise.all(
    brackets.map(async (bracket) => {
      // Read after the position, and anew: what an entry is thought to have left over is taken from the others.
      const entry = (await ports.orders.get(bracket.orderId)) ?? bracket;
      const orders = await readSteps(entry, ports);
      const { size } = entryPositionOf({ entry, orders, market, abilities, nowMs });
      const { orderId, side, filled } = entry;
      return { orderId, side, filled, left: size, hasJustFilled: hasJustFilled(entry, nowMs) };
    }),
  );
  const alongside = (side: 'buy' | 'sell') =>
    allotHeld(
      heldBy(side, position),
      entries.filter((entry) => entry.side === side),
    );
  const held = [...alongside('buy'), ...alongside('sell')];
  const bought =
    market.kind === 'spot'
      ? await boughtOf(entries, { market, policy, ...(resumes !== undefined && { resumes }), ports })
      : new Map<IntentId, Amount>();
  const filledOfYoung = new Map(
    entries.filter((entry) => entry.hasJustFilled).map(({ orderId, filled }) => [orderId, filled]),
  );
  return new Map(
    held.map(([orderId, share]) => {
      const own = bought.get(orderId);
      const filled = filledOfYoung.get(orderId);
      if (own === undefined || filled === undefined) return [orderId, { held: share }];
      return [orderId, { held: isLessByFees(share, own) ? share : own, heldOf: filled }];
    }),
  );
}

type Share = Pick<ExitContext, 'held' | 'heldOf'>;

/**
 * On spot the desk's own ledger counts every fill in the moment that it is recorded, so what it has less than an entry opened was
 * sold by the desk. Read after the entries: a fill that is recorded in between makes it more, not less.
 */
async function boughtOf(
  entries: readonly { orderId: IntentId; side?: Order['side']; left: Amount }[],
  { market, policy, resumes, ports }: Pick<MarketExitsContext, 'market' | 'policy' | 'resumes'> & { ports: ExitsPorts },
): Promise<ReadonlyMap<IntentId, Amount>> {
  const quantity = (await ports.positions.get(policy.account.id, market.symbol))?.quantity ?? zeroAmount;
  if (isPositive(quantity)) return allotHeld(amount(quantity), entries);
  // Nothing at all is also what is left where coins were sold before that the desk had never bought. Only after a close it is sure.
  return resumes === true ? allotHeld(zeroAmount, entries) : new Map();
}

const heldBy = (side: 'buy' | 'sell', position: SignedPosition): Amount =>
  position.side === (side === 'buy' ? 'long' : 'short') ? position.amount : zeroAmount;

async function readSteps({ exits }: Order, { orders }: Pick<ExecutionPorts, 'orders'>): Promise<Order[]> {
  const found = await Promise.all((exits?.steps ?? []).map(({ orderId }) => orders.get(orderId)));
  return found.filter((order) => order !== undefined);
}

/**
 * Takes back the exits that hold what is about to be sold: on spot coins that rest in one order cannot be sold by another. That
 * is written on the entries first, so that nobody else places new ones meanwhile. Until the next pass over the brackets with
 * `resumes` the position is not protected, so that pass follows at once, whatever happens.
 *
 * @throws VenueError `release_pending` while an exit may still sell: the leg is to be delivered again
 */
export async function releaseHoldings(
  brackets: readonly Order[],
  context: MarketExitsContext,
  ports: ExitsPorts,
): Promise<void> {
  const exits: Order[] = [];
  for (const bracket of brackets) {
    const entry = await markReleased(bracket, ports);
    exits.push(...(await readSteps(entry, ports)).filter(({ state }) => !finalStates.has(state)));
  }
  for (const exit of exits) {
    const { state } = await cancelRecorded(exit, exitCancelReasons.closing, { context, ports });
    if (finalStates.has(state)) continue;
    throw new VenueError(exit.venue, `has not shown yet that the exit ${exit.orderId} has ended`, {
      code: 'release_pending',
    });
  }
}

/** One that has failed stays as it is: its owner has been told that it is not protected, and nothing has restored that. */
async function markReleased(bracket: Order, ports: ExitsPorts): Promise<Order> {
  const entry = (await ports.orders.get(bracket.orderId)) ?? bracket;
  if (entry.exits?.state === 'failed') return entry;
  const change = { state: 'waiting' as const, cause: releasedCause };
  return recordFact(entry, { type: 'order.exits_changed', atMs: ports.clock.nowMs(), change }, ports);
}
