/** `costspan/postgres`: the ledger for many hosts. Apart from the front door, as it needs the package `pg`. */
import './base/check-node.ts';
export type { PostgresLedgerOptions } from './ledger/postgres/postgres-ledger-options.ts';
export { PostgresLedger } from './ledger/postgres/postgres-ledger.ts';
