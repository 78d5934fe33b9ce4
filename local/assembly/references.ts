/** Which names a value refers to, found without evaluating it. */
import { attributeName, subPlaceholder } from './intrinsics.ts';
import { intrinsicOf, isObject, type Json } from './template.ts';

/** A name that a value needs: something of its own stack, or an export of another. */
export type Need = { kind: 'name'; name: string } | { kind: 'import'; exportName: Json };

/**
 * Lists what a value refers to. Of an `Fn::If` only the branch taken counts, as the other may name resources that the
 * condition leaves out.
 */
export function needsOf(value: Json, condition: (name: string) => boolean): Need[] {
  const call = intrinsicOf(value);
  if (call !== undefined) return needsOfCall(call.name, call.argument, condition);
  if (Array.isArray(value)) return value.flatMap((item) => needsOf(item, condition));
  if (isObject(value)) return Object.values(value).flatMap((item) => needsOf(item, condition));
  return [];
}

function needsOfCall(name: string, argument: Json, condition: (name: string) => boolean): Need[] {
  switch (name) {
    case 'Ref':
      return typeof argument === 'string' ? [{ kind: 'name', name: argument }] : [];
    case 'Fn::GetAtt':
      return [{ kind: 'name', name: attributeName(argument)[0] }];
    case 'Fn::ImportValue':
      return [{ kind: 'import', exportName: argument }];
    case 'Fn::Sub':
      return needsOfSub(argument, condition);
    case 'Fn::If': {
      if (!Array.isArray(argument) || typeof argument[0] !== 'string') return [];
      return needsOf((condition(argument[0]) ? argument[1] : argument[2]) ?? null, condition);
    }
    default:
      return needsOf(argument, condition);
  }
}

function needsOfSub(argument: Json, condition: (name: string) => boolean): Need[] {
  const [text, variables] = Array.isArray(argument) ? argument : [argument];
  const own = isObject(variables) ? variables : {};
  const placeholders = typeof text === 'string' ? [...text.matchAll(subPlaceholder)] : [];
  const names = placeholders.filter(([, literal]) => literal === undefined).map(([, , name = '']) => name.trim());
  const outside = names.filter((name) => !Object.hasOwn(own, name));
  return [
    ...outside.map((name): Need => ({ kind: 'name', name: name.split('.')[0] ?? name })),
    ...Object.values(own).flatMap((item) => needsOf(item, condition)),
  ];
}
