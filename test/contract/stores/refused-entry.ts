/** A queue that takes a batch but for one entry, which SQS may do at any time. */
import type { SendMessageBatchCommandInput, SQSClient } from '@aws-sdk/client-sqs';

const failed = { Id: '1', Code: 'InternalError', Message: 'try again', SenderFault: false };

/** Has the second entry of every batch refused from now on. @returns what ends that */
export function refuseSecondEntry(client: SQSClient): () => void {
  const name = 'refuseSecondEntry';
  client.middlewareStack.add(
    (next) => async (call) => {
      const input = call.input as SendMessageBatchCommandInput;
      const Entries = input.Entries?.filter(({ Id }) => Id !== failed.Id);
      const result = await next({ ...call, input: { ...input, Entries } });
      return { ...result, output: { ...result.output, Failed: [failed] } };
    },
    { step: 'initialize', name },
  );
  return () => void client.middlewareStack.remove(name);
}
