/** Trades for so many minutes of the desk's own time, has every account reconciled in each, and judges what that told. */
import { type AccountId, amount, type Order } from '@nightdesk/core';
import { describeVerification } from '@nightdesk/local/audit/verify-desk.ts';
import { disagreements } from '../../support/books-agreement.ts';
import { openSimulatedDesk, type SimulatedDesk } from '../../support/simulated-desk.ts';
import { createDice, type Dice } from '../dice.ts';
import { soakVenues } from '../markets.ts';
import { type BooksAccount, booksAccounts } from './accounts.ts';
import { type AnsweredLook, type BooksVerdict, judgeBooks, type Told } from './judge-books.ts';
import { Others } from './others.ts';
import { tradeForAMinute } from './trading.ts';
import { calmDown, changeWeather } from './weather.ts';

export interface BooksSoakOptions {
  minutes: number;
  seed: number;
  /** Whether others do something with the accounts, too. */
  hasOthers: boolean;
  log: (message: string) => void;
}

export interface BooksSoakReport {
  seed: number;
  minutes: number;
  seconds: number;
  accounts: number;
  /** Orders that the desk placed, by state, and how many fills it booked. */
  orders: Record<string, number>;
  fills: number;
  looks: { answered: number; unanswered: number };
  faults: Record<string, number>;
  /** What others did, by kind. */
  deeds: Record<string, number>;
  told: Record<string, number>;
  verdict: BooksVerdict;
  /** Where the books and the venue's own ledger are apart in the end: `desk venue` by subject. */
  disagreements: Record<string, string>;
  journal: string;
  violations: string[];
}

const minuteMs = 60_000;
/** When orders are followed between two looks. */
const trackAtMs = [15_000, 40_000] as const;
/** Everything that is under way is over by then, and told of. */
const quietMinutes = 4;
/** Others leave an account alone for as long as what they did last takes to be told. */
const pauseMinutes = 3;
const logEveryMinutes = 10;

class BooksSoak {
  readonly #desk: SimulatedDesk;
  readonly #options: BooksSoakOptions;
  readonly #weather: Dice;
  readonly #others: Others;
  readonly #dice: ReadonlyMap<string, Dice>;
  readonly #chance: Dice;
  readonly #looks: AnsweredLook[] = [];
  readonly #struck: Record<string, number> = {};
  readonly #actedOn = new Map<string, number>();
  #unanswered = 0;

  constructor(desk: SimulatedDesk, options: BooksSoakOptions) {
    const { seed } = options;
    this.#desk = desk;
    this.#options = options;
    this.#weather = createDice(seed, 1);
    this.#chance = createDice(seed, 2);
    this.#others = new Others(desk, createDice(seed, 3));
    this.#dice = new Map(booksAccounts.map(({ name }, index) => [name, createDice(seed, 10 + index)]));
  }

  async run(): Promise<BooksSoakReport> {
    const startedMs = performance.now();
    const { minutes, log } = this.#options;
    await this.#lookAtAll();
    for (let minute = 1; minute <= minutes; minute++) {
      await this.#minute(minute);
      if (minute % logEveryMinutes === 0) log(`${minute} of ${minutes} minutes`);
    }
    await this.#end(minutes);
    return this.#report(Math.round((performance.now() - startedMs) / 1_000));
  }

  async #minute(minute: number): Promise<void> {
    const endsAtMs = this.#desk.clock.nowMs() + minuteMs;
    for (const venue of soakVenues) await calmDown(this.#desk, venue, this.#struck);
    if (this.#options.hasOthers) await this.#letOthersAct(minute);
    await changeWeather(this.#desk, this.#weather, this.#struck);
    // Looks fall into the middle of trading, as they do where both have schedules of their own.
    await Promise.all([...booksAccounts.map((account) => this.#trade(account)), this.#lookAtAll()]);
    for (const atMs of trackAtMs) {
      this.#leapTo(endsAtMs - minuteMs + atMs);
      await this.#desk.track();
    }
    this.#leapTo(endsAtMs);
  }

  #leapTo(atMs: number): void {
    const leftMs = atMs - this.#desk.clock.nowMs();
    if (leftMs > 0) this.#desk.leap(leftMs);
  }

  async #trade(account: BooksAccount): Promise<void> {
    const dice = this.#dice.get(account.name);
    if (dice !== undefined) await tradeForAMinute(this.#desk, account, dice);
  }

  async #letOthersAct(minute: number): Promise<void> {
    await this.#tidyUp(minute);
    for (const account of booksAccounts) {
      const isFree = minute - (this.#actedOn.get(account.name) ?? -pauseMinutes) >= pauseMinutes;
      if (!isFree || !this.#chance.chance(0.4)) continue;
      this.#actedOn.set(account.name, minute);
      await this.#others.act(account, minute);
    }
  }

  #tidyUp(minute: number): Promise<void> {
    return this.#others.tidyUp(
      minute,
      (account, sinceMs) => this.#looks.filter((look) => look.account === account && look.atMs > sinceMs).length,
    );
  }

  async #lookAtAll(): Promise<void> {
    await Promise.all(
      booksAccounts.map(async ({ name }) => {
        await this.#desk.look(name);
        const books = await this.#desk.books.get(name as AccountId);
        if (books === undefined || books.status === 'unanswered') this.#unanswered += 1;
        else this.#looks.push({ account: name, atMs: books.checkedAtMs });
      }),
    );
  }

  /** Has everything told, closes what is open, and looks until nothing is under way any more. */
  async #end(minutes: number): Promise<void> {
    for (const venue of soakVenues) await calmDown(this.#desk, venue, this.#struck);
    await this.#beQuiet();
    await this.#tidyUp(Number.POSITIVE_INFINITY);
    await Promise.all(booksAccounts.map((account) => this.#closeAll(account)));
    await this.#beQuiet();
    this.#options.log(`${minutes} minutes are over`);
  }

  async #beQuiet(): Promise<void> {
    for (let minute = 0; minute < quietMinutes; minute++) {
      await this.#lookAtAll();
      this.#desk.leap(minuteMs);
      await this.#desk.track();
    }
    await this.#lookAtAll();
  }

  async #closeAll({ name }: BooksAccount): Promise<void> {
    await this.#desk.trade(name, { symbol: '*', action: 'cancel' });
    const positions = await this.#desk.positions.listByAccount(name as AccountId);
    for (const { symbol, quantity } of positions) {
      if (symbol.includes(':') && quantity !== '0') await this.#closeOwn(name, { symbol, quantity });
    }
  }

  /** The desk's own part of a position: what somebody else has opened is left to him. */
  async #closeOwn(account: string, { symbol, quantity }: { symbol: string; quantity: string }): Promise<void> {
    const isLong = !quantity.startsWith('-');
    const size = { base: amount(quantity.replace('-', '')) };
    await this.#desk.trade(account, { symbol, action: isLong ? 'sell' : 'buy', size });
  }

  async #report(seconds: number): Promise<BooksSoakReport> {
    const { tables } = this.#desk;
    const { seed, minutes } = this.#options;
    const { deeds } = this.#others;
    const told = this.#told();
    const verdict = judgeBooks(deeds, told, this.#looks);
    const apart: Record<string, string> = {};
    for (const account of booksAccounts) Object.assign(apart, await disagreements(this.#desk, account));
    const verification = await this.#desk.verify();
    const journal = describeVerification(verification);
    const orders = [...tables.orders.values()];
    return {
      ...{ seed, minutes, seconds, accounts: booksAccounts.length, verdict, disagreements: apart, journal },
      orders: countBy(orders, ({ state }) => state),
      fills: orders.reduce((sum, { fills }: Order) => sum + fills.length, 0),
      looks: { answered: this.#looks.length, unanswered: this.#unanswered },
      faults: this.#struck,
      deeds: countBy(deeds, ({ expected }) => kindOf(expected)),
      told: countBy(told, ({ what }) => kindOf(what)),
      violations: [
        ...violationsOf(verdict),
        ...Object.entries(apart).map(([subject, sums]) => `${subject}: the desk and the venue have ${sums}`),
        ...(verification.kind === 'verified' ? [] : [journal]),
      ],
    };
  }

  #told(): Told[] {
    return booksAccounts.flatMap(({ name }) =>
      this.#desk
        .eventsOf(name)
        .filter(({ type }) => type === 'books.difference' || type === 'books.transfer')
        .map(({ atMs, data }) => {
          const { kind, subject, asset, amount: by, message } = data as Record<string, string | undefined>;
          const what = [kind, subject ?? asset, by].filter(Boolean).join(' ');
          return { account: name, atMs, what, ...(message !== undefined && { message }) };
        }),
    );
  }
}

const kindOf = (what: string): string => what.slice(0, what.indexOf(' '));

const violationsOf = ({ falseAlarms, missed, late }: BooksVerdict): string[] => [
  ...falseAlarms.map(
    ({ account, what, message = '' }) => `${account} was told of what nobody did: ${what}. ${message}`,
  ),
  ...missed.map(({ account, expected }) => `${account} was not told: ${expected}`),
  ...late.map(({ account, expected, looks }) => `${account} was told only after ${looks} looks: ${expected}`),
];

const countBy = <Item>(items: readonly Item[], keyOf: (item: Item) => string): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(items, keyOf)].map(([key, { length }]) => [key, length]));

/** @throws Error when a simulated venue does not start, or a control call is refused */
export async function runBooksSoak(options: BooksSoakOptions): Promise<BooksSoakReport> {
  const desk = await openSimulatedDesk(booksAccounts, { seed: options.seed });
  try {
    return await new BooksSoak(desk, options).run();
  } finally {
    await desk.close();
  }
}
