/** Refusals of the AppConfig data API, with the details the SDK passes on. */

export type TokenProblem = 'Corrupted' | 'Expired' | 'PollIntervalNotSatisfied';

/** A refusal the caller is to see. */
export class AppConfigError extends Error {
  override readonly name: 'BadRequestException' | 'ResourceNotFoundException';
  /** HTTP status. */
  readonly status: number;
  /** Further members of the answer, as the service model names them. */
  readonly details: object;

  constructor(name: AppConfigError['name'], message: string, details: object = {}) {
    super(message);
    this.name = name;
    this.status = name === 'BadRequestException' ? 400 : 404;
    this.details = details;
  }
}

export function badRequest(message: string): AppConfigError {
  return new AppConfigError('BadRequestException', message);
}

export function badToken(problem: TokenProblem, message: string): AppConfigError {
  const InvalidParameters = { ConfigurationToken: { Problem: problem } };
  return new AppConfigError('BadRequestException', message, {
    Reason: 'InvalidParameters',
    Details: { InvalidParameters },
  });
}

export function notFound(resourceType: string, identifier: string): AppConfigError {
  const message = `${resourceType} "${identifier}" was not found`;
  return new AppConfigError('ResourceNotFoundException', message, { ResourceType: resourceType });
}
