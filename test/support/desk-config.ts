import { type DeskConfig, parseDeskConfig } from '@nightdesk/core';

/** Documents as an owner writes them, on the fake venue: two accounts, and one source that may use both. */
export const deskDocuments = {
  exchanges: { fake: {} as Record<string, unknown> },
  accounts: { main: { exchange: 'fake', mode: 'sandbox' }, second: { exchange: 'fake', mode: 'sandbox' } } as Record<
    string,
    unknown
  >,
  sources: {
    demo: { authentication: ['token', 'signing'], accounts: ['main', 'second'], defaultAccount: 'main' },
  } as Record<string, unknown>,
  risk: { default: { orderNotionalMax: '1000', openNotionalMax: '5000' } } as Record<string, unknown>,
};

/** The documents above, checked, each with what is given merged over it key by key. */
export function deskConfig(changes: Partial<typeof deskDocuments> = {}): DeskConfig {
  const { exchanges, accounts, sources, risk } = deskDocuments;
  return parseDeskConfig({
    exchanges: { ...exchanges, ...changes.exchanges },
    accounts: { ...accounts, ...changes.accounts },
    sources: { ...sources, ...changes.sources },
    risk: { ...risk, ...changes.risk },
  });
}
