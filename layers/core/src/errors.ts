/** Errors that Nightdesk raises on purpose. Expected results are unions instead; these are for what stops the work. */

/** One thing wrong with an input: where, and what to do about it. */
export interface Issue {
  /** Dotted path of the field, e.g. `size.base`; empty for the whole body. */
  path: string;
  message: string;
}

/** Codes of the HTTP contract; each belongs to one status. */
export const errorStatuses = {
  invalid_json: 400,
  invalid_signal: 400,
  invalid_request: 400,
  unsupported: 400,
  not_authenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  unreplaced_placeholder: 422,
  stale_signal: 422,
  low_confidence: 422,
  too_many_requests: 429,
  internal: 500,
  unavailable: 503,
} as const;
export type ErrorCode = keyof typeof errorStatuses;

/** A request that is answered with an error: `{"error":{"code","message","issues?"}}` and the code's status. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly code: ErrorCode;
  readonly issues: readonly Issue[];

  constructor(code: ErrorCode, message: string, issues: readonly Issue[] = []) {
    super(message);
    this.code = code;
    this.issues = issues;
  }

  get status(): number {
    return errorStatuses[this.code];
  }
}

/** A venue did not answer a question about public data, or answered something that makes no sense. */
export class VenueError extends Error {
  override readonly name = 'VenueError';
  readonly venue: string;
  /** Stable word for what went wrong, as in a `Cause`; absent where the answer itself was the trouble. */
  readonly code: string | undefined;

  constructor(venue: string, message: string, { code, ...options }: ErrorOptions & { code?: string } = {}) {
    super(`${venue}: ${message}`, options);
    this.venue = venue;
    this.code = code;
  }
}

/** A secret is missing, unreadable or not of the form it must have. Names the secret, never its value. */
export class SecretUnavailableError extends Error {
  override readonly name = 'SecretUnavailableError';
  readonly secretName: string;
  /** It could not be read just now. Otherwise somebody has to put another value there first. */
  readonly temporary: boolean;

  constructor(secretName: string, reason: string, { temporary = false }: { temporary?: boolean } = {}) {
    super(`secret ${secretName}: ${reason}`);
    this.secretName = secretName;
    this.temporary = temporary;
  }
}

/** Somebody else changed the row first; read it again and decide again. */
export class VersionConflictError extends Error {
  override readonly name = 'VersionConflictError';

  constructor(what: string) {
    super(`${what} was changed by someone else in the meantime`);
  }
}

/** One thing wrong with the configuration, and where in which file, where that is known: `config/accounts.yaml:4:3`. */
export interface ConfigurationIssue extends Issue {
  at?: string;
}

/** The desk's configuration is not usable. Each issue names the path, and the place in a file where there is one. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly issues: readonly ConfigurationIssue[];

  constructor(message: string, issues: readonly ConfigurationIssue[] = []) {
    super([message, ...issues.map((issue) => `  ${describe(issue)}`)].join('\n'));
    this.issues = issues;
  }
}

const describe = ({ at, path, message }: ConfigurationIssue): string =>
  `${[at, path].filter(Boolean).join(' ')}: ${message}`;
