/** CloudFormation's pseudo-parameters, as the embedded cloud answers them. */
import { noValue, type Resolved } from './intrinsics.ts';

/** The account and region that everything local belongs to. No real account has this number. */
export const localPlace = { accountId: '000000000000', region: 'us-east-1', partition: 'aws' } as const;

/** @returns undefined when the name is not a pseudo-parameter. @throws Error for one that means nothing locally. */
export function pseudoParameter(name: string, stack: string): Resolved | undefined {
  if (!name.startsWith('AWS::')) return undefined;
  switch (name) {
    case 'AWS::AccountId':
      return localPlace.accountId;
    case 'AWS::Region':
      return localPlace.region;
    case 'AWS::Partition':
      return localPlace.partition;
    case 'AWS::StackName':
      return stack;
    case 'AWS::StackId':
      return `arn:aws:cloudformation:${localPlace.region}:${localPlace.accountId}:stack/${stack}/local`;
    case 'AWS::URLSuffix':
      // A reserved name that never resolves (RFC 2606), so that a host built from it cannot reach AWS.
      return 'aws.invalid';
    case 'AWS::NoValue':
      return noValue;
    default:
      throw new Error(`the pseudo-parameter ${name} is not supported locally`);
  }
}
