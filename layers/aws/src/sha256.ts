import { createHash } from 'node:crypto';

/** What `sha256Hex` of core gives, by Node: for a text of some size that one takes milliseconds until V8 has optimized it. */
export const nodeSha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex');
