/** AWS's rules for well-built applications, and the exceptions from them. */
import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';

/** A rule that a construct breaks on purpose: the rule's id and why it is right here. */
export type Exceptions = Readonly<Record<string, string>>;

/** Lets the synthesis of an app fail for each rule that is broken without a recorded reason. */
export function enforceRules(app: App): void {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}

/** Records exceptions from the rules. */
export function acknowledge(construct: IConstruct, exceptions: Exceptions): void {
  Validations.of(construct).acknowledge(...Object.entries(exceptions).map(([id, reason]) => ({ id, reason })));
}
