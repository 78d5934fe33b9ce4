/**
 * Whether a key that a venue refused may have been replaced since its secret was read:
 * - `none`: it was never refused;
 * - `raised`: it was, and its secret has to be read anew;
 * - `settled`: its secret was read anew and still holds the same key, so reading it again would not help.
 */
export type KeyDoubt = 'none' | 'raised' | 'settled';

/** True when there is a point in reading the secret of a refused key anew: once for each key. */
export function raiseDoubt(entry: { doubt: KeyDoubt }): boolean {
  if (entry.doubt === 'settled') return false;
  entry.doubt = 'raised';
  return true;
}
