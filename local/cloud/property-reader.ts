/** Typed reading of objects that came from outside: template properties and request bodies. */

/** A property that is missing or of the wrong type. The message names its owner and what it must be, not its value. */
export class PropertyError extends Error {
  override readonly name = 'PropertyError';
}

/** Reads properties by name. Every method throws `PropertyError` for a value of the wrong type. */
export interface PropertyReader {
  text(name: string): string;
  optionalText(name: string): string | undefined;
  optionalNumber(name: string): number | undefined;
  optionalBoolean(name: string): boolean | undefined;
  optionalTexts(name: string): readonly string[] | undefined;
  optionalChild(name: string): PropertyReader | undefined;
  optionalChildren(name: string): readonly PropertyReader[] | undefined;
}

/**
 * Numbers and booleans may also be strings, as CloudFormation allows; a property that is `null` counts as absent.
 * @param owner what error messages call the object
 */
export function createPropertyReader(owner: string, values: Readonly<Record<string, unknown>>): PropertyReader {
  function wrong(name: string, expected: string): PropertyError {
    return new PropertyError(`${owner}: property ${name} must be ${expected}`);
  }

  function optionalText(name: string): string | undefined {
    const value = values[name] ?? undefined;
    if (value === undefined || typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw wrong(name, 'a string');
  }

  function optionalList(name: string): readonly unknown[] | undefined {
    const value = values[name] ?? undefined;
    if (value === undefined || Array.isArray(value)) return value;
    throw wrong(name, 'a list');
  }

  function child(name: string, value: unknown): PropertyReader {
    if (!isObject(value)) throw wrong(name, 'an object');
    return createPropertyReader(`${owner}.${name}`, value);
  }

  return {
    optionalText,
    text(name) {
      const value = optionalText(name);
      if (value === undefined) throw wrong(name, 'a string, but it is missing');
      return value;
    },
    optionalNumber(name) {
      const text = optionalText(name);
      if (text === undefined) return undefined;
      const value = Number(text);
      if (text.trim() === '' || !Number.isFinite(value)) throw wrong(name, 'a number');
      return value;
    },
    optionalBoolean(name) {
      const text = optionalText(name);
      if (text !== undefined && text !== 'true' && text !== 'false') throw wrong(name, 'true or false');
      return text === undefined ? undefined : text === 'true';
    },
    optionalTexts: (name) =>
      optionalList(name)?.map((item) => {
        if (typeof item !== 'string') throw wrong(name, 'a list of strings');
        return item;
      }),
    optionalChild: (name) => (values[name] == null ? undefined : child(name, values[name])),
    optionalChildren: (name) => optionalList(name)?.map((item) => child(name, item)),
  };
}

/**
 * Reads a JSON request body; an empty one counts as `{}`.
 * @throws PropertyError when it is not a JSON object.
 */
export function readJsonObject(owner: string, body: string): PropertyReader {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body === '' ? '{}' : body);
  } catch {
    throw new PropertyError(`${owner}: the body is not JSON`);
  }
  if (!isObject(parsed)) throw new PropertyError(`${owner}: the body must be a JSON object`);
  return createPropertyReader(owner, parsed);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
