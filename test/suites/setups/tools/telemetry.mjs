import { startCostspan } from 'costspan';
import { SqliteLedger } from 'costspan/sqlite';

startCostspan({ sinks: [new SqliteLedger({ path: process.env.COSTSPAN_DB })] });
