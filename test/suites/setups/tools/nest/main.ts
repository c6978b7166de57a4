import 'reflect-metadata';
import {
  Controller,
  type MessageEvent,
  type MiddlewareConsumer,
  Module,
  type NestModule,
  Post,
  Sse,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { attributeTo } from 'costspan';
import OpenAI from 'openai';
import { from, type Observable } from 'rxjs';

const messages = [{ role: 'user' as const, content: 'Hello' }];

@Controller()
class Chat {
  readonly #client = new OpenAI();

  @Post('plain')
  async plain(): Promise<{ text: string | null | undefined }> {
    const reply = await this.#client.chat.completions.create({ model: 'gpt-4o', messages });
    return { text: reply.choices[0]?.message.content };
  }

  @Sse('stream')
  async stream(): Promise<Observable<MessageEvent>> {
    const stream = await this.#client.chat.completions.create({ model: 'gpt-4o', messages, stream: true });
    const parts: MessageEvent[] = [];
    for await (const chunk of stream) parts.push({ data: chunk.choices[0]?.delta.content ?? '' });
    return from(parts);
  }
}

@Module({ controllers: [Chat] })
class App implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer
      .apply(
        attributeTo((request: { headers: Record<string, unknown> }) => ({
          customer: String(request.headers['x-tenant']),
        })),
      )
      .forRoutes('*path');
  }
}

void (async () => {
  const app = await NestFactory.create(App, { logger: false });
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const headers = { 'x-tenant': 'acme' };
  await (await fetch(`${url}/plain`, { method: 'POST', headers })).text();
  await (await fetch(`${url}/stream`, { headers })).text();
  await app.close();
})();
