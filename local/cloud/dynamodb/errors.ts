/** Errors in the shape dynalite uses: an Error that carries the HTTP status and the body to answer with. */
import type { DynaliteError } from 'dynalite/db/index.js';
import dynalite from 'dynalite/db/index.js';

const modelNamespace = 'com.amazonaws.dynamodb.v20120810';
const serviceNamespace = 'com.amazon.coral.service';

export type ApiError = DynaliteError;

export function isApiError(error: unknown): error is ApiError {
  return error instanceof Error && 'statusCode' in error && 'body' in error;
}

/** The bare exception name of an error, e.g. `ConditionalCheckFailedException`. */
export function exceptionName(error: ApiError): string {
  return error.body.__type.slice(error.body.__type.indexOf('#') + 1);
}

function apiError(type: string, message: string, fields: Record<string, unknown> = {}): ApiError {
  return Object.assign(new Error(message), { statusCode: 400, body: { __type: type, message, ...fields } });
}

/** An exception of DynamoDB's own model, such as `ResourceNotFoundException`. */
export function modelError(name: string, message: string, fields?: Record<string, unknown>): ApiError {
  return apiError(`${modelNamespace}#${name}`, message, fields);
}

/** An exception of the protocol beneath the service, such as `SerializationException`. */
export function protocolError(name: string, message: string, statusCode = 400): ApiError {
  return Object.assign(apiError(`${serviceNamespace}#${name}`, message), { statusCode });
}

export function validationError(message: string): ApiError {
  return dynalite.validationError(message);
}

export function tableNotFound(message = 'Requested resource not found'): ApiError {
  return Object.assign(modelError('ResourceNotFoundException', message), { name: 'NotFoundError' });
}
