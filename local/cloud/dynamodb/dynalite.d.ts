/** The parts of dynalite 4.0.0 that the embedded DynamoDB imports by file; the package ships no types. */

declare module 'dynalite/db/index.js' {
  import type { Stream } from 'node:stream';

  /** One attribute value in DynamoDB's JSON, e.g. `{ S: 'BTC/USDT' }`. */
  export type AttributeValue = Record<string, unknown>;
  export type Item = Record<string, AttributeValue>;

  export interface KeySchemaElement {
    AttributeName: string;
    KeyType: string;
  }

  export interface Projection {
    ProjectionType?: string;
    NonKeyAttributes?: string[];
  }

  export interface SecondaryIndex {
    IndexName: string;
    KeySchema: KeySchemaElement[];
    Projection: Projection;
    [field: string]: unknown;
  }

  export interface Table {
    TableName: string;
    TableStatus: string;
    KeySchema: KeySchemaElement[];
    AttributeDefinitions: { AttributeName: string; AttributeType: string }[];
    LocalSecondaryIndexes?: SecondaryIndex[];
    GlobalSecondaryIndexes?: SecondaryIndex[];
    [field: string]: unknown;
  }

  /** A request after type checks; validation leaves parsed expressions in the fields that start with `_`. */
  export type RequestData = Record<string, unknown>;

  export interface DynaliteError extends Error {
    statusCode: number;
    body: { __type: string; message?: string; [field: string]: unknown };
  }

  export type Callback<T> = (error: Error | null | undefined, value?: T) => void;

  export interface RowRange {
    gt?: string;
    gte?: string;
    lt?: string;
    lte?: string;
    reverse?: boolean;
    limit?: number;
  }

  export interface RowOperation {
    type: 'put' | 'del';
    key: string;
    value?: unknown;
  }

  /** A set of rows with a common key prefix: the items of a table, the rows of an index, the tags of a table. */
  export interface Rows {
    get(key: string, callback: Callback<unknown>): void;
    put(key: string, value: unknown, callback: Callback<void>): void;
    del(key: string, callback: Callback<void>): void;
    batch(operations: RowOperation[], callback: Callback<void>): void;
    lock(key: string, critical: (release: <T>(callback: T) => T) => void): void;
    createKeyStream(range?: RowRange): Stream;
    createValueStream(range?: RowRange): Stream;
  }

  /** What dynalite's actions ask of their storage. */
  export interface Store {
    options: { createTableMs: number; deleteTableMs: number; updateTableMs: number; maxItemSize: number };
    tableDb: Rows & { awsAccountId: string; awsRegion: string };
    getTable(name: string, checkStatus: boolean, callback: Callback<Table>): void;
    getTable(name: string, callback: Callback<Table>): void;
    getItemDb(tableName: string): Rows;
    getIndexDb(indexType: string, tableName: string, indexName: string): Rows;
    getTagDb(tableName: string): Rows;
    deleteItemDb(tableName: string, callback: Callback<void>): void;
    deleteIndexDb(indexType: string, tableName: string, indexName: string, callback: Callback<void>): void;
    deleteTagDb(tableName: string, callback: Callback<void>): void;
  }

  export interface LevelSnapshot {
    close(): Promise<void>;
  }

  export interface LevelIterator<T> {
    nextv(size: number): Promise<T[]>;
    close(): Promise<void>;
  }

  /** The abstract-level database beneath dynalite: LevelDB on disk, a sorted tree in memory. */
  export interface LevelDatabase {
    open(options?: { writeBufferSize: number }): Promise<void>;
    close(): Promise<void>;
    getSync(key: string, options?: { snapshot?: LevelSnapshot; valueEncoding?: string }): unknown;
    batch(operations: RowOperation[]): Promise<void>;
    snapshot(): LevelSnapshot;
    keys(options: RowRange & { highWaterMarkBytes?: number }): LevelIterator<string>;
    values(options: RowRange & { highWaterMarkBytes?: number }): LevelIterator<unknown>;
  }

  const db: {
    create(options: { path?: string }): { db: LevelDatabase };
    createKey(item: Item, table: Table, keySchema?: KeySchemaElement[]): string;
    createIndexKey(item: Item, table: Table, keySchema: KeySchemaElement[]): string;
    updateIndexes(
      store: Store,
      table: Table,
      existingItem: Item | null | undefined,
      item: Item | null | undefined,
      callback: Callback<void>,
    ): void;
    validateKey(key: Item, table: Table): DynaliteError | undefined;
    validateItem(item: Item, table: Table): DynaliteError | undefined;
    checkConditional(data: RequestData, existingItem: Item | undefined): DynaliteError | null | undefined;
    itemSize(item: Item): number;
    addConsumedCapacity(
      data: RequestData,
      isRead: boolean,
      newItem: Item | undefined,
    ): { CapacityUnits: number; TableName: string } | undefined;
    validationError(message: string): DynaliteError;
  };
  export default db;
}

declare module 'dynalite/validations/index.js' {
  import type { RequestData, Store } from 'dynalite/db/index.js';

  /** One field's type and constraints, in dynalite's own notation. */
  export type FieldTypes = Record<string, unknown>;
  export type CustomValidation = (data: RequestData, store: Store) => string | undefined;

  const validations: {
    checkTypes(data: RequestData, types: FieldTypes): RequestData;
    checkValidations(data: RequestData, types: FieldTypes, custom: CustomValidation | undefined, store: Store): void;
  };
  export default validations;
}

declare module 'dynalite/validations/*.js' {
  import type { CustomValidation, FieldTypes } from 'dynalite/validations/index.js';

  const validation: { types: FieldTypes; custom?: CustomValidation };
  export default validation;
}

declare module 'dynalite/actions/*.js' {
  import type { Callback, RequestData, Store } from 'dynalite/db/index.js';

  const action: (store: Store, data: RequestData, callback: Callback<Record<string, unknown>>) => void;
  export default action;
}

declare module 'dynalite/db/conditionParser.js' {
  const parser: { parse(text: string, options: { context: Record<string, unknown> }): unknown };
  export default parser;
}

declare module 'dynalite/db/updateParser.js' {
  const parser: { parse(text: string, options: { context: Record<string, unknown> }): unknown };
  export default parser;
}
