/** JSON from a client; `undefined` when it is none, which every schema refuses by name. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
