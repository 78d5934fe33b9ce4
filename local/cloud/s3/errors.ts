/** What S3 refuses, by its codes (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html). */
export class S3Error extends Error {
  override readonly name = 'S3Error';
  readonly code: string;
  readonly status: number;
  /** Elements of the answer beside code and message. */
  readonly details: Readonly<Record<string, string>>;

  constructor(code: string, message: string, { status = 400, details = {} }: S3ErrorOptions = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.details = details;
  }
}

export interface S3ErrorOptions {
  /** @default 400 */
  readonly status?: number;
  readonly details?: Readonly<Record<string, string>>;
}

export const noSuchBucket = (name: string): S3Error =>
  new S3Error('NoSuchBucket', 'The specified bucket does not exist', { status: 404, details: { BucketName: name } });

export const noSuchKey = (key: string): S3Error =>
  new S3Error('NoSuchKey', 'The specified key does not exist.', { status: 404, details: { Key: key } });

export const noSuchUpload = (uploadId: string): S3Error =>
  new S3Error('NoSuchUpload', 'The specified multipart upload does not exist.', {
    status: 404,
    details: { UploadId: uploadId },
  });

export const preconditionFailed = (condition: string): S3Error =>
  new S3Error('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
    status: 412,
    details: { Condition: condition },
  });

export const invalidArgument = (name: string, message: string): S3Error =>
  new S3Error('InvalidArgument', message, { details: { ArgumentName: name } });

export const malformedXml = (problem: string): S3Error =>
  new S3Error('MalformedXML', `The XML you provided was not well-formed: ${problem}`);

/** @param feature what was asked for, in AWS's own words */
export const notImplemented = (feature: string): S3Error =>
  new S3Error('NotImplemented', `the embedded cloud does not emulate s3 ${feature}`, { status: 501 });
