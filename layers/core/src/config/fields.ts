/** Fields that several documents of the configuration have. */
import * as z from 'zod';

export const identifier = (what: string) =>
  z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,31}$/, `the name of ${what} must be 1 to 32 of a-z, 0-9 and "-", starting with a letter`);

/** True for https, and for http on this machine. */
export const isSafeAddress = (text: string): boolean =>
  /^https:|^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(\/|$)/.test(text);

export const baseUrl = z
  .url('must be an address such as https://api.example.com')
  .refine(isSafeAddress, 'must be https (loopback aside)')
  .refine(
    (text) => !/^[a-z]+:\/\/[^/?#]*@/.test(text),
    'must hold no user and password; the configuration is no secret, and its changes are in the journal',
  );
