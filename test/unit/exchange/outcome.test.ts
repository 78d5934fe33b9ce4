import { describe, expect, it } from 'vitest';
import { readFailure, readings } from '../../../layers/exchange/src/outcome.ts';
import { answerStatuses, NotSentError, VenueCall } from '../../../layers/exchange/src/venue-call.ts';
import errorHierarchy from '../../../node_modules/ccxt/js/src/base/errorHierarchy.js';

function namesIn(tree: object): string[] {
  return Object.entries(tree).flatMap(([name, below]) => [name, ...namesIn(below as object)]);
}

function errorNamed(name: string, message = 'binance {"code":-1,"msg":"no"}'): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}

/** An error as ccxt raises it from an answer of this status. */
function answered(error: Error, status: number): Error {
  answerStatuses.set(error, status);
  return error;
}

function callThatSent(sent: number, writesAnswered = 0): VenueCall {
  const call = new VenueCall(0);
  call.sent = sent;
  call.writesAnswered = writesAnswered;
  return call;
}

const reader = { secrets: [], wordings: [] };

describe('what an error of ccxt means for an order', () => {
  it('is written down for every class that ccxt has, and for no other', () => {
    expect(Object.keys(readings).sort()).toEqual(namesIn(errorHierarchy).sort());
  });

  it('is never a rejection for anything below OperationFailed but a refused clock', () => {
    const names = namesIn(errorHierarchy.BaseError.OperationFailed);
    const rejected = names.filter((name) => readings[name]?.meaning === 'rejected');
    expect(rejected).toEqual(['InvalidNonce']);
  });

  it.each(['InsufficientFunds', 'InvalidOrder', 'BadSymbol', 'AuthenticationError', 'PermissionDenied'])(
    'is a rejection for %s in an answer of the venue',
    (name) => {
      const failure = readFailure(answered(errorNamed(name), 400), callThatSent(1), reader);
      expect(failure.meaning).toBe('rejected');
    },
  );

  it('is unknown for the same error in a 5xx answer, whatever its body says', () => {
    const failure = readFailure(answered(errorNamed('InsufficientFunds'), 503), callThatSent(1), reader);
    expect(failure.meaning).toBe('unknown');
  });

  it('is unknown when a request that may have placed the order was answered before', () => {
    const failure = readFailure(answered(errorNamed('InvalidOrder'), 400), callThatSent(2, 1), reader);
    expect(failure.meaning).toBe('unknown');
  });

  it('is unknown when ccxt raises a rejection by itself after something was sent', () => {
    expect(readFailure(errorNamed('BadSymbol'), callThatSent(1), reader).meaning).toBe('unknown');
  });

  it('is a rejection when ccxt refuses by itself before anything was sent', () => {
    expect(readFailure(errorNamed('ArgumentsRequired'), callThatSent(0), reader).meaning).toBe('rejected');
  });

  it('is unknown for a defect before anything was sent', () => {
    const failure = readFailure(new TypeError('x is not a function'), callThatSent(0), reader);
    expect(failure).toMatchObject({ meaning: 'unknown', cause: { code: 'unexpected_error' } });
  });

  it.each(['not_sent', 'venue_blocked'] as const)(
    'is certain, as a rejection is, for a call that sent nothing: %s',
    (code) => {
      const failure = readFailure(new NotSentError('no turn', code), callThatSent(0), reader);
      expect(failure).toMatchObject({ meaning: 'rejected', cause: { code, message: 'not sent: no turn' } });
    },
  );

  it('is unknown for a request that was not sent after another of its call was', () => {
    const failure = readFailure(new NotSentError('no turn'), callThatSent(1), reader);
    expect(failure).toMatchObject({ meaning: 'unknown', cause: { code: 'not_sent' } });
  });

  it('is "we have it" where a venue says duplicate in a rejection that ccxt knows as something else', () => {
    const error = errorNamed('InvalidOrder', 'binance {"code":-2010,"msg":"Duplicate order sent."}');
    const failure = readFailure(answered(error, 400), callThatSent(1), reader);
    expect(failure).toMatchObject({ meaning: 'duplicate', cause: { code: 'duplicate_order_id' } });
  });

  it('is unknown for what was thrown and is no error', () => {
    expect(readFailure('boom', callThatSent(1), reader)).toMatchObject({
      meaning: 'unknown',
      cause: { message: 'boom' },
    });
  });
});
