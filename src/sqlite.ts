/** `costspan/sqlite`: the ledger in a file. Apart from the front door, so that whoever keeps none loads none. */
import './base/check-node.ts';
export type { SqliteLedgerOptions } from './ledger/sqlite/sqlite-ledger-options.ts';
export { SqliteLedger } from './ledger/sqlite/sqlite-ledger.ts';
