import { Fields } from '../fields.ts';
import { allowance, bindingOf, entriesOf, type KeyQuestion, lifetime } from './key-question.ts';

const dayMs = 86_400_000;

/** https://www.htx.com/en-us/opend/newApiPages/ (API key query, by the user's own number). For parent users only. */
export const htx: KeyQuestion = {
  source: 'GET /v2/user/api-key',
  methods: ['v2PrivateGetUserUid', 'v2PrivateGetUserApiKey'],
  async read(ask, apiKey) {
    const uid = new Fields('answer', await ask('v2PrivateGetUserUid')).decimal('data');
    const answer = new Fields('answer', await ask('v2PrivateGetUserApiKey', { uid, accessKey: apiKey }));
    const key = new Fields('key', answer.list('data')[0]);
    const permissions = entriesOf(key.text('permission'));
    const validDays = Number(key.optionalDecimal('validDays') ?? -1);
    const updatedAtMs = key.optionalTimeMs('updateTime');
    // Only keys without an address expire; -1 says never.
    const expiresAtMs = validDays >= 0 && updatedAtMs !== undefined ? updatedAtMs + validDays * dayMs : undefined;
    return {
      read: allowance(permissions.includes('readOnly')),
      trade: allowance(permissions.includes('trade')),
      withdraw: allowance(permissions.includes('withdraw')),
      boundAddresses: bindingOf(entriesOf(key.optionalText('ipAddresses'))),
      ...lifetime(key.optionalTimeMs('createTime'), expiresAtMs),
    };
  },
};
