import { listOf } from '../fields.ts';
import { allowance, type KeyQuestion } from './key-question.ts';

/** https://docs.bitfinex.com/reference/key-permissions */
export const bitfinex: KeyQuestion = {
  source: 'POST /v2/auth/r/permissions',
  methods: ['privatePostAuthRPermissions'],
  async read(ask) {
    const scopes = new Map(
      listOf('permissions', await ask('privatePostAuthRPermissions')).map((entry) => {
        const [scope, read, write] = listOf('permission', entry);
        return [scope, { read: Number(read) === 1, write: Number(write) === 1 }];
      }),
    );
    return {
      read: allowance(scopes.get('wallets')?.read === true && scopes.get('orders')?.read === true),
      trade: allowance(scopes.get('orders')?.write === true),
      withdraw: allowance(scopes.get('withdraw')?.write),
      boundAddresses: 'unknown',
    };
  },
};
