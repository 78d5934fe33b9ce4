import type { RawObject } from '../body.ts';
import type { FieldDialect } from './dialect.ts';

/** Nightdesk's own format (docs/signals.md): taken as it is, and whatever no other dialect claims. */
export const native: FieldDialect = {
  name: 'native',
  reads: 'fields',
  claims: (fields: RawObject) => {
    if (Object.hasOwn(fields, 'ticker')) return false;
    return isObject(fields.size) || Object.hasOwn(fields, 'target');
  },
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

const isObject = (value: unknown): boolean => value !== null && typeof value === 'object' && !Array.isArray(value);
