import type { SignalMessage } from '@nightdesk/core';

/** The body is no message of the signals queue. */
class DamagedMessageError extends Error {
  override readonly name = 'DamagedMessageError';

  constructor(field: string, wanted: string) {
    super(`a message of the signals queue is damaged: ${field} must be ${wanted}`);
  }
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Only `receive-signal` writes to the queue, and it checks all of a signal; this tells a damaged message from a whole one. By
 * hand, as loading zod for these few fields would delay every first order.
 *
 * @throws Error when the body is not a message of the signals queue; it then ends in the dead-letter queue to be looked at
 */
export function parseMessage(body: string): SignalMessage {
  const message = fieldsOf('the body', JSON.parse(body));
  const { account, leg, lane, tried } = message;
  requireText('account', account);
  requireCount('leg', leg);
  requireText('lane', lane);
  if (tried !== undefined) requireTexts('tried', tried);
  const signal = fieldsOf('signal', message.signal);
  for (const name of ['signalId', 'venue', 'symbol']) requireText(`signal.${name}`, signal[name]);
  requireCount('signal.expiresAtMs', signal.expiresAtMs);
  return { account, leg, lane, ...(tried !== undefined && { tried }), signal } as unknown as SignalMessage;
}

function fieldsOf(name: string, value: unknown): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new DamagedMessageError(name, 'an object');
}

function requireText(name: string, value: unknown): void {
  if (typeof value !== 'string') throw new DamagedMessageError(name, 'a text');
}

function requireTexts(name: string, value: unknown): void {
  if (!Array.isArray(value)) throw new DamagedMessageError(name, 'a list');
  for (const [index, each] of value.entries()) requireText(`${name}.${index}`, each);
}

function requireCount(name: string, value: unknown): void {
  if (!Number.isSafeInteger(value) || Number(value) < 0)
    throw new DamagedMessageError(name, 'a whole number, 0 or more');
}
