/**
 * Keeps the bracket of an entry: performs what `decideExits` asks for, one command at a time, and looks again after each. What
 * is to be placed is first written on the entry, on the version it was decided on, so of two workers one wins; then its order is
 * recorded, and only whoever recorded it calls the venue. Wherever this stops, the next pass finds enough to go on.
 */
import { VenueError } from '../errors.ts';
import type { IntentId } from '../ids.ts';
import { type Amount, zeroNotional } from '../money.ts';
import type { Denial } from '../risk/denials.ts';
import { standingDenial } from '../risk/gate.ts';
import { isSwitchCode } from '../risk/switches.ts';
import { amendRecorded } from './amend.ts';
import { askSwitches, type SwitchRows } from './ask-switches.ts';
import { cancelRecorded } from './cancel.ts';
import { type Deadline, type ExecutionPorts, standingOf } from './execution-ports.ts';
import { decideExits, isBare } from './exits/decide-exits.ts';
import { isReducing } from './exits/exit-slots.ts';
import type { Declaration, ExitCommand, ExitPrices, ExitView, PlaceExit } from './exits/exit-view.ts';
import { lessOf, sum } from './exits/position.ts';
import type { ExitStep } from './exits.ts';
import { gateOf } from './intent-gate.ts';
import { type DeniedIntent, finalStates, type Intent, type Order } from './order.ts';
import type { Decision } from './order-events.ts';
import { isAsWanted } from './plan-amendment.ts';
import { type OrderContext, placeRecorded, recordDecision, resolveOrder } from './resolve-order.ts';

/** Commands of one pass. The longest way needs a dozen: three tries of each of a stop, a target and what closes the rest. */
export const exitCommandsMax = 24;

export interface ExitContext extends OrderContext {
  /** Absent is asked for where it is needed. */
  ticker?: ExitPrices;
  /** This entry's share of what the account holds, see `allotHeld`; absent where it is not known. */
  held?: Amount;
  /** What the entry had filled when `held` counted all of it for sure. */
  heldOf?: Amount;
  /** See `ExitView`. */
  resumes?: boolean;
}

type Ports = Pick<ExecutionPorts, 'orders' | 'clock'> & Deadline & { risk: SwitchRows };

/** One pass over one entry. */
interface Pass {
  entry: Order;
  orders: Map<IntentId, Order>;
  /** Exits that there were when what the account holds was asked for. */
  before: ReadonlySet<IntentId>;
  ticker: ExitView['ticker'];
  /** Why a switch lets no exit be placed; absent where they do, and as long as nobody has asked. */
  barred: ExitView['barred'];
  hasAskedSwitches: boolean;
  /** Commands that were performed; one that comes up again had no effect, and waits for the next pass. */
  performed: Set<string>;
  unamendable: Set<IntentId>;
  context: ExitContext;
  ports: Ports;
}

/**
 * Brings the protection of an entry's position to what its plan asks for, as far as one pass can. Safe to repeat, and at the same
 * time. It is bounded by commands and not by the deadline, which only ends the waiting for answers: between canceling an exit
 * and placing what follows it, stopping would leave the position bare.
 *
 * @returns the entry as it is then; its `exits` tell what the bracket has come to
 * @throws what the stores throw, and VenueError where the venue shows something impossible; the next pass goes on from there
 */
export async function keepExits(entry: Order, context: ExitContext, ports: Ports): Promise<Order> {
  const newest = await ports.orders.get(entry.orderId);
  if (newest === undefined) return entry;
  const { ticker } = context;
  // What is asked about late is given up, not placed again: the position may be another one by then.
  const policy = { ...context.policy, onUnknown: 'give_up' as const };
  const orders = new Map<IntentId, Order>();
  const known = { orders, before: new Set<IntentId>(), performed: new Set<string>(), unamendable: new Set<IntentId>() };
  const switches = { barred: undefined, hasAskedSwitches: false };
  const begun: Pass = { entry: newest, ticker, ...switches, ...known, context: { ...context, policy }, ports };
  await readExits(begun);
  const pass: Pass = { ...begun, before: new Set(orders.keys()) };
  for (let count = 0; count < exitCommandsMax; count++) {
    const command = decideExits(viewOf(pass)).find((candidate) => !pass.performed.has(keyOf(candidate)));
    if (command === undefined) break;
    if (!pass.hasAskedSwitches && leadsToPlacing(command)) {
      await lookAtSwitches(pass);
      continue;
    }
    pass.performed.add(keyOf(command));
    await perform(command, pass);
  }
  await alarm(pass);
  return pass.entry;
}

const viewOf = ({ entry, orders, before, ticker, barred, unamendable, context, ports }: Pass): ExitView => ({
  ...{ entry, unamendable, orders: [...orders.values()], market: context.market, nowMs: ports.clock.nowMs() },
  abilities: context.venue.abilitiesOf(context.market),
  ...(ticker !== undefined && { ticker }),
  ...(barred !== undefined && { barred }),
  ...(context.resumes === true && { resumes: true }),
  ...(context.heldOf === entry.filled && { isHeldCertain: true }),
  ...(context.held !== undefined && { held: heldNow(context.held, [...orders.values()], before) }),
});

/**
 * True for what places an exit, or makes room for one. A switch has its say before: a step that it would refuse is not planned,
 * and nothing is taken back for it.
 */
function leadsToPlacing(command: ExitCommand): boolean {
  if (command.kind === 'cancel') return command.order.cancel === undefined;
  return command.kind === 'place' || command.kind === 'amend' || command.kind === 'give_up';
}

async function lookAtSwitches(pass: Pass): Promise<void> {
  const { entry, context, ports } = pass;
  const reduceOnly = isReducing(context.market, context.venue.abilitiesOf(context.market));
  pass.barred = await askSwitches(entry.account, { reduceOnly }, ports.risk);
  pass.hasAskedSwitches = true;
}

/** What was held when that was asked for, less what exits have filled that were placed since. */
function heldNow(held: Amount, orders: readonly Order[], before: ReadonlySet<IntentId>): Amount {
  const since = orders.filter(({ orderId }) => !before.has(orderId));
  return lessOf(held, sum(since.map(({ filled }) => filled)));
}

/** Reads the orders of all steps that may have changed since they were read. */
async function readExits({ entry, orders, ports }: Pass): Promise<void> {
  const steps = entry.exits?.steps ?? [];
  const unsettled = steps.filter(({ orderId }) => {
    const known = orders.get(orderId);
    return known === undefined || !finalStates.has(known.state);
  });
  const found = await Promise.all(unsettled.map(({ orderId }) => ports.orders.get(orderId)));
  for (const order of found) if (order !== undefined) orders.set(order.orderId, order);
}

/** Tells commands apart by what they would do. */
function keyOf(command: ExitCommand): string {
  switch (command.kind) {
    case 'price_needed':
      return command.kind;
    case 'place':
    case 'give_up':
      return `${command.kind} ${command.step.name}`;
    case 'cancel':
    case 'resolve':
      return `${command.kind} ${command.order.orderId}`;
    case 'amend':
      return `amend ${command.order.orderId} ${JSON.stringify(command.change)}`;
    case 'move_stop':
      return `move_stop ${command.change.stopPrice}`;
    case 'declare':
      return `declare ${command.state} ${command.cause?.code}`;
  }
}

async function perform(command: ExitCommand, pass: Pass): Promise<void> {
  const { context, ports, orders } = pass;
  const take = (order: Order) => orders.set(order.orderId, order);
  switch (command.kind) {
    case 'price_needed':
      pass.ticker = await pricesOf(context);
      return;
    case 'place':
      return place(command, pass);
    case 'give_up':
      take(await giveUp(command.step, pass));
      return;
    case 'cancel':
      take(await cancelRecorded(command.order, command.reason, { context, ports }));
      return;
    case 'amend':
      await amend(command, pass);
      return;
    case 'resolve':
      take(await resolveOrder(command.order, context, ports));
      return;
    case 'move_stop':
      await decide({ type: 'order.exits_changed', atMs: ports.clock.nowMs(), change: command.change }, pass);
      return;
    case 'declare':
      await declare(command, pass);
      return;
  }
}

/** Where the order stays as it was, it is replaced instead. */
async function amend({ order, change }: Extract<ExitCommand, { kind: 'amend' }>, pass: Pass): Promise<void> {
  const amended = await amendRecorded(order, change, pass);
  pass.orders.set(amended.orderId, amended);
  if (amended.amendment === undefined && !isAsWanted(amended, change)) pass.unamendable.add(amended.orderId);
}

async function pricesOf({ venue, market }: ExitContext): Promise<ExitView['ticker']> {
  try {
    return await venue.fetchTicker(market);
  } catch (error) {
    if (!(error instanceof VenueError)) throw error;
    return 'unavailable';
  }
}

/** Writes a decision on the entry. Where somebody else wrote first it is void, and what they did is read. */
async function decide(decision: Decision, pass: Pass): Promise<boolean> {
  const { order, won } = await recordDecision(pass.entry, decision, pass.ports);
  pass.entry = order;
  if (!won) {
    pass.performed.clear();
    await readExits(pass);
  }
  return won;
}

const declare = ({ state, cause }: Declaration, pass: Pass): Promise<boolean> =>
  decide(
    { type: 'order.exits_changed', atMs: pass.ports.clock.nowMs(), change: { state, cause: cause ?? null } },
    pass,
  );

/** A position that a pass leaves bare is told of at once, even where an answer that is still to come may mend it. */
async function alarm(pass: Pass): Promise<void> {
  if (pass.entry.exits?.state === 'failed' || !isBare(viewOf(pass))) return;
  const message = 'an exit is still to be confirmed or placed, and until then the position is not protected';
  await declare({ kind: 'declare', state: 'failed', cause: { code: 'protection_pending', message } }, pass);
}

async function place(command: PlaceExit, pass: Pass): Promise<void> {
  const { step, isPlanned } = command;
  const { ports, context, orders } = pass;
  if (!isPlanned && !(await decide({ type: 'order.exit_planned', atMs: ports.clock.nowMs(), step }, pass))) return;
  const result = await record(command, pass);
  if (result.kind === 'barred') {
    pass.barred = result.denial;
    return;
  }
  const isOurs = result.kind === 'created' && result.order.state === 'intended';
  const placed = isOurs ? await placeRecorded(result.order, context, ports) : result.order;
  orders.set(placed.orderId, placed);
  if (placed.state !== 'rejected') return;
  // The price may be why: it has moved since it was asked for.
  pass.ticker = undefined;
  pass.performed.delete('price_needed');
}

type Recorded = { kind: 'created' | 'exists' | 'denied'; order: Order } | { kind: 'barred'; denial: Denial };

/** Records the order of a step, or why it has none. A step that a switch keeps from it stays planned, and gets it later. */
async function record({ step, terms, handling }: PlaceExit, pass: Pass): Promise<Recorded> {
  const { entry, ports, context } = pass;
  const { leverage, marginMode } = entry;
  const { policy } = context;
  const atMs = ports.clock.nowMs();
  const intent: Intent = {
    ...{ ...identityOf(step, entry), ...terms, side: exitSideOf(entry), amount: step.amount },
    ...(handling && { handling }),
    ...(leverage !== undefined && { leverage }),
    ...(marginMode !== undefined && { marginMode }),
    reserved: zeroNotional,
  };
  const standing = standingDenial(standingOf(policy));
  const result = standing
    ? { kind: 'denied' as const, denial: standing }
    : await ports.orders.insertIntent({ type: 'order.intended', atMs, intent }, gateOf(intent, { policy }, ports));
  if (result.kind !== 'denied') return result;
  if (isSwitchCode(result.denial.code)) return { kind: 'barred', denial: result.denial };
  const { code, message } = result.denial;
  const denied: DeniedIntent = { ...identityOf(step, entry), type: terms.type, side: exitSideOf(entry) };
  const event = { type: 'order.denied' as const, atMs, intent: denied, cause: { code, message } };
  return { kind: 'denied', order: await ports.orders.insertDenied(event) };
}

/** Makes sure that a planned step never becomes an order; where it has become one, that one. */
function giveUp(step: ExitStep, { entry, ports }: Pass): Promise<Order> {
  const cause = { code: 'exit_given_up', message: 'the position had changed before the exit was recorded' };
  const intent: DeniedIntent = { ...identityOf(step, entry), type: entry.type, side: exitSideOf(entry) };
  return ports.orders.insertDenied({ type: 'order.concluded', atMs: ports.clock.nowMs(), intent, cause });
}

const exitSideOf = ({ side }: Order) => (side === 'sell' ? 'buy' : 'sell');

/** What an exit has from its entry. */
function identityOf({ orderId, role }: ExitStep, { signalId, source, account, venue, symbol, ...entry }: Order) {
  const { receivedAtMs, orderId: parentId } = entry;
  return { orderId, role, parentId, signalId, source, account, venue, symbol, receivedAtMs };
}
