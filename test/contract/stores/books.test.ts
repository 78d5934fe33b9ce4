import { booksContract } from './books-contract.ts';
import { openCloudStores } from './desk-cloud.ts';
import { openMemoryStores } from './memory-desk.ts';

booksContract('the tables in memory', openMemoryStores);
booksContract('DynamoDB', openCloudStores);
