/** What others do with the accounts, and what the desk has to tell of it. */
import type { SimulatedDesk } from '../../support/simulated-desk.ts';
import { cancelParams, outsiderParams } from '../../support/simulated-venues.ts';
import type { Dice } from '../dice.ts';
import type { SoakMarket } from '../markets.ts';
import type { BooksAccount } from './accounts.ts';
import { priceOf } from './trading.ts';

export interface Deed {
  account: string;
  atMs: number;
  /** As events tell it: `outsider_fill BTC/USDT 0.01`. An order's id at the venue is known from what is told. */
  expected: string;
}

const kinds = { fill: 4, order: 3, deposit: 2, withdrawal: 3 } as const;

/** An order of somebody else that still rests. */
interface Resting {
  account: BooksAccount;
  sinceMs: number;
  symbol: string;
  venueOrderId: string;
  untilMinute: number;
}

/** How long somebody else's orders rest, in minutes. */
const restsMinutes = 4;

export class Others {
  readonly deeds: Deed[] = [];
  readonly #desk: SimulatedDesk;
  readonly #dice: Dice;
  #resting: Resting[] = [];
  #amounts = 0;

  constructor(desk: SimulatedDesk, dice: Dice) {
    this.#desk = desk;
    this.#dice = dice;
  }

  /** One of them does something with one account. */
  async act(account: BooksAccount, minute: number): Promise<void> {
    const market = this.#dice.pick(account.markets);
    const kind = this.#dice.weighted(kinds);
    if (kind === 'deposit' || kind === 'withdrawal') return this.#transfer(account, kind);
    const side = this.#dice.pick(['buy', 'sell'] as const);
    const size = this.#sizeOf(market);
    if (kind === 'fill') {
      await this.#order(account, { symbol: market.symbol, side, amount: size });
      this.#remember(account, `outsider_fill ${market.symbol} ${side === 'buy' ? size : `-${size}`}`);
      return;
    }
    const factor = side === 'buy' ? 0.9 : 1.1;
    const now = await priceOf(this.#desk, account, market);
    const price = (now * factor).toFixed(market.priceDecimals);
    const before = await this.#openIds(account);
    await this.#order(account, { symbol: market.symbol, side, amount: size, price });
    const added = (await this.#openIds(account)).filter((id) => !before.includes(id));
    const [venueOrderId] = added;
    if (venueOrderId === undefined || added.length > 1) throw new Error(`${account.name}: which order was it?`);
    const sinceMs = this.#desk.clock.nowMs();
    this.#resting.push({ account, sinceMs, symbol: market.symbol, venueOrderId, untilMinute: minute + restsMinutes });
    this.#remember(account, `outsider_order ${venueOrderId}`);
  }

  /** Takes back what has rested for long enough, and was there to be seen at two looks. */
  async tidyUp(minute: number, looksSince: (account: string, sinceMs: number) => number): Promise<void> {
    const isOver = ({ account, sinceMs, untilMinute }: Resting) =>
      untilMinute <= minute && looksSince(account.name, sinceMs) >= 2;
    for (const { account, symbol, venueOrderId } of this.#resting.filter(isOver)) {
      const params = cancelParams(account.venue, { symbol, venueOrderId });
      const body = { action: 'cancel', account: account.name, params };
      await this.#desk.control(account.venue, 'POST', 'outsider', body);
    }
    this.#resting = this.#resting.filter((resting) => !isOver(resting));
  }

  async #transfer({ name, venue }: BooksAccount, kind: 'deposit' | 'withdrawal'): Promise<void> {
    const asset = this.#dice.pick(['USDT', 'ETH']);
    const size = `${1 + (this.#amounts++ % 9)}.25`;
    const direction = kind === 'deposit' ? 'in' : 'out';
    await this.#desk.control(venue, 'POST', 'transfers', { account: name, direction, asset, amount: size });
    this.deeds.push({ account: name, atMs: this.#desk.clock.nowMs(), expected: `${kind} ${asset} ${size}` });
  }

  async #order(account: BooksAccount, order: Parameters<typeof outsiderParams>[1]): Promise<void> {
    const params = outsiderParams(account.venue, order);
    const body = { action: 'order', account: account.name, params };
    const answer = await this.#desk.control<object>(account.venue, 'POST', 'outsider', body);
    const told = JSON.stringify(answer);
    if (/"retCode":[^0]|"error":\["/.test(told)) throw new Error(`somebody else's order was refused: ${told}`);
  }

  /** By the simulator itself. */
  async #openIds({ name, venue }: BooksAccount): Promise<string[]> {
    type Listed = { orders: { orderId: string | number; status: string }[] };
    const { orders } = await this.#desk.control<Listed>(venue, 'GET', `orders?account=${name}`);
    return orders.map(({ orderId }) => String(orderId));
  }

  #remember({ name }: BooksAccount, expected: string): void {
    this.deeds.push({ account: name, atMs: this.#desk.clock.nowMs(), expected });
  }

  /** A little more each time, so that no two deeds look alike. */
  #sizeOf({ size, sizeDecimals }: SoakMarket): string {
    const grain = 10 ** -sizeDecimals;
    return String(Number((size + grain * (1 + (this.#amounts++ % 50))).toFixed(sizeDecimals)));
  }
}
