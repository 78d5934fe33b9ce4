/** Reads the fields of a request that arrived as JSON, refusing those of another type by name. */
import { missingParameter, SqsError } from './errors.ts';

export type Input = Record<string, unknown>;

function wrongType(field: string, expected: string): SqsError {
  return new SqsError('SerializationException', `The field ${field} must be ${expected}.`);
}

export function objectOf(value: unknown, field: string): Input {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongType(field, 'an object');
  return value as Input;
}

export function optionalText(input: Input, field: string): string | undefined {
  const value = input[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw wrongType(field, 'a string');
  return value;
}

export function requiredText(input: Input, field: string): string {
  const value = optionalText(input, field);
  if (value === undefined || value === '') throw missingParameter(field);
  return value;
}

export function optionalInteger(input: Input, field: string): number | undefined {
  const value = input[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw wrongType(field, 'an integer');
  return value;
}

/** A list of strings; absent is empty. */
export function textList(input: Input, field: string): string[] {
  const value = input[field];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string'))
    throw wrongType(field, 'a list of strings');
  return value;
}

/** A map of strings; absent is empty. */
export function textMap(input: Input, field: string): Record<string, string> {
  const value = input[field];
  if (value === undefined || value === null) return {};
  const entries = Object.entries(objectOf(value, field));
  return Object.fromEntries(
    entries.map(([key, item]) => {
      if (typeof item !== 'string') throw wrongType(`${field}.${key}`, 'a string');
      return [key, item];
    }),
  );
}

/** A list of objects; absent is empty. */
export function objectList(input: Input, field: string): Input[] {
  const value = input[field];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrongType(field, 'a list');
  return value.map((item, index) => objectOf(item, `${field}[${index}]`));
}
