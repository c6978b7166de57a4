/** `node --import ./set-up.ts app`: instruments, and prints the calls that were heard when the application ends. */
import { AnthropicInstrumentation } from '../../../../src/providers/anthropic/instrumentation.ts';
import { callHub } from '../../../../src/providers/call-hub.ts';

const instrumentation = new AnthropicInstrumentation();
const calls: object[] = [];
callHub().listeners.add({
  record({ provider, usage, status }) {
    calls.push({ provider, status, output: usage.outputTokens });
    return undefined;
  },
});
process.on('exit', () => {
  instrumentation.disable();
  process.stdout.write(JSON.stringify(calls));
});
