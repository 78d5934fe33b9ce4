/** Finds hosts of the real AWS in resolved values. A function that is given one would send orders' data out of this machine. */
import { isObject, type Json } from './template.ts';

/** Host names below AWS's own domains, such as `sqs.us-east-1.amazonaws.com`. */
const awsHost =
  /\b(?:[\w-]+\.)*(?:amazonaws\.com(?:\.cn)?|api\.aws|aws\.dev|on\.aws|aws\.amazon\.com|amazonaws-us-gov\.com)\b/i;

export interface FoundHost {
  /** Dotted path of the value inside the properties. */
  path: string;
  host: string;
}

export function findAwsHost(value: Json, path = ''): FoundHost | undefined {
  if (typeof value === 'string') {
    const host = awsHost.exec(value)?.[0];
    return host === undefined ? undefined : { path, host };
  }
  const entries = Array.isArray(value) ? [...value.entries()] : isObject(value) ? Object.entries(value) : [];
  for (const [key, item] of entries) {
    const found = findAwsHost(item, path === '' ? String(key) : `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
