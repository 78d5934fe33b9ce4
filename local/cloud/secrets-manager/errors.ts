/** Refusals of Secrets Manager, by the names the SDK knows. */

export type SecretsErrorName =
  | 'InvalidParameterException'
  | 'InvalidRequestException'
  | 'ResourceExistsException'
  | 'ResourceNotFoundException';

/** A refusal the caller is to see. Its message never holds a secret value. */
export class SecretsError extends Error {
  override readonly name: SecretsErrorName;

  constructor(name: SecretsErrorName, message: string) {
    super(message);
    this.name = name;
  }
}

export function secretNotFound(): SecretsError {
  return new SecretsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
}

export function versionNotFound(by: string): SecretsError {
  return new SecretsError(
    'ResourceNotFoundException',
    `Secrets Manager can't find the specified secret value for ${by}`,
  );
}

export function invalidParameter(message: string): SecretsError {
  return new SecretsError('InvalidParameterException', message);
}

export function invalidRequest(message: string): SecretsError {
  return new SecretsError('InvalidRequestException', message);
}

export function markedForDeletion(): SecretsError {
  return new SecretsError(
    'InvalidRequestException',
    "You can't perform this operation on the secret because it was marked for deletion.",
  );
}
