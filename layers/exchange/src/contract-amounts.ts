/**
 * ccxt counts contracts; Nightdesk counts base asset wherever a contract is a fixed amount of it (`amountUnitOf`). Every
 * amount crosses over here.
 */
import {
  type Amount,
  amount,
  amountFor,
  amountUnitOf,
  type Market,
  notional,
  notionalOf,
  price,
} from '@nightdesk/core';

/** What of a market decides over its unit. */
export type ContractTerms = Pick<Market, 'contractType' | 'contractSize'>;

const baseAssetPerContract = (terms: ContractTerms): Amount | undefined =>
  amountUnitOf(terms) === 'base' ? terms.contractSize : undefined;

/** @param contracts as ccxt has it: base asset on spot, else a number of contracts. */
export function fromContracts(contracts: string, terms: ContractTerms): Amount {
  const size = baseAssetPerContract(terms);
  return size === undefined ? amount(contracts) : amount(notionalOf(amount(contracts), price(size)));
}

/** The amount as ccxt wants it; `undefined` when no number of contracts is exactly this much. */
export function toContracts(wanted: Amount, terms: ContractTerms): string | undefined {
  const size = baseAssetPerContract(terms);
  if (size === undefined) return wanted;
  const contracts = amountFor(notional(wanted), price(size));
  return notionalOf(contracts, price(size)) === notional(wanted) ? contracts : undefined;
}
