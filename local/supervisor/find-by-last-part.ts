/**
 * Names carry the stage in front; people say the last part: `refresh-markets` for `nightdesk-local-refresh-markets`.
 *
 * @throws Error unless exactly one of the names is, or ends in, the last part
 */
export function findByLastPart(names: readonly string[], lastPart: string): string {
  const found = names.filter((name) => name === lastPart || name.endsWith(`-${lastPart}`));
  if (found[0] !== undefined && found.length === 1) return found[0];
  throw new Error(`expected one of ${names.join(', ') || 'nothing'} to end in -${lastPart}, found ${found.length}`);
}
