import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** A rule of AWS's catalogue that a construct breaks on purpose: the rule's id and why it is right here. */
export type Exceptions = Readonly<Record<string, string>>;

/** Records exceptions from the rules; whatever is not recorded fails the synthesis. */
export function acknowledge(construct: IConstruct, exceptions: Exceptions): void {
  Validations.of(construct).acknowledge(...Object.entries(exceptions).map(([id, reason]) => ({ id, reason })));
}
