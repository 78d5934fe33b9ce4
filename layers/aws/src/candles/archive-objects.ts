/** Objects of the archive's bucket. */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';

const parquetType = 'application/vnd.apache.parquet';
/** Answers to a write whose condition does not hold, or that met another write of the same object. */
const conflictStatuses = [409, 412];
const missingStatus = 404;

export interface StoredObject {
  bytes: Uint8Array;
  /** Changes with every write that changes the content. */
  tag: string;
}

/** `asRead` is what was read before: the write is refused if it is another now, or there is one where there was none. */
export interface WriteCondition {
  asRead: StoredObject | undefined;
}

export interface ArchiveObjects {
  get(key: string): Promise<StoredObject | undefined>;
  /** @returns false when the condition does not hold */
  put(key: string, bytes: Uint8Array, condition?: WriteCondition): Promise<boolean>;
  /** One that is another by now stays; one that is not there is no error. */
  delete(key: string, object: StoredObject): Promise<void>;
  list(folder: string): AsyncIterable<{ key: string; bytes: number }>;
}

/** @throws Error from each, with the name of what it is about */
export function createArchiveObjects(client: S3Client, bucket: string): ArchiveObjects {
  return {
    async get(key) {
      try {
        const { Body, ETag } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        if (Body === undefined || ETag === undefined) throw new Error('the answer has no body or no tag');
        return { bytes: await Body.transformToByteArray(), tag: ETag };
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw failed('read', key, error);
      }
    },
    async put(key, bytes, condition) {
      const input = { Bucket: bucket, Key: key, Body: bytes, ContentType: parquetType, ...matchOf(condition) };
      try {
        await client.send(new PutObjectCommand(input));
        return true;
      } catch (error) {
        if (condition !== undefined && isConflict(error)) return false;
        throw failed('written', key, error);
      }
    },
    async delete(key, { tag }) {
      try {
        await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key, IfMatch: tag }));
      } catch (error) {
        if (!isConflict(error)) throw failed('deleted', key, error);
      }
    },
    async *list(folder) {
      try {
        for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: folder })) {
          for (const { Key, Size } of page.Contents ?? []) if (Key !== undefined) yield { key: Key, bytes: Size ?? 0 };
        }
      } catch (error) {
        throw failed('listed', folder, error);
      }
    },
  };
}

function matchOf(condition: WriteCondition | undefined): { IfMatch?: string; IfNoneMatch?: string } {
  if (condition === undefined) return {};
  return condition.asRead === undefined ? { IfNoneMatch: '*' } : { IfMatch: condition.asRead.tag };
}

/** Where the object that is to be replaced is gone, S3 says that it is not found. */
function isConflict(error: unknown): boolean {
  if (!(error instanceof S3ServiceException)) return false;
  const status = error.$metadata.httpStatusCode ?? 0;
  return conflictStatuses.includes(status) || (status === missingStatus && error.name === 'NoSuchKey');
}

const failed = (what: string, key: string, error: unknown): Error =>
  new Error(`${key} could not be ${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
