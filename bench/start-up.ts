/**
 * What an application's start pays: time, CPU and files that an import adds to a NodeSDK, in one fresh process, as one
 * line of JSON. `npm run build && node bench/start-up.ts '{"folder":".","names":["costspan"]}'`
 */
import { createRequire, registerHooks } from 'node:module';
import { join, resolve } from 'node:path';

/** What is required, from where. Default: `costspan` and `costspan/sqlite` of this checkout. */
export interface StartUp {
  readonly folder?: string;
  readonly names?: readonly string[];
}

const { folder = '.', names = ['costspan', 'costspan/sqlite'] } = JSON.parse(
  process.argv[2] ?? '{}',
) as StartUp;
createRequire(import.meta.url)('@opentelemetry/sdk-node');
const load = createRequire(join(resolve(folder), 'package.json'));
let files = 0;
const hooks = registerHooks({ load: (url, context, next) => (files++, next(url, context)) });
const [cpu, start] = [process.cpuUsage(), performance.now()];
for (const name of names) load(name);
const [wall, { user, system }] = [performance.now() - start, process.cpuUsage(cpu)];
hooks.deregister();
console.log(JSON.stringify({ 'wall ms': wall, 'CPU ms': (user + system) / 1000, files }));
process.exit();
