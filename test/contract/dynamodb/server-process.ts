/** A DynamoDB endpoint in a process of its own, for tests that kill it: `node server-process.ts <directory>`. */
import { startDynamoDb, streamedOrdersTable } from './support.ts';

const [, , directory] = process.argv;
if (directory === undefined) throw new Error('server-process.ts needs the state directory as its argument');
const endpoint = await startDynamoDb({ directory, tables: [streamedOrdersTable] });
console.log(endpoint.url);
