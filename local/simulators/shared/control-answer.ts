/** Answers of the control calls. */
import { z } from 'zod';

export interface ControlAnswer {
  status: number;
  body: unknown;
}

export interface ControlInput {
  query: URLSearchParams;
  body: unknown;
}

/** An amount above or at zero in a control call. */
export const decimalText = z.string().regex(/^\d{1,20}(\.\d{1,8})?$/, 'must be a decimal string such as "0.5"');

export function ok(body: unknown): ControlAnswer {
  return { status: 200, body };
}

export function problem(status: number, issues: readonly { field: string; message: string }[]): ControlAnswer {
  const message = issues.map((issue) => `${issue.field}: ${issue.message}`).join('; ');
  return { status, body: { error: { code: status === 404 ? 'not_found' : 'invalid', message, issues } } };
}

export function issuesOf(error: z.ZodError): { field: string; message: string }[] {
  return error.issues.map(({ path, message }) => ({ field: path.join('.') || '(body)', message }));
}
