/** Those outside who act on the desk: the event source, the scheduler, senders of signals, the operator, the market. */
import { type AccountId, finalStates, price, type SwitchState } from '@nightdesk/core';
import { activeMs, type Desk, startMs, tradedMarkets } from './desk.ts';
import type { DeskFunctions } from './functions.ts';
import { accountIds, configOf, removable } from './settings.ts';
import { writeSignal } from './written-signals.ts';

/** Invocations of execute-order at once. */
const executorsMax = 4;
/** The schedule's, and one so short that invocations get in each other's way. */
const trackPeriodsMs = [60_000, 6_000] as const;
/** Until the last function has come to know a changed configuration. */
const rolloutMs = 20_000;

/** Hands the queue's messages to execute-order, and deletes what was worked through. */
export function startEventSource({ queue, run }: Desk, functions: DeskFunctions): void {
  let running = 0;
  const poll = (): void => {
    while (running < executorsMax) {
      const records = queue.receive();
      if (records.length === 0) return;
      running += 1;
      functions.executeOrders(records).then((failures) => {
        running -= 1;
        const kept = new Set(failures?.map(({ itemIdentifier }) => itemIdentifier));
        const done = records.filter(({ messageId }) => failures !== undefined && !kept.has(messageId));
        if (!run.faults.strikes('delete_lost')) queue.delete(done.map(({ receiptHandle }) => receiptHandle));
        poll();
      });
    }
  };
  queue.onReady = poll;
}

/** Runs track-orders again and again, and more beside it, whose answers overtake each other. */
export function startTracking({ run }: Desk, functions: DeskFunctions): void {
  const { time, dice } = run;
  const periodMs = dice.pick(trackPeriodsMs);
  const trackWithin = (delayMsMax: number) =>
    time.after(dice.between(0, delayMsMax), () => void functions.trackOrders());
  const track = (): void => {
    time.after(time.nowMs() < startMs + activeMs ? periodMs : trackPeriodsMs[0], track);
    trackWithin(0);
    for (let more = dice.between(0, 2); more > 0; more--) trackWithin(dice.pick([500, 3_000, periodMs]));
  };
  time.after(dice.between(0, periodMs), track);
}

/** Values positions anew at random times, beside whatever fills them. */
export function startValuing({ run }: Desk, functions: DeskFunctions): void {
  const { time, dice } = run;
  for (let looks = dice.between(0, 6); looks > 0; looks--) {
    time.after(dice.between(0, activeMs), () => void functions.revaluePositions());
  }
}

/** Sends `count` signals at random times, each as often as it takes, or more often than that. */
export function startSenders(desk: Desk, functions: DeskFunctions, count: number): void {
  const { time, dice } = desk.run;
  for (let number = 1; number <= count; number++) {
    const name = `signal ${number}`;
    const source = dice.pick(['cautious', 'eager']);
    time.after(dice.between(0, activeMs), () => {
      const signal = { name, source, body: writeSignal(desk, number) };
      void sendUntilAnswered(desk, functions, signal);
    });
  }
}

const sendsMax = 5;

async function sendUntilAnswered(
  { run }: Desk,
  functions: DeskFunctions,
  signal: { name: string; source: string; body: string },
): Promise<void> {
  const { time, faults, dice } = run;
  for (let sends = 0; sends < sendsMax; sends++) {
    if (faults.strikes('resend')) {
      time.after(dice.between(0, 20_000), () => void functions.receiveSignal(signal));
    }
    const status = await functions.receiveSignal(signal);
    if (status < 500 && !faults.strikes('answer_lost')) return;
    await time.sleep(dice.between(500, 15_000));
  }
}

/** Changes and cancels orders that are not over, as often as the dice have it. */
export async function startTrader({ run, tables }: Desk, functions: DeskFunctions): Promise<void> {
  const { time, dice } = run;
  for (let turn = dice.pick([0, 4, 8, 16]); turn > 0; turn--) {
    await time.sleep(dice.between(0, activeMs / 5));
    const open = [...tables.orders.values()].filter(({ state }) => !finalStates.has(state));
    if (open.length === 0) continue;
    const { orderId, price: limit } = dice.pickOf(open);
    const changes = [
      { amount: '3' },
      { amount: '0.5' },
      { amount: '1.2' },
      ...(limit ? [{ price: '101' }, { price: '93' }] : []),
    ];
    void functions.manageOrder(orderId, dice.chance(0.5) ? undefined : dice.pickOf<object>(changes));
  }
}

/** Throws and resets switches at random, one after the other, and keeps in mind which are surely thrown. */
export async function startOperator(desk: Desk, functions: DeskFunctions): Promise<void> {
  const { time, dice } = desk.run;
  for (let turn = dice.pick([0, 0, 0, 1, 3]); turn > 0; turn--) {
    await time.sleep(dice.between(0, activeMs / 3));
    const account = dice.pick<AccountId | '*'>(['*', ...accountIds(desk.settings.accounts)]);
    const state = dice.pick<SwitchState>(['halted', 'reducing', 'active']);
    await turnSwitch(desk, functions, { account, state });
  }
}

async function turnSwitch(
  { run, halted }: Desk,
  functions: DeskFunctions,
  { account, state }: { account: AccountId | '*'; state: SwitchState },
): Promise<void> {
  // As soon as it may be another, nothing is certain any more.
  if (state !== halted.get(account)) halted.delete(account);
  const status = await functions.setSwitch(account, state);
  run.trace.add('operator', `switch of ${account} to ${state}: ${status}`);
  if (state !== 'active' && status === 200) halted.set(account, state);
}

/** Takes an account out of the files, at times for good, and mostly puts it back later. */
export async function startOwner(desk: Desk): Promise<void> {
  const { settings, run } = desk;
  const { time, dice } = run;
  const publish = (removed?: AccountId): void => {
    desk.before = { config: desk.config, untilMs: time.nowMs() + dice.between(0, rolloutMs) };
    desk.config = configOf(settings, removed);
    run.trace.add('owner', removed === undefined ? 'puts the account back' : `takes out the account ${removed}`);
  };
  if (dice.chance(0.6)) return;
  await time.sleep(dice.between(0, activeMs));
  publish(dice.pickOf(removable(settings)));
  if (dice.chance(0.3)) return;
  await time.sleep(dice.between(0, activeMs));
  publish();
}

/** Moves prices, so that resting orders fill; fills what was left of others, or cancels it. */
export function startMarket({ run, venues }: Desk): void {
  const { time, dice, trace } = run;
  const move = (): void => {
    const venue = dice.pickOf([...venues.values()]);
    const { symbol } = dice.pickOf(tradedMarkets);
    const to = dice.pick(['88', '95', '100', '105', '112']);
    trace.add('market', `${symbol} is at ${to}`);
    venue.setPrice(symbol, price(to));
    const open = venue.orders.filter(({ status }) => status === 'open');
    for (const { request } of open) {
      if (dice.chance(0.1)) venue.fillRest(request.clientOrderId);
      else if (dice.chance(0.08)) venue.cancel(request.clientOrderId);
    }
  };
  for (let moves = dice.between(0, 30) * venues.size; moves > 0; moves--) time.after(dice.between(0, activeMs), move);
}
