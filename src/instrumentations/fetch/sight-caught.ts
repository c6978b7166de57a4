import { known } from '../../base/read.ts';
import { warnOnce } from '../../base/warn-once.ts';
import { sight, sightings } from '../sightings.ts';

/** SDKs with an instrumentation of their own, by how they name themselves to the provider. */
const OWN: Readonly<Record<string, string>> = {
  OpenAI: 'openai',
  AzureOpenAI: 'openai',
  Anthropic: '@anthropic-ai/sdk',
  AnthropicVertex: '@anthropic-ai/sdk',
};

/**
 * Notes that the net metered a call, and whose: an SDK that has an instrumentation of its own should have been patched.
 * Nothing is lost, but retries count as calls of their own, so the set-up is worth mending.
 */
export function sightCaught(headers: Headers): void {
  const agent = headers.get('user-agent') ?? headers.get('x-goog-api-client') ?? '';
  const [, name = '', version] = /^(\w+)\/JS ([\w.-]+)/.exec(agent) ?? [];
  const module = OWN[name] ?? (agent.startsWith('google-genai-sdk/') ? '@google/genai' : undefined);
  if (module === undefined) return sight({ package: 'fetch', how: 'net', patched: true });
  const met = sightings().filter(({ package: each, how }) => each === module && how !== 'net');
  sight({ package: module, ...known({ version }), how: 'net', patched: true });
  // Without an instrumentation of its own, the net is what was asked for.
  if (met.length === 0 || met.some(({ patched }) => patched)) return;
  warnOnce(
    `a call of ${module} was metered by the net beneath it, because the SDK was loaded before its instrumentation or ` +
      'sits in a bundle. Its cost is recorded; its retries count as calls of their own. Load the telemetry first ' +
      '(node --import ./telemetry.js app.js), or pass the client class to manuallyInstrument.',
  );
}
