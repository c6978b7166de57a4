// Never loads the package's main module.
import { AzureOpenAI } from 'openai/azure';
import { callWith } from './provider.cjs';

class Client extends AzureOpenAI {
  constructor({ apiKey, baseURL }) {
    super({ apiKey, baseURL, apiVersion: '2025-01-01' });
  }
}
await callWith(Client);
