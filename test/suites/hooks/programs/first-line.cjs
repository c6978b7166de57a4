require('./telemetry.cjs');
const OpenAI = require('openai');
const { callWith } = require('./provider.cjs');

void callWith(OpenAI);
