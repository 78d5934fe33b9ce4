import type { RawObject } from '../body.ts';
import type { FieldDialect } from './dialect.ts';

/** Nightdesk's own format (docs/signals.md): taken as it is, and whatever no other dialect claims. */
export const native: FieldDialect = {
  name: 'native',
  reads: 'fields',
  claims: (fields: RawObject) => !Object.hasOwn(fields, 'ticker') && hasNativeMarks(fields),
  translate: (body) => {
    const { symbol } = body;
    // `{{ticker}}` of a perpetual's chart; a unified symbol says by itself what it is.
    const perpetual = typeof symbol === 'string' && symbol.endsWith('.P') && !symbol.includes('/');
    const common = { fieldNames: new Map<string, string>(), unknownKeys: [] };
    return perpetual
      ? { body: { ...body, symbol: symbol.slice(0, -2) }, kind: 'perpetual', ...common }
      : { body, ...common };
  },
};

/** A size with a unit, or a target: no other format has those, so what else is beside them is misspelt rather than another format. */
export const hasNativeMarks = (fields: RawObject): boolean => isObject(fields.size) || Object.hasOwn(fields, 'target');

const isObject = (value: unknown): boolean => value !== null && typeof value === 'object' && !Array.isArray(value);
