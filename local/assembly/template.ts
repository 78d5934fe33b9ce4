/** The parts of a CloudFormation template that the reader looks at, as they stand in JSON. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export interface TemplateResource {
  Type: string;
  Properties?: JsonObject;
  DependsOn?: string | string[];
  Condition?: string;
  Metadata?: JsonObject;
}

export interface Template {
  Parameters?: Record<string, { Type: string; Default?: Json }>;
  Conditions?: Record<string, Json>;
  Resources?: Record<string, TemplateResource>;
  Outputs?: Record<string, { Value: Json; Condition?: string; Export?: { Name: Json } }>;
}

export interface StackTemplate {
  /** Name of the stack in CloudFormation. */
  name: string;
  template: Template;
}

export interface IntrinsicCall {
  /** `Ref`, `Condition` or `Fn::…`. */
  name: string;
  argument: Json;
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The intrinsic function that an object stands for, if any. `{"Condition": …}` counts only where conditions are evaluated. */
export function intrinsicOf(value: Json): IntrinsicCall | undefined {
  if (!isObject(value)) return undefined;
  const keys = Object.keys(value);
  const name = keys[0];
  if (keys.length !== 1 || name === undefined) return undefined;
  return name === 'Ref' || name.startsWith('Fn::') ? { name, argument: value[name] ?? null } : undefined;
}
