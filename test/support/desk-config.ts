import { type configDocuments, type DeskConfig, parseDeskConfig } from '@nightdesk/core';

type Documents = Record<(typeof configDocuments)[number], Record<string, unknown>>;

/** Documents as an owner writes them, on the fake venue: two accounts, and one source that may use both. */
export const deskDocuments: Documents = {
  exchanges: { fake: {} },
  accounts: { main: { exchange: 'fake', mode: 'sandbox' }, second: { exchange: 'fake', mode: 'sandbox' } },
  sources: { demo: { authentication: ['token', 'signing'], accounts: ['main', 'second'], defaultAccount: 'main' } },
  risk: { desk: { venueExposureMax: '1000000000' }, default: { orderNotionalMax: '1000', openNotionalMax: '5000' } },
  notifications: {},
  collection: {},
};

/** The documents above, checked, each with what is given merged over it key by key. */
export function deskConfig(changes: Partial<Documents> = {}): DeskConfig {
  const { exchanges, accounts, sources, risk, notifications, collection } = deskDocuments;
  return parseDeskConfig({
    exchanges: { ...exchanges, ...changes.exchanges },
    accounts: { ...accounts, ...changes.accounts },
    sources: { ...sources, ...changes.sources },
    risk: { ...risk, ...changes.risk },
    notifications: { ...notifications, ...changes.notifications },
    collection: { ...collection, ...changes.collection },
  });
}
