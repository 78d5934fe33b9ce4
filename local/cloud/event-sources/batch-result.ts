/** Which messages of a batch failed, from what the function returned. */

/**
 * AWS's rules for `ReportBatchItemFailures`: no answer, or one that names no failure, means that all succeeded; an
 * answer of another shape, or one that names an empty or unknown message, means that all failed
 * (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html).
 *
 * @param payload JSON text that the function returned
 * @param messageIds the whole batch
 */
export function failedMessages(payload: string, messageIds: ReadonlySet<string>): ReadonlySet<string> {
  const named = namedFailures(payload);
  return named?.every((id) => typeof id === 'string' && messageIds.has(id)) ? new Set(named as string[]) : messageIds;
}

/** The identifiers as they came, or undefined when the answer cannot be read. */
function namedFailures(payload: string): unknown[] | undefined {
  const answer = parse(payload);
  if (answer === null) return [];
  if (typeof answer !== 'object' || Array.isArray(answer)) return undefined;
  const { batchItemFailures: failures = null } = answer as { batchItemFailures?: unknown };
  if (failures === null) return [];
  return Array.isArray(failures) ? failures.map((failure) => failure?.itemIdentifier) : undefined;
}

function parse(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}
