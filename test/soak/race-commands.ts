/** The orders that are raced for, and the commands that race their fills. */
import type { SignalAnswer } from '@nightdesk/local/supervisor/client.ts';
import type { AcceptedSignal } from './judge.ts';
import type { SoakMarket, SoakVenue } from './markets.ts';
import type { SoakDesk } from './soak-desk.ts';

/** How fills come: in the instant of the request, by a price that passes the order, or in portions from its start. */
export const fillings = { instant: 4, sweep: 3, portions: 3 } as const;
export const commandKinds = {
  cancel: 3,
  cancelBySignal: 2,
  price: 3,
  amount: 3,
  both: 2,
  amendAndCancel: 2,
  amendTwice: 1,
} as const;
type CommandKind = keyof typeof commandKinds;

export interface Race {
  id: string;
  venue: SoakVenue;
  market: SoakMarket;
  account: string;
  filling: keyof typeof fillings;
  command: CommandKind;
  side: 'buy' | 'sell';
  price: string;
  /** Every amount that was asked for, the first one first. */
  amounts: string[];
  signalId: string;
  orderId?: string;
}

/** What a run has sent, and what it was told at once. */
export interface Gathered {
  signals: AcceptedSignal[];
  races: Race[];
  /** How often a command came after the order had ended, and was told so. */
  tooLate: number;
  refused: string[];
}

export async function place({ desk }: SoakDesk, race: Race, gathered: Gathered): Promise<void> {
  const { id, account, market, side, price, amounts } = race;
  const body = {
    ...{ id, account, symbol: market.symbol, action: side, size: { base: amounts[0] } },
    ...{ type: 'limit', price, timeInForce: 'GTC' },
  };
  const answer = await desk.call<SignalAnswer>('POST', '/orders', { role: 'trader', body });
  take(answer, { race, what: 'an order by hand', body, gathered });
  race.signalId = answer.body.signalId ?? '';
  gathered.races.push(race);
}

interface Commanding {
  factors: readonly number[];
  gathered: Gathered;
}

export async function command(soak: SoakDesk, race: Race, { factors, gathered }: Commanding): Promise<void> {
  const { orderId, command: kind } = race;
  if (orderId === undefined) return;
  const [first = 1, second = 1] = factors;
  const steps: Readonly<Record<CommandKind, readonly (() => Promise<void>)[]>> = {
    cancel: [() => cancel(soak, race, gathered)],
    cancelBySignal: [() => cancelBySignal(soak, race, gathered)],
    price: [() => change(soak, race, { price: first, gathered })],
    amount: [() => change(soak, race, { amount: first, gathered })],
    both: [() => change(soak, race, { price: first, amount: second, gathered })],
    amendAndCancel: [() => change(soak, race, { price: first, gathered }), () => cancel(soak, race, gathered)],
    amendTwice: [
      () => change(soak, race, { amount: first, gathered }),
      () => change(soak, race, { amount: second, gathered }),
    ],
  };
  await Promise.all(steps[kind].map((step) => step()));
}

async function cancel({ desk }: SoakDesk, race: Race, gathered: Gathered): Promise<void> {
  const answer = await desk.call<SignalAnswer>('DELETE', `/orders/${race.orderId}`, { role: 'trader' });
  take(answer, { race, what: 'a cancel by hand', body: { orderId: race.orderId }, gathered });
}

async function cancelBySignal({ desk }: SoakDesk, race: Race, gathered: Gathered): Promise<void> {
  const { id, account, orderId } = race;
  const body = { id: `${id}-cancel`, account, action: 'cancel', orderId };
  take(await desk.postSignal(body), { race, what: 'a cancel by signal', body, gathered });
}

interface Change {
  /** Of what it was. */
  amount?: number;
  price?: number;
  gathered: Gathered;
}

async function change({ desk }: SoakDesk, race: Race, { amount: factor, price, gathered }: Change): Promise<void> {
  const { market, amounts, side } = race;
  const body: { amount?: string; price?: string } = {};
  if (factor !== undefined) {
    body.amount = (Number(amounts[0]) * factor).toFixed(market.sizeDecimals);
    amounts.push(body.amount);
  }
  // Away from the market by up to two percent, or towards it, which may fill it at once.
  if (price !== undefined) {
    const share = (price - 1) * 0.02;
    body.price = (Number(race.price) * (side === 'buy' ? 1 - share : 1 + share)).toFixed(market.priceDecimals);
  }
  const answer = await desk.call<SignalAnswer>('PATCH', `/orders/${race.orderId}`, { role: 'trader', body });
  take(answer, { race, what: 'a change by hand', body, gathered });
}

interface Taken {
  race: Race;
  what: string;
  body: object;
  gathered: Gathered;
}

function take(answer: { status: number; body: SignalAnswer }, { race, what, body, gathered }: Taken): void {
  const { status, body: said } = answer;
  if (status === 202) {
    const signal = { signalId: said.signalId ?? '', accounts: [race.account], kind: `${race.filling} ${what}`, body };
    gathered.signals.push(signal);
    return;
  }
  // The order had ended, or more of it was filled than was wanted, before this came.
  const isLate = status === 409 || (status === 400 && /filled already/.test(JSON.stringify(said)));
  if (isLate) gathered.tooLate += 1;
  else gathered.refused.push(`${what} was answered ${status}: ${JSON.stringify(said)} to ${JSON.stringify(body)}`);
}
