/** The rules shared by the batch operations: how many entries, their ids, and answers entry by entry. */
import { SqsError } from './errors.ts';
import { type Input, objectList, optionalText } from './input.ts';

export interface BatchEntry {
  id: string;
  input: Input;
}

export interface BatchFailure {
  Id: string;
  SenderFault: true;
  Code: string;
  Message: string;
}

const entriesMax = 10;

/** Reads `Entries` and checks count and ids. @throws SqsError for the request as a whole */
export function batchEntries(input: Input): BatchEntry[] {
  const inputs = objectList(input, 'Entries');
  if (inputs.length === 0) {
    throw new SqsError('EmptyBatchRequest', 'There should be at least one entry in the request: Entries is empty.');
  }
  if (inputs.length > entriesMax) {
    const message = `Maximum number of entries per request are ${entriesMax}. You have sent ${inputs.length}.`;
    throw new SqsError('TooManyEntriesInBatchRequest', message);
  }
  const entries = inputs.map((entry) => ({ id: optionalText(entry, 'Id') ?? '', input: entry }));
  const seen = new Set<string>();
  for (const { id } of entries) {
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(id)) {
      throw new SqsError(
        'InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      );
    }
    if (seen.has(id)) throw new SqsError('BatchEntryIdsNotDistinct', `Id ${id} repeated.`);
    seen.add(id);
  }
  return entries;
}

/** Runs `work` on each entry; what it refuses becomes a failed entry. */
export function runEntries<Entry extends { id: string }, Result>(
  entries: readonly Entry[],
  work: (entry: Entry) => Result,
): { done: { id: string; result: Result }[]; failed: BatchFailure[] } {
  const done: { id: string; result: Result }[] = [];
  const failed: BatchFailure[] = [];
  for (const entry of entries) {
    try {
      done.push({ id: entry.id, result: work(entry) });
    } catch (error) {
      if (!(error instanceof SqsError)) throw error;
      failed.push({ Id: entry.id, SenderFault: true, Code: error.queryCode, Message: error.message });
    }
  }
  return { done, failed };
}
