/** Where in the assembly something is wrong. */
export interface ResourceSite {
  stack: string;
  logicalId: string;
  /** CloudFormation type, or `Output` for an output of the stack. */
  type: string;
}

/** The CDK app uses something that the embedded cloud cannot run truthfully. It stops the start and names the place. */
export class AssemblyError extends Error {
  override readonly name = 'AssemblyError';
  readonly site: ResourceSite;

  constructor(site: ResourceSite, problem: string) {
    super(`${site.stack}/${site.logicalId} (${site.type}): ${problem}`);
    this.site = site;
  }
}
