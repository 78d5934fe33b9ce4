/**
 * Filter patterns of event-source mappings, as far as they are emulated
 * (https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html): a pattern names fields of the record, each
 * with a list of rules of which one has to hold. A rule is a value to equal, or one of `exists`, `prefix`, `anything-but`.
 */

type Test = (event: unknown) => boolean;

/** Looks at the values a field has: none, its own, or the members of its list. */
type Rule = (values: readonly unknown[]) => boolean;

const patternCharactersMax = 4_096;

/** @param pattern JSON text @throws Error saying what AWS, or this emulation, does not take. */
export function compileFilter(pattern: string): Test {
  if (pattern.length > patternCharactersMax) throw new Error(`it is longer than ${patternCharactersMax} characters`);
  const parsed = parse(pattern);
  if (!isObject(parsed)) throw new Error('it is not a JSON object');
  return compileFields(parsed, '');
}

function parse(pattern: string): unknown {
  try {
    return JSON.parse(pattern);
  } catch {
    throw new Error('it is not JSON');
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function compileFields(pattern: Record<string, unknown>, path: string): Test {
  const tests = Object.entries(pattern).map(([name, wanted]) => {
    const fieldPath = path === '' ? name : `${path}.${name}`;
    if (name.startsWith('$')) throw new Error(`${fieldPath} is not emulated`);
    const test = compileField(wanted, fieldPath);
    return (event: unknown) => test(isObject(event) && Object.hasOwn(event, name) ? event[name] : undefined);
  });
  if (tests.length === 0) throw new Error(`${path || 'it'} names no field`);
  return (event) => tests.every((test) => test(event));
}

function compileField(wanted: unknown, path: string): Test {
  if (isObject(wanted)) {
    const test = compileFields(wanted, path);
    return (value) => (Array.isArray(value) ? value.some(test) : test(value));
  }
  if (!Array.isArray(wanted)) throw new Error(`${path} must be an object or a list of rules`);
  if (wanted.length === 0) throw new Error(`${path} has no rule`);
  const rules = wanted.map((rule) => compileRule(rule, path));
  return (value) => {
    const values = valuesOf(value);
    return rules.some((rule) => rule(values));
  };
}

/** Rules look at plain values only; to them a field that holds fields is as good as absent. */
function valuesOf(value: unknown): unknown[] {
  const all = Array.isArray(value) ? value : [value];
  return all.filter((one) => one !== undefined && !isObject(one));
}

const isPlain = (value: unknown): boolean => value === null || ['string', 'number', 'boolean'].includes(typeof value);

function compileRule(rule: unknown, path: string): Rule {
  if (isPlain(rule)) return (values) => values.includes(rule);
  const [entry, ...others] = isObject(rule) ? Object.entries(rule) : [];
  if (entry === undefined || others.length > 0) throw new Error(`${path}: a rule is a value or has one name`);
  const [name, operand] = entry;
  const compile = Object.hasOwn(ruleKinds, name) ? ruleKinds[name] : undefined;
  if (compile === undefined) throw new Error(`${path}: the rule ${name} is not emulated`);
  return compile(operand, path);
}

const ruleKinds: Readonly<Record<string, (operand: unknown, path: string) => Rule>> = {
  exists(operand, path) {
    if (typeof operand !== 'boolean') throw new Error(`${path}: exists must be true or false`);
    return (values) => values.length > 0 === operand;
  },
  prefix(operand, path) {
    if (typeof operand !== 'string') throw new Error(`${path}: prefix must be a string`);
    return (values) => values.some((value) => typeof value === 'string' && value.startsWith(operand));
  },
  'anything-but'(operand, path) {
    const excluded = Array.isArray(operand) ? operand : [operand];
    const isOdd = excluded.length === 0 || excluded.some((value) => !['string', 'number'].includes(typeof value));
    if (isOdd) throw new Error(`${path}: anything-but is emulated for strings and numbers only`);
    return (values) => values.some((value) => !excluded.includes(value));
  },
};
