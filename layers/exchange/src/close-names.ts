/** How many suggestions an error offers, and how different a name may be to count as a slip of the pen. */
const suggestionsMax = 3;
const distanceMax = 3;

/** Names that `name` may have meant, closest first; at most three. */
export function closeNames(name: string, known: readonly string[]): string[] {
  return known
    .map((candidate) => ({ candidate, distance: candidate.startsWith(name) ? 1 : editDistance(name, candidate) }))
    .filter(({ distance }) => distance <= distanceMax)
    .sort((left, right) => left.distance - right.distance || (left.candidate < right.candidate ? -1 : 1))
    .slice(0, suggestionsMax)
    .map(({ candidate }) => candidate);
}

/** Levenshtein distance: insertions, deletions and substitutions between two texts. */
function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [row, character] of [...left].entries()) {
    const current = [row + 1];
    for (const [column, other] of [...right].entries()) {
      const substituted = (previous[column] ?? 0) + (character === other ? 0 : 1);
      current.push(Math.min(substituted, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
