import type { App } from '../run.ts';

export const run: App['run'] = async (url, callbacks) => {
  const { ChatGoogleGenerativeAI } = await import('@langchain/google-genai');
  const model = new ChatGoogleGenerativeAI({ model: 'gemini-2.5-flash', apiKey: 'k', baseUrl: url });
  const options = { callbacks: [...callbacks] as never };
  await model.invoke('hi', options);
  await model.invoke('hi', options);
};
