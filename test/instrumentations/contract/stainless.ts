import type {
  Capabilities,
  Client,
  ClientOptions,
  ProviderUnderTest,
  SdkPromise,
  SdkStream,
} from './provider-under-test.ts';

/** What the SDKs that Stainless generates have in common. */
interface StainlessClient {
  post(path: string, options: object): SdkPromise<unknown>;
  withOptions?(options: object): Client;
}

export type StainlessClass = new (options: never) => Client;

interface Stainless {
  readonly Client: StainlessClass;
  connect(options: ClientOptions, Class?: StainlessClass): Client;
  create(client: Client, params: object): Promise<unknown>;
  /** The path of the billable call, below the base URL. */
  readonly path: string;
}

/** What every such SDK offers beside the plain call, and what of it is patched. */
export function stainless({
  Client,
  connect,
  create,
  path,
}: Stainless): Pick<ProviderUnderTest, 'can' | 'patched'> {
  const promise = (client: Client, params: object): SdkPromise<unknown> =>
    create(client, params) as SdkPromise<unknown>;
  const can: Capabilities = {
    promise,
    raw: (client, params) => promise(client, params).asResponse(),
    stream: (stream) => stream as SdkStream,
    post: (client, to, params) => (client as StainlessClient).post(to, { body: params }),
    path,
    withOptions: (client) => (client as StainlessClient).withOptions?.({ timeout: 5_000 }) ?? client,
    subclass: (options) => {
      class Ours extends Client {}
      return connect(options, Ours);
    },
    retries: true,
    timeout: true,
  };
  return { can, patched: { owner: ownerOf(Client.prototype as object), names: ['request', 'makeRequest'] } };
}

/** The prototype that defines `request`. */
function ownerOf(prototype: object): object {
  return Object.hasOwn(prototype, 'request')
    ? prototype
    : ownerOf(Object.getPrototypeOf(prototype) as object);
}
