import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { diag, DiagLogLevel } from '@opentelemetry/api';
import { forgetWarnings } from '../../src/base/warn-once.ts';
import { openaiSdk } from '../../src/instrumentations/openai/sdk.ts';
import { SdkInstrumentation, type SdkPackage } from '../../src/instrumentations/sdk-instrumentation.ts';
import { sightings } from '../../src/instrumentations/sightings.ts';
import { stainlessPackage } from '../../src/instrumentations/stainless/stainless-package.ts';
import { OldClient } from './stainless/old-client.ts';

const TOY: SdkPackage = {
  ...stainlessPackage({ sdk: openaiSdk, files: [], from: [4, 19], below: [8, 0] }),
  module: 'toy-sdk',
};

/** An SDK that the test loads itself, as the loader hooks would. */
class ToyInstrumentation extends SdkInstrumentation {
  constructor() {
    super('ToyInstrumentation', 'costspan/toy', {});
  }

  protected override sdkPackage(): SdkPackage {
    return TOY;
  }

  /** The module is loaded, in this version. */
  loads(exported: unknown, version?: string): void {
    this.patchExports(exported, version);
  }
}

let warned: string[];
let toy: ToyInstrumentation;
beforeEach(() => {
  forgetWarnings();
  warned = [];
  const silent = (): void => undefined;
  diag.setLogger(
    {
      warn: (message) => void warned.push(message),
      error: silent,
      info: silent,
      debug: silent,
      verbose: silent,
    },
    DiagLogLevel.WARN,
  );
  toy = new ToyInstrumentation();
});
afterEach(() => {
  toy.disable();
  diag.disable();
  vi.unstubAllEnvs();
});

/** A class of its own for every test: what is patched stays patched. */
const client = (): typeof OldClient => {
  class Client extends OldClient {}
  for (const name of ['request', 'makeRequest', 'buildRequest', 'fetchWithTimeout', 'retryRequest'] as const)
    Object.defineProperty(Client.prototype, name, {
      value: OldClient.prototype[name],
      configurable: true,
      writable: true,
    });
  return Client;
};
const isPatched = (Client: typeof OldClient): boolean =>
  Client.prototype.request !== OldClient.prototype.request;

describe('a version of an SDK', () => {
  test.each([
    ['4.18.9', false],
    ['4.19.0', true],
    ['4.20.0-beta.1', true],
    ['5.0.0', true],
    ['7.99.9', true],
    ['8.0.0', false],
    ['3.99.0', false],
    ['10.0.0', false],
    ['5', true],
    ['unknown', false],
  ])('%s is observed: %s; what is not is said once, with the fix', (version, observed) => {
    const Client = client();
    toy.loads({ Client }, version);
    toy.loads({ Client }, version);
    expect(isPatched(Client)).toBe(observed);
    expect(warned).toEqual(
      observed
        ? []
        : [
            `costspan: toy-sdk ${version} is outside the tested range (≥4.19 <8.0): its calls are not observed. ` +
              'Install a tested version, or add new ProviderFetchInstrumentation().',
          ],
    );
    expect(sightings()).toContainEqual({ package: 'toy-sdk', version, how: 'hook', patched: observed });
  });

  test('that nobody tells is observed', () => {
    const Client = client();
    toy.loads({ Client });
    expect([isPatched(Client), warned]).toEqual([true, []]);
  });
});

test('a client that is built in another way is said once, and left as it is', () => {
  class Rebuilt {
    get(): void {}
    post(): void {}
  }
  toy.loads({ Rebuilt }, '7.1.0');
  toy.loads(Rebuilt);
  expect(warned.map((message) => message.slice(0, 76))).toEqual([
    'costspan: toy-sdk 7.1.0 is built differently from the versions tested (≥4.19',
    'costspan: toy-sdk  is built differently from the versions tested (≥4.19 <8.0',
  ]);
});

test.each([
  [{}],
  [null],
  [undefined],
  [7],
  [{ VERSION: '7.1.0', helper: () => undefined }],
  [() => undefined],
  [{ get() {}, post() {} }],
])('a file of an SDK without a client is nobody’s business: %j', (exported) => {
  toy.loads(exported, '7.1.0');
  expect(warned).toEqual([]);
});

describe('what the hooks cannot see', () => {
  test('is instrumented by hand: a module, a class or a client', () => {
    for (const given of [
      (Client: typeof OldClient) => ({ Client }),
      (Client: typeof OldClient) => Client,
      (Client: typeof OldClient) => new Client(),
    ]) {
      const Client = client();
      toy.manuallyInstrument(given(Client));
      expect(isPatched(Client)).toBe(true);
    }
  });

  test.each([[{}], [null], [undefined], ['openai'], [() => undefined]])(
    'is refused where it has no client: %s',
    (given) => {
      expect(() => toy.manuallyInstrument(given)).toThrow(
        'Pass the module (\'import * as sdk from "toy-sdk"\'), its client class, or a client.',
      );
    },
  );

  test('says its version where its class can say it, and none where that takes a client', () => {
    for (const [name, getUserAgent, version] of [
      ['told', () => 'OpenAI/JS 7.55.0', '7.55.0'],
      [
        'broken',
        () => {
          throw new Error('no client');
        },
        undefined,
      ],
    ] as const) {
      const Client = client();
      Object.assign(Client.prototype, { getUserAgent });
      toy.manuallyInstrument(Client);
      const seen = sightings().filter(({ package: each, how }) => each === 'toy-sdk' && how === 'manual');
      expect([name, seen.some((each) => each.version === version)]).toEqual([name, true]);
    }
  });
});

test('a patch comes and goes with its instrumentation', () => {
  const Client = client();
  toy.loads({ Client }, '7.1.0');
  toy.disable();
  expect(isPatched(Client)).toBe(false);
  const Later = client();
  toy.loads({ Later }, '7.1.0');
  expect(isPatched(Later)).toBe(false);
  toy.enable();
  expect([isPatched(Client), isPatched(Later)]).toEqual([true, true]);
});

test('OTEL_SDK_DISABLED leaves every SDK as it is', () => {
  vi.stubEnv('OTEL_SDK_DISABLED', 'true');
  const off = new ToyInstrumentation();
  off.enable();
  const Client = client();
  off.loads({ Client }, '7.1.0');
  expect(isPatched(Client)).toBe(false);
});
