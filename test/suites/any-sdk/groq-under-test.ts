import Groq from 'groq-sdk';
import type {
  Client,
  ClientOptions,
  ProviderUnderTest,
} from '../../instrumentations/contract/provider-under-test.ts';
import { stainless, type StainlessClass } from '../../instrumentations/contract/stainless.ts';
import { plainFetchUnderTest, STAINLESS, throughTheNet } from '../../instrumentations/fetch/under-test.ts';

/** An SDK that has no instrumentation of ours, through the net. */
export function groqUnderTest(): ProviderUnderTest {
  const connect = ({ url, ...options }: ClientOptions, Class: StainlessClass = Groq as never): Client =>
    new (Class as unknown as typeof Groq)({ apiKey: 'secret-key', baseURL: url, ...options });
  const create: ProviderUnderTest['create'] = (client, params, options) =>
    (client as Groq).chat.completions.create(params as never, options);
  const sdk = {
    ...plainFetchUnderTest(),
    name: 'groq-sdk',
    connect,
    create,
    free: { page: { object: 'list', data: [] }, call: (client: Client) => (client as Groq).models.list() },
    ...stainless({ Client: Groq as never, connect, create, path: '/openai/v1/chat/completions' }),
  };
  return throughTheNet(sdk, 'groq', STAINLESS);
}
