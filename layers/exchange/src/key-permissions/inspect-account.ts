/** Asks a venue all that is worth knowing about an account before anything is traded with it. Changes nothing. */
import type { AccountInspection, Answered, Clock, KeyPermissions, PositionMode, VenueId } from '@nightdesk/core';
import { type ClientOptions, constructClient } from '../construct-client.ts';
import { type Credentials, secretValues } from '../credentials.ts';
import { Fields, UnparsableAnswerError } from '../fields.ts';
import { mapBalances } from '../map-balance.ts';
import { traitsOf } from '../traits/index.ts';
import { offers, type VenueClient } from '../venue-client.ts';
import { VenueSession } from '../venue-session.ts';
import type { KeyQuestion } from './key-question.ts';
import { keyQuestionOf } from './registry.ts';

export type InspectAccountOptions = ClientOptions & { credentials: Credentials };

/**
 * @throws ConfigurationError when there is no such venue, or it has no sandbox and no `baseUrl` stands in for one.
 * @throws SecretUnavailableError when the credentials lack a field that the venue asks for.
 */
export async function inspectAccount(options: InspectAccountOptions): Promise<AccountInspection> {
  const { venue, clock, credentials } = options;
  const { client, context } = await constructClient(options, traitsOf(venue));
  const session = new VenueSession(client, context, secretValues(credentials));
  // One after the other: a venue whose nonces must rise refuses the one that is overtaken.
  const clockReading = await readClock(session, clock);
  const permissions = await readPermissions(session, venue, credentials.apiKey ?? '');
  const balances = await ask(session, async () => mapBalances(await session.useAny().fetchBalance()));
  return { clock: clockReading, permissions, balances, positionMode: await readPositionMode(session) };
}

/** What went wrong is the failure of the venue's call, or of reading its answer. */
async function ask<Value>(session: VenueSession, question: () => Promise<Value>): Promise<Answered<Value>> {
  const result = await session.call('question', question);
  // `call` hands on what `question` gave.
  if (result.kind === 'answered') return { kind: 'answered', value: result.value as Value };
  const { className, cause } = result.failure;
  const unparsable = className === UnparsableAnswerError.name;
  return { kind: 'failed', cause: unparsable ? { ...cause, code: 'unparsable_answer' } : cause };
}

/** Assumes that the answer took as long as the request. */
function readClock(session: VenueSession, clock: Clock): Promise<AccountInspection['clock']> {
  return ask(session, async () => {
    const startMs = clock.nowMs();
    const venueMs = Number(await session.client.fetchTime());
    if (!Number.isSafeInteger(venueMs) || venueMs <= 0) throw new UnparsableAnswerError('time', 'time', 'no time');
    return { aheadMs: Math.round((startMs + clock.nowMs()) / 2) - venueMs };
  });
}

async function readPermissions(
  session: VenueSession,
  venue: VenueId,
  apiKey: string,
): Promise<AccountInspection['permissions']> {
  const question = keyQuestionOf(venue);
  if (question === undefined) return { kind: 'untold', why: `${venue} has no question for it` };
  // Set where the venue answered, and not about this key. A page of something in front of it is no answer of the venue.
  let why: string | undefined;
  const answered = await ask(session, () =>
    permissionsOf(session.client, question, apiKey).catch((error: unknown) => {
      if (error instanceof UnparsableAnswerError) why = `${question.source}: ${error.message}`;
      throw error;
    }),
  );
  if (answered.kind === 'answered') return answered;
  const { code, message } = answered.cause;
  // ccxt's word for an endpoint that a test network lacks.
  if (code === 'not_supported') why = `${question.source} is not answered here: ${message}`;
  return why === undefined ? answered : { kind: 'untold', why };
}

async function permissionsOf(client: VenueClient, question: KeyQuestion, apiKey: string): Promise<KeyPermissions> {
  // ccxt makes these methods from the venue's list of endpoints, so no type knows them; a test knows that they are there.
  const methods = client as unknown as Record<string, (parameters?: object) => Promise<unknown>>;
  const found = await question.read(async (method, parameters) => methods[method]?.(parameters), apiKey);
  return { ...found, source: question.source };
}

async function readPositionMode(session: VenueSession): Promise<PositionMode> {
  const { client } = session;
  if (!offers(client, 'swap') && !offers(client, 'future')) return 'none';
  if (!offers(client, 'fetchPositionMode')) return 'unknown';
  const answered = await ask(session, async () =>
    new Fields('position mode', await client.fetchPositionMode()).optionalFlag('hedged'),
  );
  if (answered.kind === 'failed' || answered.value === undefined) return 'unknown';
  return answered.value ? 'hedge' : 'one_way';
}
