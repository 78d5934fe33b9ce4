/** Evaluates CloudFormation's intrinsic functions. What a name refers to is the caller's knowledge. */
import { intrinsicOf, isObject, type Json, type JsonObject } from './template.ts';

/** What `AWS::NoValue` evaluates to: the property or list element is left out. */
export const noValue = Symbol('AWS::NoValue');
export type Resolved = Json | typeof noValue;

/** How names are looked up. Every function throws an Error for a name it does not know. */
export interface References {
  /** A resource, a parameter or a pseudo-parameter. */
  ref(name: string): Resolved;
  attribute(logicalId: string, attribute: string): Json;
  importValue(exportName: string): Json;
  condition(name: string): boolean;
}

/**
 * Replaces every intrinsic function in a value.
 *
 * @throws Error when a function is not supported, malformed, or refers to something unknown.
 */
export function resolveValue(value: Json, references: References): Resolved {
  const call = intrinsicOf(value);
  if (call !== undefined) {
    const evaluate = Object.hasOwn(functions, call.name) ? functions[call.name] : undefined;
    if (evaluate === undefined) throw new Error(`the intrinsic function ${call.name} is not supported locally`);
    return evaluate(call.argument, references);
  }
  if (Array.isArray(value)) return value.map((item) => resolveValue(item, references)).filter(isPresent);
  if (isObject(value)) return resolveObject(value, references);
  if (typeof value === 'string' && value.includes('{{resolve:')) {
    throw new Error('dynamic references ({{resolve:…}}) are not supported locally');
  }
  return value;
}

/** Evaluates the expression of a template's condition. @throws Error as `resolveValue`. */
export function resolveCondition(expression: Json, references: References): boolean {
  const [name, argument] = (isObject(expression) && Object.entries(expression)[0]) || [];
  if (name === 'Condition' && typeof argument === 'string') return references.condition(argument);
  if (name === 'Fn::Equals') {
    const [left, right] = listOf(argument, 'Fn::Equals', 2).map((side) => resolveValue(side, references));
    return JSON.stringify(left) === JSON.stringify(right);
  }
  const operands = () => listOf(argument, String(name)).map((operand) => resolveCondition(operand, references));
  if (name === 'Fn::And') return operands().every(Boolean);
  if (name === 'Fn::Or') return operands().some(Boolean);
  if (name === 'Fn::Not') return !operands()[0];
  throw new Error(`the condition function ${name} is not supported locally`);
}

type IntrinsicFunction = (argument: Json, references: References) => Resolved;

const functions: Readonly<Record<string, IntrinsicFunction>> = {
  Ref: (argument, references) => references.ref(stringOf(argument, 'Ref')),
  'Fn::GetAtt': (argument, references) => references.attribute(...attributeName(argument)),
  'Fn::Sub': substitute,
  'Fn::Join': join,
  'Fn::Select': select,
  'Fn::Split': split,
  'Fn::If': (argument, references) => {
    const [condition, whenTrue, whenFalse] = listOf(argument, 'Fn::If', 3) as [Json, Json, Json];
    return resolveValue(references.condition(stringOf(condition, 'Fn::If')) ? whenTrue : whenFalse, references);
  },
  'Fn::ImportValue': (argument, references) =>
    references.importValue(stringOf(resolveValue(argument, references), 'Fn::ImportValue')),
};

function join(argument: Json, references: References): string {
  const [separator, items] = listOf(argument, 'Fn::Join', 2);
  const parts = listOf(present(resolveValue(items ?? null, references)), 'Fn::Join');
  return parts.map((part) => textOf(part, 'Fn::Join')).join(stringOf(separator, 'Fn::Join'));
}

function select(argument: Json, references: References): Json {
  const [position, items] = listOf(argument, 'Fn::Select', 2);
  const index = Number(resolveValue(position ?? null, references));
  const list = listOf(present(resolveValue(items ?? null, references)), 'Fn::Select');
  const item = list[index];
  if (item === undefined) throw new Error(`Fn::Select: there is no element ${index} in a list of ${list.length}`);
  return item;
}

function split(argument: Json, references: References): Json[] {
  const [separator, text] = listOf(argument, 'Fn::Split', 2);
  return stringOf(resolveValue(text ?? null, references), 'Fn::Split').split(stringOf(separator, 'Fn::Split'));
}

/** `${!Literal}` stays as `${Literal}`; a name with a dot is an attribute; a map gives further names. */
function substitute(argument: Json, references: References): string {
  const [text, variables] = Array.isArray(argument) ? listOf(argument, 'Fn::Sub', 2) : [argument, {}];
  const own = isObject(variables) ? variables : {};
  return stringOf(text, 'Fn::Sub').replace(subPlaceholder, (_match, literal: string | undefined, name: string) => {
    if (literal !== undefined) return `\${${name}}`;
    return textOf(lookUp(name.trim(), own, references), `Fn::Sub of \${${name}}`);
  });
}

/** Names inside the text of an `Fn::Sub`; the first group is set for `${!…}`, which stands for itself. */
export const subPlaceholder = /\$\{(!)?([^}]+)\}/g;

function lookUp(name: string, own: JsonObject, references: References): Resolved {
  const given = Object.hasOwn(own, name) ? own[name] : undefined;
  if (given !== undefined) return resolveValue(given, references);
  return name.includes('.') ? references.attribute(...attributeName(name)) : references.ref(name);
}

/** The two spellings of an attribute's name: `["Id", "Arn"]` and `"Id.Arn"`. */
export function attributeName(argument: Json): [logicalId: string, attribute: string] {
  const [logicalId, ...rest] = typeof argument === 'string' ? argument.split('.') : listOf(argument, 'Fn::GetAtt', 2);
  return [stringOf(logicalId, 'Fn::GetAtt'), rest.map((part) => stringOf(part, 'Fn::GetAtt')).join('.')];
}

function resolveObject(value: JsonObject, references: References): JsonObject {
  const broken = Object.keys(value).find((key) => key.startsWith('Fn::'));
  if (broken !== undefined) throw new Error(`${broken} stands beside other keys`);
  const resolved: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    const result = resolveValue(item, references);
    if (isPresent(result)) resolved[key] = result;
  }
  return resolved;
}

const isPresent = (value: Resolved): value is Json => value !== noValue;

function present(value: Resolved): Json {
  if (value === noValue) throw new Error('AWS::NoValue stands where a value is needed');
  return value;
}

function listOf(value: Json | undefined, where: string, length?: number): Json[] {
  if (Array.isArray(value) && (length === undefined || value.length === length)) return value;
  throw new Error(`${where} takes a list${length === undefined ? '' : ` of ${length}`}`);
}

function stringOf(value: Resolved | undefined, where: string): string {
  if (typeof value === 'string') return value;
  throw new Error(`${where} takes a string`);
}

function textOf(value: Resolved, where: string): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`${where} needs text`);
}
