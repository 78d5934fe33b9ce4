/** The errors of the Lambda API, with the status and the exception name that AWS sends. */
export class LambdaError extends Error {
  override readonly name: string;
  /** HTTP status of the API's answer. */
  readonly status: number;
  /** The further fields of the API's error body. */
  readonly details: Readonly<Record<string, string>>;

  constructor(name: string, status: number, options: { message: string; details?: Record<string, string> }) {
    super(options.message);
    this.name = name;
    this.status = status;
    this.details = { Type: 'User', ...options.details };
  }
}

export function functionNotFound(arn: string): LambdaError {
  return new LambdaError('ResourceNotFoundException', 404, { message: `Function not found: ${arn}` });
}

export function tooManyRequests(): LambdaError {
  const details = { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' };
  return new LambdaError('TooManyRequestsException', 429, { message: 'Rate Exceeded.', details });
}

export function payloadTooLarge(bytes: number, bytesMax: number): LambdaError {
  const message = `${bytes} byte payload is too large for the invocation type (limit ${bytesMax} bytes)`;
  return new LambdaError('RequestTooLargeException', 413, { message });
}

export function invalidPayload(cause: string): LambdaError {
  const message = `Could not parse request body into json: ${cause}`;
  return new LambdaError('InvalidRequestContentException', 400, { message });
}

export function invalidClientContext(reason: string): LambdaError {
  const message = `Client context must be a valid Base64-encoded JSON object: ${reason}`;
  return new LambdaError('InvalidRequestContentException', 400, { message });
}

export function invalidParameter(message: string): LambdaError {
  return new LambdaError('InvalidParameterValueException', 400, { message });
}

/** The service is closing: like AWS's own 503, which its SDKs retry. */
export function serviceClosing(): LambdaError {
  return new LambdaError('ServiceException', 503, {
    message: 'The local Lambda is closing',
    details: { Type: 'Service' },
  });
}

/** The service itself failed at an invocation: AWS's own 500, which its SDKs retry. */
export function serviceFailed(cause: unknown): LambdaError {
  return new LambdaError('ServiceException', 500, {
    message: `The local Lambda could not hand over the invocation: ${cause instanceof Error ? cause.message : cause}`,
    details: { Type: 'Service' },
  });
}

/** Whether an invocation was refused because all concurrency is in use, so that trying later can succeed. */
export function isThrottled(error: unknown): boolean {
  return error instanceof LambdaError && error.status === 429;
}
