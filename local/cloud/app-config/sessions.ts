/** Polling sessions of the AppConfig data API: who may ask again, when, and what they already have. */
import { randomBytes } from 'node:crypto';
import type { CloudClock } from '../clock.ts';
import type { Catalog, Configuration, Place } from './catalog.ts';
import { badRequest, badToken } from './errors.ts';

/** One answer to a poll. */
export interface Poll {
  readonly nextToken: string;
  readonly nextPollSeconds: number;
  readonly contentType: string;
  /** `undefined` when the caller already has what is deployed. */
  readonly changed: Configuration | undefined;
}

export interface Sessions {
  /** Gives the token for the first poll. @throws AppConfigError */
  start(place: Place, requiredMinimumPollSeconds: number | undefined): string;
  /** Uses a token up and gives the next. @throws AppConfigError for a token that is used, expired, or early. */
  poll(token: string): Poll;
}

interface Session {
  readonly place: Place;
  /** The interval the caller bound itself to: AppConfig enforces none by itself. */
  readonly requiredSeconds: number | undefined;
  /** Polls before this moment are refused. */
  readonly earliestMs: number;
  readonly expiresMs: number;
  /** What the caller got last. */
  readonly seen: Configuration | undefined;
}

/** Limits and default of AppConfig, in seconds. */
const pollSecondsDefault = 60;
const pollSecondsMin = 15;
const pollSecondsMax = 86_400;
const tokenLifeMs = 24 * 3_600_000;
const tokenBytes = 32;

export function createSessions(catalog: Catalog, clock: CloudClock): Sessions {
  /** Only tokens that may still be used: one that was used is as unknown as one that never was. */
  const sessions = new Map<string, Session>();

  function issue(session: Omit<Session, 'expiresMs'>): string {
    const token = randomBytes(tokenBytes).toString('base64url');
    sessions.set(token, { ...session, expiresMs: clock.nowMs() + tokenLifeMs });
    return token;
  }

  /** Tokens are kept twice as long as they live, so that an expired one can be told from a wrong one. */
  function forgetLongExpired(): void {
    for (const [token, session] of sessions) {
      if (session.expiresMs + tokenLifeMs > clock.nowMs()) return;
      sessions.delete(token);
    }
  }

  return {
    start(place, requiredSeconds) {
      if (requiredSeconds !== undefined && (requiredSeconds < pollSecondsMin || requiredSeconds > pollSecondsMax)) {
        throw badRequest(
          `RequiredMinimumPollIntervalInSeconds must be from ${pollSecondsMin} to ${pollSecondsMax}, got ${requiredSeconds}`,
        );
      }
      forgetLongExpired();
      return issue({ place: catalog.resolve(place), requiredSeconds, earliestMs: clock.nowMs(), seen: undefined });
    },
    poll(token) {
      const session = sessions.get(token);
      if (session === undefined) throw badToken('Corrupted', 'Token not valid: it is unknown or was already used');
      if (session.expiresMs <= clock.nowMs()) throw badToken('Expired', 'Token expired');
      if (clock.nowMs() < session.earliestMs) {
        throw badToken('PollIntervalNotSatisfied', 'Request too early for the poll interval of this session');
      }
      const configuration = catalog.deployed(session.place);
      sessions.delete(token);
      const earliestMs = clock.nowMs() + (session.requiredSeconds ?? 0) * 1000;
      return {
        nextToken: issue({ ...session, earliestMs, seen: configuration }),
        nextPollSeconds: session.requiredSeconds ?? pollSecondsDefault,
        contentType: configuration.contentType,
        changed: configuration === session.seen ? undefined : configuration,
      };
    },
  };
}
