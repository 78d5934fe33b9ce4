/** The names of streams, which templates refer to before there is a stream. */
import { localPlace } from '../../../assembly/pseudo-parameters.ts';

/**
 * The label of streams that a template asks for. AWS makes it of the time at which the stream was switched on; here a
 * template's references are resolved before its tables are made, and must give the same at every start.
 */
export const templateStreamLabel = '2026-01-01T00:00:00.000';

/** What `Fn::GetAtt` gives for `StreamArn`. */
export function templateStreamArn(tableName: string): string {
  const { partition, region, accountId } = localPlace;
  return `arn:${partition}:dynamodb:${region}:${accountId}:table/${tableName}/stream/${templateStreamLabel}`;
}

/** A label for a stream that a request asks for. */
export function labelAt(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(0, -1);
}

const arnPattern = /^arn:[^:]+:dynamodb:[^:]*:[^:]*:table\/([^/]+)\/stream\/.+$/;

/** @returns undefined for text that is no ARN of a stream. */
export function tableNameOfStream(arn: string): string | undefined {
  return arnPattern.exec(arn)?.[1];
}
