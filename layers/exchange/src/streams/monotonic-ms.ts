/** Never goes back, whatever becomes of the machine's clock; milliseconds, and no time of day. For pauses, silence and what is due. */
export const monotonicMs = (): number => performance.now();
