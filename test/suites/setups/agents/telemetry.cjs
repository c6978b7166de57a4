const { startCostspan } = require('costspan');
const { SqliteLedger } = require('costspan/sqlite');

startCostspan({ sinks: [new SqliteLedger({ path: process.env.COSTSPAN_DB })] });
