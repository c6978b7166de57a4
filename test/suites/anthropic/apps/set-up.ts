/** `node --import ./set-up.ts app`: instruments, and prints the calls that were heard when the application ends. */
import { AnthropicInstrumentation } from '../../../../src/instrumentations/anthropic/instrumentation.ts';
import { callHub } from '../../../../src/calls/hub.ts';

const instrumentation = new AnthropicInstrumentation();
const calls: object[] = [];
callHub().listeners.push({
  record({ provider, consumed, status }) {
    calls.push({ provider, status, output: consumed.usage.outputTokens });
    return undefined;
  },
});
process.on('exit', () => {
  instrumentation.disable();
  process.stdout.write(JSON.stringify(calls));
});
