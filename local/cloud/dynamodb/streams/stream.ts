/** The stream of a table, as the table's row describes it. */
import type { Table } from 'dynalite/db/index.js';
import type { Changes } from '../changes.ts';
import { validationError } from '../errors.ts';
import { tablesPrefix } from '../row-keys.ts';

export const streamViewTypes = ['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES'] as const;
export type StreamViewType = (typeof streamViewTypes)[number];

/** The one shard of every stream; it never splits. */
export const shardId = 'shardId-00000000000000000000-00000000';

/** What requests and templates say of a stream. */
export interface StreamSpecification {
  readonly StreamEnabled: boolean;
  readonly StreamViewType?: StreamViewType | undefined;
}

export interface Stream {
  readonly arn: string;
  readonly label: string;
  readonly tableName: string;
  readonly viewType: StreamViewType;
  /** A stream that is off keeps what it has, and gets nothing new. */
  readonly isEnabled: boolean;
}

/** The table's stream, on or off; `undefined` when it never had one. */
export function streamOf(table: Table | undefined): Stream | undefined {
  const arn = table?.LatestStreamArn;
  const specification = table?.StreamSpecification as StreamSpecification | undefined;
  if (table === undefined || typeof arn !== 'string' || specification?.StreamViewType === undefined) return undefined;
  return {
    arn,
    label: String(table.LatestStreamLabel),
    tableName: table.TableName,
    viewType: specification.StreamViewType,
    isEnabled: specification.StreamEnabled,
  };
}

/**
 * Switches the stream of a table on or off, in the table's row.
 * @param label of the stream that is switched on; the one that the table's stream has goes on with it
 * @throws ValidationException when the specification is incomplete.
 */
export function setStream(
  changes: Changes,
  tableName: string,
  { specification, label }: { specification: StreamSpecification; label: string },
): Table {
  const table = changes.read(tablesPrefix + tableName) as Table;
  const { StreamEnabled: isEnabled, StreamViewType: viewType } = specification;
  if (isEnabled && viewType === undefined) {
    throw validationError('One or more parameter values were invalid: StreamViewType must be specified');
  }
  const current = streamOf(table);
  const changed: Table = isEnabled
    ? {
        ...table,
        StreamSpecification: { StreamEnabled: true, StreamViewType: viewType },
        LatestStreamLabel: label,
        LatestStreamArn: `${table.TableArn}/stream/${label}`,
      }
    : { ...table, StreamSpecification: { StreamEnabled: false, StreamViewType: current?.viewType } };
  changes.put(tablesPrefix + tableName, changed);
  return changed;
}
