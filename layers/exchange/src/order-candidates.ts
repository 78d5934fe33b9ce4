/** Tells an order that carries no id of ours by what it is and when it was placed. */
import type { Market, OrderReference } from '@nightdesk/core';
import { callStartMsMax, compare } from '@nightdesk/core';
import { fromContracts } from './contract-amounts.ts';
import type { Fields } from './fields.ts';

/** A venue may date an order this long before it was placed: clocks differ, and some venues cut times to seconds. */
export const predatedMsMax = 60_000;
/** How far the venue's clock is taken to be off at most: `clockOffMsMax` of an account's check. */
const clockOffMsMax = 5_000;

/** `fits` in all that is told of it; `may` be ours, since not all is told, or its time is at the edge; `other` is not ours. */
type Likeness = 'fits' | 'may' | 'other';

interface CandidateContext {
  reference: OrderReference;
  market: Market;
  /** How long after the start of a call the venue may still place the order. */
  settlingMs: number;
  /** How far our clock is ahead of the venue's, as far as that is known. */
  aheadMs: number;
}

/** Compares an order as ccxt shows it with the one that is looked for. */
function likenessOf(order: Fields, context: CandidateContext): Likeness {
  const { reference, market } = context;
  const { side, amount, type, price, others = [] } = reference;
  const id = order.optionalText('id');
  if (id !== undefined && others.some((other) => other === id)) return 'other';
  const size = order.optionalDecimal('amount');
  const shownType = order.optionalText('type');
  const works = price !== undefined && (type === 'limit' || type === 'stop_limit');
  const shownPrice = order.optionalPrice('price');
  const traits: Likeness[] = [
    same(order.optionalText('side'), (shown) => shown === side),
    same(size, (shown) => compare(fromContracts(shown, market), amount) === 0),
    works ? same(shownPrice, (shown) => compare(shown, price) === 0) : 'fits',
    // Some venues make limit orders of orders at market, so that this tells less than the rest.
    type === 'market' && shownType === 'limit' ? 'may' : 'fits',
    timeOf(order.optionalTimeMs('timestamp'), context),
  ];
  if (traits.includes('other')) return 'other';
  return traits.includes('may') ? 'may' : 'fits';
}

const same = <Value>(shown: Value | undefined, isSame: (shown: Value) => boolean): Likeness =>
  shown === undefined ? 'may' : isSame(shown) ? 'fits' : 'other';

/** Without the time of the call, an order of any time since is one that may be meant, and none is for certain. */
function timeOf(shownMs: number | undefined, { reference, settlingMs, aheadMs }: CandidateContext): Likeness {
  const { attemptedAtMs, sinceMs } = reference;
  if (shownMs === undefined) return 'may';
  const atMs = shownMs + aheadMs;
  if (attemptedAtMs === undefined) return atMs >= sinceMs - predatedMsMax ? 'may' : 'other';
  const endMs = attemptedAtMs + callStartMsMax + settlingMs;
  if (atMs >= attemptedAtMs - clockOffMsMax && atMs <= endMs + clockOffMsMax) return 'fits';
  return atMs >= attemptedAtMs - predatedMsMax && atMs <= endMs + predatedMsMax ? 'may' : 'other';
}

/** What the orders that were compared come to. */
export type Verdict<Sighting> =
  | { kind: 'none' }
  | { kind: 'one'; sighting: Sighting }
  | { kind: 'unclear'; count: number };

/** The orders that may be the one that is looked for, each once however many lists show it. */
export class Candidates<Sighting> {
  readonly #fitting = new Map<string, Sighting>();
  readonly #doubtful = new Set<string>();
  readonly #context: CandidateContext;

  constructor(context: CandidateContext) {
    this.#context = context;
  }

  /** @param sight reads the whole order; the latest reading counts */
  consider(order: Fields, sight: () => Sighting): void {
    const likeness = likenessOf(order, this.#context);
    const id = order.optionalText('id');
    if (likeness === 'other') return;
    if (likeness === 'fits' && id !== undefined) this.#fitting.set(id, sight());
    else this.#doubtful.add(id ?? `without an id ${this.#doubtful.size}`);
  }

  /** Ours is the only one that it can be. Of two, none is told from the other. */
  verdict(): Verdict<Sighting> {
    const { size: count } = new Set([...this.#fitting.keys(), ...this.#doubtful]);
    if (count === 0) return { kind: 'none' };
    const [sighting] = this.#fitting.values();
    const isSure = sighting !== undefined && count === 1 && this.#doubtful.size === 0;
    return isSure ? { kind: 'one', sighting } : { kind: 'unclear', count };
  }
}
