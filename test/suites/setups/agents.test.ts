import { beforeAll, expect } from 'vitest';
import { environment, expectExact, install } from './environment.ts';

let agents: string;
beforeAll(() => {
  agents = install('agents');
});

const node = (...args: string[]) => expectExact(process.execPath, args, agents, QUIET);
const exact =
  (...args: string[]) =>
  async (): Promise<void> =>
    void (await node(...args));
const byTheNet =
  (...args: string[]) =>
  async (): Promise<string> => {
    await node(...args);
    return 'exact, by the net beneath the SDKs';
  };

const QUIET = {
  NEW_RELIC_ENABLED: 'true',
  NEW_RELIC_NO_CONFIG_FILE: 'true',
  NEW_RELIC_APP_NAME: 'app',
  NEW_RELIC_LICENSE_KEY: 'a'.repeat(40),
  NEW_RELIC_LOG_ENABLED: 'false',
  NEW_RELIC_HOST: '127.0.0.1',
  NEW_RELIC_PORT: '9',
  DD_TRACE_AGENT_URL: 'http://127.0.0.1:9',
  DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
  DD_REMOTE_CONFIGURATION_ENABLED: 'false',
  ELASTIC_OTEL_CENTRAL_CONFIG_ENABLED: 'false',
};

const SET_UP = '--import ./telemetry.mjs';
const IMPORT = ['--import', './telemetry.mjs'];

environment('Nothing but Costspan', 'openai 7.59', SET_UP, exact(...IMPORT, 'app.mjs'));
environment(
  'Nothing but Costspan, CommonJS',
  'openai 7.59',
  '-r ./telemetry.cjs',
  exact('-r', './telemetry.cjs', 'app.cjs'),
);

const AUTO = '@opentelemetry/auto-instrumentations-node/register';
for (const app of ['app.mjs', 'app.cjs']) {
  const format = app === 'app.mjs' ? 'ES modules' : 'CommonJS';
  environment(
    `OpenTelemetry zero-code, ${format}`,
    'auto-instrumentations-node 0.82',
    `--import ${AUTO}, then ${SET_UP}`,
    async () => {
      const { stdout } = await node('--import', AUTO, ...IMPORT, app);
      // The spans that OpenTelemetry exports carry the cost.
      expect(stdout).toContain("'costspan.cost.status': 'priced'");
    },
  );
  environment(
    `OpenTelemetry zero-code, ${format}`,
    'auto-instrumentations-node 0.82',
    `${SET_UP}, then --import ${AUTO}`,
    exact(...IMPORT, '--import', AUTO, app),
  );
  environment(
    `Elastic EDOT, ${format}`,
    '@elastic/opentelemetry-node 1.18',
    `--import @elastic/opentelemetry-node, then ${SET_UP}`,
    exact('--import', '@elastic/opentelemetry-node', ...IMPORT, app),
  );
  environment(
    `New Relic, ${format}`,
    'newrelic 14.5',
    `-r newrelic, then ${SET_UP}`,
    exact('-r', 'newrelic', ...IMPORT, app),
  );
  environment(
    `Datadog, ${format}`,
    'dd-trace 6.21',
    `-r dd-trace/init, then ${SET_UP}`,
    exact('-r', 'dd-trace/init', ...IMPORT, app),
  );
}
// Datadog's loader hooks hide the SDK's files from ours: the net beneath catches the calls.
environment(
  'Datadog, ES modules',
  'dd-trace 6.21',
  `--import dd-trace/initialize.mjs, then ${SET_UP}`,
  byTheNet('--import', 'dd-trace/initialize.mjs', '--import', './telemetry-net.mjs', 'app.mjs'),
);
environment(
  'Datadog, ES modules',
  'dd-trace 6.21',
  `${SET_UP}, then --import dd-trace/initialize.mjs`,
  byTheNet('--import', './telemetry-net.mjs', '--import', 'dd-trace/initialize.mjs', 'app.mjs'),
);
environment(
  'The zero-code start',
  'sdk-node 0.300',
  '--import costspan/register',
  exact('--import', 'costspan/register', 'app.mjs'),
);
environment(
  'Sentry 10',
  '@sentry/node 10.78',
  'openTelemetryInstrumentations, openTelemetrySpanProcessors',
  exact('--import', './sentry-10.mjs', 'app.mjs'),
);
environment(
  'Sentry 11',
  '@sentry/node 11.12',
  `Sentry.init, then ${SET_UP}`,
  exact('--import', './sentry-11.mjs', ...IMPORT, 'app.mjs'),
);

// The net stays whole among others who patch `fetch` or listen to it, whoever comes first.
const NET = ['--import', './telemetry-fetch.mjs'];
for (const [name, versions, theirs] of [
  ['Sentry 11', '@sentry/node 11.12', './sentry-11.mjs'],
  ['OpenTelemetry zero-code', 'auto-instrumentations-node 0.82', AUTO],
  ['Datadog', 'dd-trace 6.21', 'dd-trace/initialize.mjs'],
] as const) {
  const other = ['--import', theirs];
  environment(`${name}, plain fetch`, versions, 'the net first', exact(...NET, ...other, 'app-fetch.mjs'));
  environment(`${name}, plain fetch`, versions, 'the net last', exact(...other, ...NET, 'app-fetch.mjs'));
}

environment('The SDK loaded before the set-up, ES modules', 'openai 7.59', 'node late.mjs', async () => {
  const { stderr } = await node('late.mjs');
  expect(stderr).toMatch(/^costspan: .*openai.*loaded before/m);
  return 'exact, by the net beneath the SDKs; said once, with the fix';
});
// What CommonJS has loaded can be reached again.
environment('The SDK loaded before the set-up, CommonJS', 'openai 7.59', 'node late.cjs', exact('late.cjs'));
