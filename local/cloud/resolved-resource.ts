/** A CloudFormation resource after every reference in it was resolved, and typed reading of its properties. */

/** One resource as the parts of the embedded cloud take it. */
export interface ResolvedResource {
  /** Name in the template, used in error messages. */
  readonly logicalId: string;
  /** CloudFormation type, e.g. `AWS::Scheduler::Schedule`. */
  readonly type: string;
  /** What `Ref` gives for this resource. */
  readonly physicalId: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Reads properties by name. Every method throws an Error that names the resource and the property that is wrong. */
export interface PropertyReader {
  text(name: string): string;
  optionalText(name: string): string | undefined;
  optionalNumber(name: string): number | undefined;
  optionalBoolean(name: string): boolean | undefined;
  optionalTexts(name: string): readonly string[] | undefined;
  optionalChild(name: string): PropertyReader | undefined;
}

/** Reads the properties of a resource; CloudFormation lets numbers and booleans arrive as strings. */
export function readProperties(resource: ResolvedResource): PropertyReader {
  return createReader(`${resource.type} ${resource.logicalId}`, resource.properties);
}

function createReader(owner: string, values: Readonly<Record<string, unknown>>): PropertyReader {
  function wrong(name: string, expected: string): Error {
    return new Error(`${owner}: property ${name} must be ${expected}`);
  }
  function optionalText(name: string): string | undefined {
    const value = values[name];
    if (value === undefined || typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw wrong(name, 'a string');
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
      if (text === undefined) return undefined;
      if (text !== 'true' && text !== 'false') throw wrong(name, 'true or false');
      return text === 'true';
    },
    optionalTexts(name) {
      const value = values[name];
      if (value === undefined) return undefined;
      if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
        throw wrong(name, 'a list of strings');
      }
      return value;
    },
    optionalChild(name) {
      const value = values[name];
      if (value === undefined) return undefined;
      if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(name, 'an object');
      return createReader(`${owner}.${name}`, value as Record<string, unknown>);
    },
  };
}
