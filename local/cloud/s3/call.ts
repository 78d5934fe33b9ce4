/** A request as an operation of S3: which one, on what. Buckets are named in the path, as the SDK does for IP addresses. */
import type { IncomingMessage } from 'node:http';
import { localPlace } from '../../assembly/pseudo-parameters.ts';
import { invalidArgument, notImplemented, S3Error } from './errors.ts';

export interface S3Call {
  /** As the SDK names it, e.g. `PutObject`. */
  readonly operation: string;
  readonly bucket: string;
  /** Empty where the call is about a bucket. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly incoming: IncomingMessage;
}

const keyBytesMax = 1024;

/** @throws S3Error for a path that names nothing, and for a header that asks for what is not emulated. */
export function readCall(incoming: IncomingMessage): S3Call {
  const [path = '', queryText = ''] = splitOnce(incoming.url ?? '', '?');
  const query = new URLSearchParams(queryText);
  const [bucket, key] = splitOnce(path.replace(/^\//, ''), '/').map(decode);
  const call = { bucket: bucket ?? '', key: key ?? '', query, incoming };
  return { ...call, operation: nameOperation(call) };
}

/** @throws S3Error for a key that is too long, and for what is not emulated or not this account's. */
export function checkCall({ operation, key, query, incoming }: S3Call): void {
  const bytes = Buffer.byteLength(key);
  if (bytes > keyBytesMax) {
    const details = { Size: String(bytes), MaxSizeAllowed: String(keyBytesMax) };
    throw new S3Error('KeyTooLongError', 'Your key is too long', { details });
  }
  const foreign = [...query.keys()].find((name) => !(parameters[operation] ?? noParameters).includes(name));
  if (foreign !== undefined && foreign !== 'x-id') throw notImplemented(`${operation} with ${foreign}`);
  for (const [name, value] of Object.entries(incoming.headers)) checkHeader(operation, name, String(value));
}

const noParameters: readonly string[] = [];
/** What the query of an operation may hold. */
const parameters: Readonly<Record<string, readonly string[]>> = {
  ListObjectsV2: [
    'list-type',
    'prefix',
    'delimiter',
    'start-after',
    'continuation-token',
    'max-keys',
    'encoding-type',
    'fetch-owner',
  ],
  GetBucketLocation: ['location'],
  DeleteObjects: ['delete'],
  CreateMultipartUpload: ['uploads'],
  UploadPart: ['partNumber', 'uploadId'],
  CompleteMultipartUpload: ['uploadId'],
  AbortMultipartUpload: ['uploadId'],
};

const verbs: Readonly<Record<string, string>> = {
  GET: 'Get',
  HEAD: 'Head',
  PUT: 'Put',
  POST: 'Post',
  DELETE: 'Delete',
};

const onUpload: Readonly<Record<string, string>> = {
  GET: 'ListParts',
  POST: 'CompleteMultipartUpload',
  DELETE: 'AbortMultipartUpload',
};

function nameOperation({ bucket, key, query, incoming }: Omit<S3Call, 'operation'>): string {
  const method = incoming.method ?? '';
  const has = (name: string): boolean => query.has(name);
  if (bucket === '') return method === 'GET' ? 'ListBuckets' : `${method} /`;
  if (key === '') {
    if (method === 'GET' && query.get('list-type') === '2') return 'ListObjectsV2';
    if (method === 'GET' && has('location')) return 'GetBucketLocation';
    if (method === 'POST' && has('delete')) return 'DeleteObjects';
    if (method === 'GET' && has('uploads')) return 'ListMultipartUploads';
    if (method === 'GET' && has('versions')) return 'ListObjectVersions';
    return nameOther(method, 'Bucket', query);
  }
  const isCopy = 'x-amz-copy-source' in incoming.headers;
  if (method === 'POST' && has('uploads')) return 'CreateMultipartUpload';
  if (has('uploadId')) {
    if (method === 'PUT') return isCopy ? 'UploadPartCopy' : 'UploadPart';
    return onUpload[method] ?? `${method} of an upload`;
  }
  return isCopy && method === 'PUT' ? 'CopyObject' : nameOther(method, 'Object', query);
}

/** Subresources are parameters without a value: `GET /bucket?versioning` is GetBucketVersioning. */
function nameOther(method: string, level: 'Bucket' | 'Object', query: URLSearchParams): string {
  const subresource = [...query].find(([, value]) => value === '')?.[0] ?? '';
  const rest = subresource.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
  if (level === 'Bucket' && rest === '' && method === 'GET') return 'ListObjects';
  if (level === 'Bucket' && rest === '' && method === 'PUT') return 'CreateBucket';
  return `${verbs[method] ?? method}${level}${rest}`;
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error('InvalidURI', "Couldn't parse the specified URI.");
  }
}

/** Headers that are read, or that mean nothing on one machine. */
const knownHeaders =
  /^x-amz-(date|content-sha256|security-token|user-agent|trailer|decoded-content-length|sdk-checksum-algorithm|checksum-.+|meta-.+|copy-source|copy-source-if-.+|metadata-directive|server-side-encryption|server-side-encryption-(aws-kms-key-id|bucket-key-enabled|context))$/;

function checkHeader(operation: string, name: string, value: string): void {
  if (!name.startsWith('x-amz-') || knownHeaders.test(name)) return;
  if (name === 'x-amz-expected-bucket-owner' || name === 'x-amz-source-expected-bucket-owner') {
    if (value === localPlace.accountId) return;
    throw new S3Error('AccessDenied', 'Access Denied', { status: 403 });
  }
  if (name === 'x-amz-storage-class' && value === 'STANDARD') return;
  if (name === 'x-amz-acl' && (value === 'private' || value === 'bucket-owner-full-control')) return;
  throw notImplemented(`${operation} with ${name}`);
}

/** A whole number in the query. @throws S3Error naming it */
export function readNumber(
  query: URLSearchParams,
  name: string,
  { least, most }: { least: number; most: number },
): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const value = Number(text);
  if (!/^-?\d{1,15}$/.test(text))
    throw invalidArgument(name, `Provided ${name} not an integer or within integer range`);
  if (value < least || value > most) {
    throw invalidArgument(name, `Argument ${name} must be an integer between ${least} and ${most}`);
  }
  return value;
}
