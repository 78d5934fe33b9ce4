/** Redrive: background tasks that move the messages of a dead-letter queue back to where they came from, or elsewhere. */
import { randomUUID } from 'node:crypto';
import type { CloudClock } from '../clock.ts';
import type { Database } from './database.ts';
import { invalidParameter, invalidValue, SqsError } from './errors.ts';
import type { MessageRow, MessageStore } from './messages.ts';
import type { Queue, QueueRegistry } from './queues.ts';

type MoveStatus = 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'FAILED';

interface TaskRow {
  id: number;
  sourceArn: string;
  destinationArn: string | null;
  perSecondMax: number | null;
  startedMs: number;
  status: MoveStatus;
  moved: number;
  toMove: number;
  failure: string | null;
}

/** A move task in the shape `ListMessageMoveTasks` answers with. */
export interface MoveTask {
  TaskHandle?: string;
  Status: MoveStatus;
  SourceArn: string;
  DestinationArn?: string;
  MaxNumberOfMessagesPerSecond?: number;
  ApproximateNumberOfMessagesMoved: number;
  ApproximateNumberOfMessagesToMove: number;
  FailureReason?: string;
  StartedTimestamp: number;
}

export interface MoveTaskOptions {
  database: Database;
  messages: MessageStore;
  queues: QueueRegistry;
  clock: CloudClock;
  onMoved: (queueIds: Iterable<number>) => void;
}

const stepMs = 1000;
const perSecondLimit = 500;
const resultsMax = 10;

const columns = `id, source_arn AS sourceArn, destination_arn AS destinationArn, per_second_max AS perSecondMax,
  started_ms AS startedMs, status, moved, to_move AS toMove, failure`;

function formatHandle({ id, sourceArn }: TaskRow): string {
  return Buffer.from(JSON.stringify({ taskId: id, sourceArn })).toString('base64');
}

function parseHandle(handle: string): { taskId: number; sourceArn: string } {
  try {
    const { taskId, sourceArn } = JSON.parse(Buffer.from(handle, 'base64').toString());
    if (Number.isSafeInteger(taskId) && typeof sourceArn === 'string') return { taskId, sourceArn };
  } catch {
    // Not one of ours: the same answer as for a handle with other fields.
  }
  throw invalidParameter('Value for parameter TaskHandle is invalid.');
}

function resourceNotFound(parameter: string): SqsError {
  return new SqsError(
    'ResourceNotFoundException',
    `The resource that you specified for the ${parameter} parameter doesn't exist.`,
  );
}

function describe(task: TaskRow): MoveTask {
  return {
    ...(task.status === 'RUNNING' ? { TaskHandle: formatHandle(task) } : {}),
    Status: task.status,
    SourceArn: task.sourceArn,
    ...(task.destinationArn === null ? {} : { DestinationArn: task.destinationArn }),
    ...(task.perSecondMax === null ? {} : { MaxNumberOfMessagesPerSecond: task.perSecondMax }),
    ApproximateNumberOfMessagesMoved: task.moved,
    ApproximateNumberOfMessagesToMove: task.toMove,
    ...(task.failure === null ? {} : { FailureReason: task.failure }),
    StartedTimestamp: task.startedMs,
  };
}

export function createMoveTasks({ database, messages, queues, clock, onMoved }: MoveTaskOptions) {
  const insert = database.statement(
    `INSERT INTO move_tasks (source_arn, destination_arn, per_second_max, started_ms, status, to_move)
     VALUES (?, ?, ?, ?, 'RUNNING', ?)`,
  );
  const find = database.statement<TaskRow>(`SELECT ${columns} FROM move_tasks WHERE id = ? AND source_arn = ?`);
  const list = database.statement<TaskRow>(
    `SELECT ${columns} FROM move_tasks WHERE source_arn = ? ORDER BY id DESC LIMIT ?`,
  );
  const running = database.statement<TaskRow>(`SELECT ${columns} FROM move_tasks WHERE status = 'RUNNING'`);
  const addMoved = database.statement('UPDATE move_tasks SET moved = moved + ? WHERE id = ?');
  const finish = database.statement('UPDATE move_tasks SET status = ?, failure = ? WHERE id = ?');
  const timers = new Map<number, () => void>();

  /** A redriven message is a new one: new id, age and receive counts (SQS Developer Guide, "DLQ redrive"). */
  function move(source: Queue, row: MessageRow, { target, nowMs }: { target: Queue; nowMs: number }): void {
    messages.remove(source, row);
    const visibleMs = nowMs + target.settings.delayMs;
    messages.insert(target, { ...row, messageId: randomUUID(), sentMs: nowMs, visibleMs });
  }

  function destinationOf(task: TaskRow, row: MessageRow): Queue | undefined {
    const arn = task.destinationArn ?? row.sourceArn;
    return arn === null ? undefined : queues.byArn(arn);
  }

  /** Moves one second's worth. @returns the queues that got messages, and how the task ended if it did */
  function step(
    task: TaskRow,
    source: Queue,
  ): { reached: Set<number>; end?: { status: MoveStatus; failure: string | null } } {
    const nowMs = clock.nowMs();
    const reached = new Set<number>();
    const perSecondMax = task.perSecondMax ?? perSecondLimit;
    const rows = messages.ready(source, nowMs, perSecondMax);
    for (const row of rows) {
      const target = destinationOf(task, row);
      if (target === undefined)
        return { reached, end: { status: 'FAILED', failure: 'CouldNotDetermineMessageSource' } };
      move(source, row, { target, nowMs });
      addMoved.run(1, task.id);
      reached.add(target.id);
    }
    const drained = messages.ready(source, nowMs, 1).length === 0;
    return drained ? { reached, end: { status: 'COMPLETED', failure: null } } : { reached };
  }

  function run(task: TaskRow): void {
    timers.delete(task.id);
    const source = queues.byArn(task.sourceArn);
    const { reached, end } = database.transaction(() => {
      const result = source
        ? step(task, source)
        : { reached: [], end: { status: 'FAILED' as const, failure: 'AWS.SimpleQueueService.NonExistentQueue' } };
      if (result.end) finish.run(result.end.status, result.end.failure, task.id);
      return result;
    });
    onMoved(reached);
    if (end === undefined) schedule(task, stepMs);
  }

  function schedule(task: TaskRow, delayMs: number): void {
    timers.set(
      task.id,
      clock.after(delayMs, () => run(task)),
    );
  }

  function sourceQueue(sourceArn: string): Queue {
    const source = queues.byArn(sourceArn);
    if (source === undefined) throw resourceNotFound('SourceArn');
    return source;
  }

  for (const task of running.all()) schedule(task, 0);

  return {
    /** @returns the task's handle. @throws SqsError unless the source is a dead-letter queue without a running task */
    start(request: {
      sourceArn: string;
      destinationArn: string | undefined;
      perSecondMax: number | undefined;
    }): string {
      const { sourceArn, destinationArn, perSecondMax } = request;
      const source = sourceQueue(sourceArn);
      if (queues.sourcesOf(source).length === 0) {
        throw invalidParameter('Source queue must be configured as a Dead Letter Queue.');
      }
      const destination = destinationArn === undefined ? undefined : queues.byArn(destinationArn);
      if (destinationArn !== undefined && destination === undefined) throw resourceNotFound('DestinationArn');
      if (destination && (destination.fifo !== source.fifo || destination === source)) {
        throw invalidValue(
          destinationArn,
          'DestinationArn',
          'It must be another queue of the same type as the source.',
        );
      }
      if (perSecondMax !== undefined && (perSecondMax < 1 || perSecondMax > perSecondLimit)) {
        throw invalidValue(perSecondMax, 'MaxNumberOfMessagesPerSecond', `Must be between 1 and ${perSecondLimit}.`);
      }
      if (list.get(sourceArn, 1)?.status === 'RUNNING') {
        throw invalidParameter(
          'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
        );
      }
      const nowMs = clock.nowMs();
      const toMove = messages.depth(source, nowMs).visible;
      const { insertedId } = insert.run(sourceArn, destinationArn ?? null, perSecondMax ?? null, nowMs, toMove);
      const task = find.get(insertedId, sourceArn);
      if (task === undefined) throw new Error(`move task ${insertedId} of ${sourceArn} was not stored`);
      schedule(task, 0);
      return formatHandle(task);
    },

    /** The latest tasks of a source queue, newest first. */
    list(sourceArn: string, countMax: number): MoveTask[] {
      if (countMax < 1 || countMax > resultsMax) {
        throw invalidValue(countMax, 'MaxResults', `Must be between 1 and ${resultsMax}, if provided.`);
      }
      sourceQueue(sourceArn);
      return list.all(sourceArn, countMax).map(describe);
    },

    /** Stops a running task; what it moved stays moved. @returns how many messages that is */
    cancel(handle: string): number {
      const { taskId, sourceArn } = parseHandle(handle);
      sourceQueue(sourceArn);
      const task = find.get(taskId, sourceArn);
      if (task === undefined) throw new SqsError('ResourceNotFoundException', 'Task does not exist.');
      if (task.status !== 'RUNNING') {
        throw new SqsError('UnsupportedOperation', `Only a running task can be cancelled; this one is ${task.status}.`);
      }
      timers.get(taskId)?.();
      timers.delete(taskId);
      finish.run('CANCELLED', null, taskId);
      return task.moved;
    },

    close(): void {
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}
