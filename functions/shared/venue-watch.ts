/** Sees from the calls that orders make anyway when a venue stops answering, and tells every other sandbox. */
import {
  afterOutage,
  type Cause,
  type Clock,
  type CoordinationStore,
  coordinationKeys,
  type ExecutionVenue,
  healthOf,
  healthRowAgeMsMax,
  isFailing,
  isOutage,
  outageMs,
  type StatusPort,
  VenueError,
  type VenueHealth,
  type VenueId,
  type VenueProbe,
} from '@nightdesk/core';

/** How old an answer of the shared row may be. Together with the time of one probe it bounds how late others learn. */
const ageMsMax = 1_000;
/** So many calls in a row without an answer count, whatever a probe says: it asks another part of the venue than orders do. */
const strikesMax = 3;
/** A call that lasts longer has the venue probed beside it, so that one that hangs is known before its timeout. */
const slowCallMs = 1_500;

/** No sign of life within this time is none. With the two above, a venue that hangs is left alone within 5 s. */
const probeMsMax = 2_000;
/** A probe that ends later was interrupted: its sandbox froze when the invocation had ended, and knows nothing of now. */
const frozenMsMin = 2 * probeMsMax;

/** What is watched of a venue, and what is asked of it where that is not enough. */
export type WatchedVenue = ExecutionVenue & Pick<StatusPort, 'probe'>;

export interface VenueWatch {
  /** True while new orders are better sent elsewhere. A table that does not answer keeps no order from its venue. */
  isFailing(venue: VenueId): Promise<boolean>;
  /** The same venue, with its calls watched. */
  watch<Port extends WatchedVenue>(venue: VenueId, port: Port): Port;
}

interface VenueWatchDependencies {
  coordination: Pick<CoordinationStore, 'change'>;
  clock: Clock;
}

export function createVenueWatch({ coordination, clock }: VenueWatchDependencies): VenueWatch {
  const known = new Map<VenueId, { health: Promise<VenueHealth>; readAtMs: number }>();
  const checks = new Map<VenueId, Promise<void>>();
  /** Calls in a row that met no answer, and when the last of them did. */
  const strikes = new Map<VenueId, { count: number; atMs: number }>();

  async function mark(venue: VenueId, { code, message }: Cause): Promise<void> {
    const nowMs = clock.nowMs();
    const health = await coordination.change(coordinationKeys.health(venue), (row) => {
      const next = afterOutage(row, `${code}: ${message}`, nowMs);
      return { row: next, expiresAtMs: nowMs + healthRowAgeMsMax, result: healthOf(next, nowMs) };
    });
    known.set(venue, { health: Promise.resolve(health), readAtMs: nowMs });
  }

  function strike(venue: VenueId, port: WatchedVenue, cause: Cause): void {
    const atMs = clock.nowMs();
    const last = strikes.get(venue);
    // Calls that are hours apart are not in a row, however quiet it was in between.
    const count = last !== undefined && atMs - last.atMs < outageMs ? last.count + 1 : 1;
    strikes.set(venue, { count, atMs });
    check(venue, port, count < strikesMax ? undefined : cause);
  }

  /**
   * One lost answer may be bad luck: the venue is asked for a sign of life before it is called failing.
   *
   * @param certain why it is failing, where that needs no asking
   */
  function check(venue: VenueId, port: WatchedVenue, certain?: Cause): void {
    if (checks.has(venue)) return;
    const checking = (certain === undefined ? causeOfProbe(port, clock) : Promise.resolve(certain))
      .then((cause) => cause && mark(venue, cause))
      // Watching must never be what makes an order fail.
      .catch(() => undefined)
      .finally(() => checks.delete(venue));
    checks.set(venue, checking);
  }

  async function watched<Result>(call: WatchedCall<Result>): Promise<Result> {
    const { venue, port, run, causeOf } = call;
    let answered = false;
    void clock.sleep(slowCallMs).then(() => {
      if (!answered) check(venue, port);
    });
    try {
      const result = await run();
      const cause = causeOf?.(result);
      if (cause !== undefined && isOutage(cause.code)) strike(venue, port, cause);
      else strikes.delete(venue);
      return result;
    } catch (error) {
      if (error instanceof VenueError && isOutage(error.code)) strike(venue, port, causeOfError(error));
      throw error;
    } finally {
      answered = true;
    }
  }

  return {
    async isFailing(venue) {
      const nowMs = clock.nowMs();
      const last = known.get(venue);
      if (last !== undefined && Math.abs(nowMs - last.readAtMs) < ageMsMax) return isFailing(await last.health);
      const health = coordination
        .change(coordinationKeys.health(venue), (row) => ({ result: healthOf(row, nowMs) }))
        .catch((): VenueHealth => ({ status: 'unknown', probes: 0 }));
      known.set(venue, { health, readAtMs: nowMs });
      return isFailing(await health);
    },
    watch(venue, port) {
      const about = { venue, port };
      return {
        ...port,
        fetchPrice: (market, side) => watched({ ...about, run: () => port.fetchPrice(market, side) }),
        placeOrder: (request, market) =>
          watched({ ...about, run: () => port.placeOrder(request, market), causeOf: causeOfUnknown }),
        findOrder: (reference, market) =>
          watched({ ...about, run: () => port.findOrder(reference, market), causeOf: causeOfUnknown }),
        cancelOrder: (reference, market) =>
          watched({ ...about, run: () => port.cancelOrder(reference, market), causeOf: causeOfUnknown }),
        amendOrder: (reference, change, market) =>
          watched({ ...about, run: () => port.amendOrder(reference, change, market), causeOf: causeOfUnknown }),
        prepareMarket: (settings, market) =>
          watched({ ...about, run: () => port.prepareMarket(settings, market), causeOf: causeOfUnknown }),
      };
    },
  };
}

interface WatchedCall<Result> {
  venue: VenueId;
  port: WatchedVenue;
  run(): Promise<Result>;
  causeOf?(result: Result): Cause | undefined;
}

async function causeOfProbe(port: WatchedVenue, clock: Clock): Promise<Cause | undefined> {
  const tooLate: VenueProbe = { status: 'unreachable', latencyMs: probeMsMax };
  const startMs = clock.nowMs();
  const { status, cause } = await Promise.race([port.probe(), clock.sleep(probeMsMax).then(() => tooLate)]);
  const frozen = clock.nowMs() - startMs > frozenMsMin;
  if (status === 'ok' || status === 'unknown' || frozen) return undefined;
  return cause ?? { code: status, message: 'the venue does not answer' };
}

const causeOfError = ({ code = 'venue_error', message }: VenueError): Cause => ({ code, message });

const causeOfUnknown = (outcome: { kind: string; cause?: Cause }): Cause | undefined =>
  outcome.kind === 'unknown' ? outcome.cause : undefined;
