/** Calls another function of the desk, and waits for its answer. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { NodeHttpHandler } from '@smithy/node-http-handler';

const connectionTimeoutMs = 1_000;
/** Tries in all, of calls that did not begin: a function that is busy, a connection that is not there. */
const attemptsMax = 3;

/** It failed, was stopped, or was not there. What went wrong inside is in its own log. */
export class FunctionCallError extends Error {
  override readonly name = 'FunctionCallError';
}

/**
 * @param waitMsMax how long the answer is waited for in all; what the function does may go on after that
 * @throws FunctionCallError
 */
export type CallFunction = (payload: unknown, waitMsMax: number) => Promise<unknown>;

/** @param client that waits for as long as it is told to, and not for 3 s as the other clients do */
export function createFunctionCaller(functionName: string, client: LambdaClient = createLambdaClient()): CallFunction {
  return async (payload, waitMsMax) => {
    const command = new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(payload) });
    const abortSignal = AbortSignal.timeout(Math.max(0, waitMsMax));
    const answer = await client.send(command, { abortSignal }).catch((error: Error) => {
      throw new FunctionCallError(`${functionName} could not be called: ${error.name}`, { cause: error });
    });
    const text = answer.Payload?.transformToString() ?? '';
    if (answer.FunctionError !== undefined) throw new FunctionCallError(`${functionName} failed: ${errorTypeOf(text)}`);
    return JSON.parse(text);
  };
}

const createLambdaClient = (): LambdaClient =>
  new LambdaClient({
    maxAttempts: attemptsMax,
    requestHandler: new NodeHttpHandler({ connectionTimeout: connectionTimeoutMs }),
  });

/** What Lambda says of an error that ended the function; its message may say what is nobody else's business. */
function errorTypeOf(payload: string): string {
  const { errorType } = JSON.parse(payload) as { errorType?: unknown };
  return typeof errorType === 'string' ? errorType : 'for an unknown reason';
}
