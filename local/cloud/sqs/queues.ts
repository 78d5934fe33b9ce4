/** The queues themselves: names, addresses, attributes and tags. Kept in memory, written through to the database. */
import type { CloudClock } from '../clock.ts';
import type { Database } from './database.ts';
import { invalidParameter, queueDoesNotExist, SqsError } from './errors.ts';
import {
  checkAttributes,
  checkHighThroughput,
  merge,
  type QueueAttributes,
  type QueueSettings,
  settingsOf,
  withDefaults,
} from './queue-attributes.ts';
import { checkRedriveTarget } from './redrive-policy.ts';

/** A queue as the rest of the embedded cloud sees it. Its fields change when its attributes do. */
export interface Queue {
  readonly id: number;
  readonly name: string;
  readonly arn: string;
  readonly fifo: boolean;
  readonly createdMs: number;
  attributes: QueueAttributes;
  settings: QueueSettings;
  tags: Record<string, string>;
  modifiedMs: number;
  purgedMs: number | undefined;
}

interface QueueRow {
  id: number;
  name: string;
  attributes: string;
  tags: string;
  createdMs: number;
  modifiedMs: number;
  purgedMs: number | null;
}

export interface QueueRegistryOptions {
  database: Database;
  clock: CloudClock;
  origin: () => string;
  region: string;
  accountId: string;
}

export interface NewQueue {
  name: string;
  attributes: QueueAttributes;
  tags: Record<string, string>;
}

const nameLengthMax = 80;
const recreateWaitMs = 60_000;
const purgeIntervalMs = 60_000;

function checkName(name: string, fifo: boolean): void {
  const stem = name.endsWith('.fifo') ? name.slice(0, -'.fifo'.length) : name;
  const wellFormed = /^[A-Za-z0-9_-]+$/.test(stem) && name.length <= nameLengthMax;
  if (fifo && !(wellFormed && name.endsWith('.fifo'))) {
    throw invalidParameter(
      `The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to ${nameLengthMax} in length.`,
    );
  }
  if (!fifo && !(wellFormed && stem === name)) {
    throw invalidParameter(
      `Can only include alphanumeric characters, hyphens, or underscores. 1 to ${nameLengthMax} in length. A name ending in .fifo needs the attribute FifoQueue=true.`,
    );
  }
}

function prepare(database: Database) {
  return {
    stored: database.statement<QueueRow>(
      `SELECT id, name, attributes, tags, created_ms AS createdMs, modified_ms AS modifiedMs, purged_ms AS purgedMs
       FROM queues`,
    ),
    insert: database.statement(
      'INSERT INTO queues (name, attributes, tags, created_ms, modified_ms) VALUES (?, ?, ?, ?, ?)',
    ),
    update: database.statement(
      'UPDATE queues SET attributes = ?, tags = ?, modified_ms = ?, purged_ms = ? WHERE id = ?',
    ),
    remove: database.statement('DELETE FROM queues WHERE id = ?'),
    rememberDeleted: database.statement('INSERT OR REPLACE INTO deleted_queues (name, deleted_ms) VALUES (?, ?)'),
    deletedSince: database.statement<{ name: string }>(
      'SELECT name FROM deleted_queues WHERE name = ? AND deleted_ms > ?',
    ),
  };
}

/** Finds queues by name, ARN and URL, and changes them. */
export class QueueRegistry {
  readonly #options: QueueRegistryOptions;
  readonly #sql: ReturnType<typeof prepare>;
  readonly #byName = new Map<string, Queue>();
  readonly #byId = new Map<number, Queue>();

  constructor(options: QueueRegistryOptions) {
    this.#options = options;
    this.#sql = prepare(options.database);
    for (const row of this.#sql.stored.all()) this.#add(row);
  }

  byName(name: string): Queue | undefined {
    return this.#byName.get(name);
  }

  byId(id: number): Queue | undefined {
    return this.#byId.get(id);
  }

  byArn(arn: string): Queue | undefined {
    const queue = this.#byName.get(arn.slice(arn.lastIndexOf(':') + 1));
    return queue?.arn === arn ? queue : undefined;
  }

  /** @throws SqsError QueueDoesNotExist when the queue was deleted since it was looked up */
  requireLive(queue: Queue): void {
    if (!this.#byId.has(queue.id)) throw queueDoesNotExist();
  }

  /** Every queue, by name. */
  all(): Queue[] {
    return [...this.#byName.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  urlOf(queue: Queue): string {
    return `${this.#options.origin()}/${this.#options.accountId}/${queue.name}`;
  }

  /** Any origin will do, since the port may differ from the one a stored URL was made with. @throws SqsError */
  byUrl(url: string): Queue {
    const path = URL.canParse(url) ? /^\/(\d{12})\/([^/]+)\/?$/.exec(new URL(url).pathname) : null;
    if (path === null) throw new SqsError('InvalidAddress', `The address ${url} is not valid for this endpoint.`);
    const queue = path[1] === this.#options.accountId ? this.#byName.get(path[2] ?? '') : undefined;
    if (queue === undefined) throw queueDoesNotExist();
    return queue;
  }

  /** CreateQueue: an equal queue is returned as it is. @throws SqsError QueueNameExists when an attribute differs */
  createOrMatch(definition: NewQueue): Queue {
    const existing = this.#byName.get(definition.name);
    if (existing !== undefined) {
      checkAttributes(definition.attributes, existing.fifo);
      for (const [name, value] of Object.entries(definition.attributes)) {
        if ((existing.attributes[name] ?? '') !== value) {
          const message = `A queue already exists with the same name and a different value for attribute ${name}`;
          throw new SqsError('QueueNameExists', message);
        }
      }
      return existing;
    }
    if (this.#sql.deletedSince.get(definition.name, this.#options.clock.nowMs() - recreateWaitMs) !== undefined) {
      const message =
        'You must wait 60 seconds after deleting a queue before you can create another with the same name.';
      throw new SqsError('QueueDeletedRecently', message);
    }
    return this.#create(definition);
  }

  /** Brings a queue to exactly this definition, creating it when it is absent; messages stay. */
  ensure(definition: NewQueue): Queue {
    const existing = this.#byName.get(definition.name);
    if (existing === undefined) return this.#create(definition);
    const attributes = this.#completeAttributes(definition);
    this.#save(existing, { attributes, tags: definition.tags, modifiedMs: this.#options.clock.nowMs() });
    return existing;
  }

  setAttributes(queue: Queue, changes: QueueAttributes): void {
    checkAttributes(changes, queue.fifo);
    const attributes = merge(queue.attributes, changes);
    checkHighThroughput(attributes);
    this.#checkRedrive(queue, attributes);
    this.#save(queue, { attributes, modifiedMs: this.#options.clock.nowMs() });
  }

  setTags(queue: Queue, tags: Record<string, string>): void {
    this.#save(queue, { tags });
  }

  /** Marks a purge. @throws SqsError PurgeQueueInProgress within 60 s of the one before */
  startPurge(queue: Queue): void {
    const nowMs = this.#options.clock.nowMs();
    if (queue.purgedMs !== undefined && nowMs - queue.purgedMs < purgeIntervalMs) {
      const message = `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`;
      throw new SqsError('PurgeQueueInProgress', message);
    }
    this.#save(queue, { purgedMs: nowMs });
  }

  delete(queue: Queue): void {
    this.#options.database.transaction(() => {
      this.#sql.remove.run(queue.id);
      this.#sql.rememberDeleted.run(queue.name, this.#options.clock.nowMs());
    });
    this.#byName.delete(queue.name);
    this.#byId.delete(queue.id);
  }

  /** Queues whose dead-letter queue is `target`. */
  sourcesOf(target: Queue): Queue[] {
    return [...this.#byName.values()].filter((queue) => queue.settings.redrive?.targetArn === target.arn);
  }

  #add(row: QueueRow): Queue {
    const attributes = JSON.parse(row.attributes) as QueueAttributes;
    const queue: Queue = {
      id: row.id,
      name: row.name,
      arn: this.#arnOf(row.name),
      fifo: row.name.endsWith('.fifo'),
      createdMs: row.createdMs,
      attributes,
      settings: settingsOf(attributes),
      tags: JSON.parse(row.tags) as Record<string, string>,
      modifiedMs: row.modifiedMs,
      purgedMs: row.purgedMs ?? undefined,
    };
    this.#byName.set(queue.name, queue);
    this.#byId.set(queue.id, queue);
    return queue;
  }

  #arnOf(name: string): string {
    return `arn:aws:sqs:${this.#options.region}:${this.#options.accountId}:${name}`;
  }

  #checkRedrive(end: { arn: string; fifo: boolean }, attributes: QueueAttributes): void {
    const { RedrivePolicy: policy } = attributes;
    if (policy === undefined) return;
    const target = this.byArn(settingsOf(attributes).redrive?.targetArn ?? '');
    const found = target && { arn: target.arn, fifo: target.fifo, allowPolicy: target.attributes.RedriveAllowPolicy };
    checkRedriveTarget(end, policy, found);
  }

  #save(queue: Queue, changes: Partial<Pick<Queue, 'attributes' | 'tags' | 'modifiedMs' | 'purgedMs'>>): void {
    const next = { ...queue, ...changes };
    const { attributes, tags, modifiedMs, purgedMs } = next;
    this.#sql.update.run(JSON.stringify(attributes), JSON.stringify(tags), modifiedMs, purgedMs ?? null, queue.id);
    Object.assign(queue, changes, { settings: settingsOf(attributes) });
  }

  /** Checks a definition the way the service does and returns its full set of attributes. */
  #completeAttributes({ name, attributes }: NewQueue): QueueAttributes {
    const fifo = attributes.FifoQueue === 'true';
    checkAttributes(attributes, fifo || name.endsWith('.fifo'));
    checkName(name, fifo);
    const complete = withDefaults(attributes, fifo);
    checkHighThroughput(complete);
    this.#checkRedrive({ arn: this.#arnOf(name), fifo }, complete);
    return complete;
  }

  #create(definition: NewQueue): Queue {
    const attributes = this.#completeAttributes(definition);
    const { name, tags } = definition;
    const nowMs = this.#options.clock.nowMs();
    const texts = { attributes: JSON.stringify(attributes), tags: JSON.stringify(tags) };
    const { insertedId } = this.#sql.insert.run(name, texts.attributes, texts.tags, nowMs, nowMs);
    return this.#add({ id: insertedId, name, ...texts, createdMs: nowMs, modifiedMs: nowMs, purgedMs: null });
  }
}
