/**
 * Stands in for the SDK's chain of credential providers in bundles (lib/bundling). Lambda hands a function its
 * credentials in the environment, so the rest of the chain (files, SSO, instance metadata) would never be asked, and
 * reading its code costs every cold start as much as a call to a table.
 */
import { fromEnv } from '@aws-sdk/credential-provider-env';

export const defaultProvider = (): ReturnType<typeof fromEnv> => fromEnv();
