/** The active faults of a venue, and the count of when each strikes. */
import { createRandom, type RandomSource } from './engine/random.ts';
import type { Fault, FaultKind, ScheduledFault } from './faults.ts';

/** What a fault's `match` is compared with. */
export interface FaultSubject {
  method?: string | undefined;
  path?: string | undefined;
  account?: string | undefined;
  symbol?: string | undefined;
  channel?: string | undefined;
}

interface ActiveFault {
  readonly id: number;
  readonly fault: Fault;
  readonly sinceMs: number;
  readonly random: RandomSource;
  /** Matching requests so far. */
  seen: number;
  struck: number;
}

export type FaultReport = Fault & { id: number; seen: number; struck: number; endsInMs?: number };

export class FaultBoard {
  readonly #nowMs: () => number;
  #active: ActiveFault[] = [];
  #nextId = 1;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** The time by which faults begin and end. */
  nowMs(): number {
    return this.#nowMs();
  }

  /** Whether there is any of these kinds, whatever it strikes. */
  has(kinds: readonly FaultKind[]): boolean {
    return this.#active.some(({ fault }) => isOfKind(fault, kinds));
  }

  add(fault: Fault): FaultReport {
    const random = createRandom('seed' in fault ? fault.seed : 0);
    const sinceMs = 'beginsAtMs' in fault && fault.beginsAtMs !== undefined ? fault.beginsAtMs : this.#nowMs();
    const active: ActiveFault = { id: this.#nextId++, fault, sinceMs, random, seen: 0, struck: 0 };
    this.#active.push(active);
    return this.#report(active);
  }

  list(): FaultReport[] {
    this.#dropEnded();
    return this.#active.map((active) => this.#report(active));
  }

  clear(): void {
    this.#active = [];
  }

  /** The faults of the given kinds that strike this subject now; each call counts as one occasion. */
  strike<Kind extends ScheduledFault['kind']>(
    kinds: readonly Kind[],
    subject: FaultSubject,
  ): Extract<Fault, { kind: Kind }>[] {
    if (this.#active.length === 0) return [];
    this.#dropEnded();
    const struck: Extract<Fault, { kind: Kind }>[] = [];
    for (const active of this.#active) {
      if (isOfKind(active.fault, kinds) && this.#strikes(active, active.fault, subject)) struck.push(active.fault);
    }
    return struck;
  }

  /** The faults of the given kinds that could strike this subject now; asking is no occasion. */
  waiting<Kind extends ScheduledFault['kind']>(
    kinds: readonly Kind[],
    subject: FaultSubject,
  ): Extract<Fault, { kind: Kind }>[] {
    this.#dropEnded();
    return this.#active
      .filter((active) => this.#hasBegun(active))
      .map(({ fault }) => fault)
      .filter((fault): fault is Extract<Fault, { kind: Kind }> => isOfKind(fault, kinds))
      .filter((fault) => 'match' in fault && matches(fault.match, { path: fault.match.path, ...subject }));
  }

  /** The active faults of a kind that needs no occasion. */
  active<Kind extends FaultKind>(kind: Kind): Extract<Fault, { kind: Kind }>[] {
    if (this.#active.length === 0) return [];
    this.#dropEnded();
    return this.#active.map(({ fault }) => fault).filter((fault) => isOfKind(fault, [kind]));
  }

  #strikes(active: ActiveFault, fault: ScheduledFault, subject: FaultSubject): boolean {
    if (!this.#hasBegun(active) || !matches(fault.match, subject)) return false;
    if (fault.count !== undefined && active.struck >= fault.count) return false;
    active.seen += 1;
    if (active.seen % fault.every !== 0 || active.random() >= fault.probability) return false;
    active.struck += 1;
    return true;
  }

  #hasBegun({ sinceMs }: ActiveFault): boolean {
    return this.#nowMs() >= sinceMs;
  }

  #dropEnded(): void {
    const nowMs = this.#nowMs();
    this.#active = this.#active.filter(({ fault, sinceMs }) => {
      return fault.forMs === undefined || nowMs < sinceMs + fault.forMs;
    });
  }

  #report({ id, fault, seen, struck, sinceMs }: ActiveFault): FaultReport {
    const endsInMs = fault.forMs === undefined ? {} : { endsInMs: Math.ceil(sinceMs + fault.forMs - this.#nowMs()) };
    return { id, ...fault, seen, struck, ...endsInMs };
  }
}

function isOfKind<Kind extends FaultKind>(
  fault: Fault,
  kinds: readonly Kind[],
): fault is Extract<Fault, { kind: Kind }> {
  return kinds.some((kind) => kind === fault.kind);
}

function matches(match: ScheduledFault['match'], subject: FaultSubject): boolean {
  if (match.method !== undefined && match.method !== subject.method) return false;
  if (match.account !== undefined && match.account !== subject.account) return false;
  if (match.symbol !== undefined && match.symbol !== subject.symbol) return false;
  if (match.channel !== undefined && match.channel !== subject.channel) return false;
  if (match.path === undefined) return true;
  if (match.path.endsWith('*')) return subject.path?.startsWith(match.path.slice(0, -1)) === true;
  return match.path === subject.path;
}
