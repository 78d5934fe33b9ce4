/** What SNS refuses, by the codes of its query protocol (https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html). */
export class SnsError extends Error {
  override readonly name = 'SnsError';
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export const invalidParameter = (problem: string): SnsError =>
  new SnsError('InvalidParameter', `Invalid parameter: ${problem}`);

export const topicNotFound = (): SnsError => new SnsError('NotFound', 'Topic does not exist', 404);
