import { Fields, UnparsableAnswerError } from '../fields.ts';
import { allowance, bindingOf, type KeyQuestion, lifetime, textsOf } from './key-question.ts';

/** https://docs.deribit.com/api-reference/account-management/private-list_api_keys */
export const deribit: KeyQuestion = {
  source: 'GET /api/v2/private/list_api_keys',
  methods: ['privateGetListApiKeys'],
  async read(ask, apiKey) {
    const answer = new Fields('answer', await ask('privateGetListApiKeys'));
    const key = answer
      .list('result')
      .map((entry) => new Fields('key', entry))
      .find((each) => each.optionalText('client_id') === apiKey);
    if (key === undefined) throw new UnparsableAnswerError('list of keys', 'client_id', 'no entry for this key');
    const scopes = key.text('max_scope').split(' ');
    return {
      read: allowance(scopes.some((scope) => scope.startsWith('trade:read'))),
      trade: allowance(scopes.includes('trade:read_write')),
      withdraw: allowance(scopes.includes('wallet:read_write')),
      boundAddresses: bindingOf(textsOf(key.list('ip_whitelist'))),
      ...lifetime(key.optionalTimeMs('timestamp'), undefined),
    };
  },
};
