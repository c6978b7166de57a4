import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { install, suite } from './fixtures.ts';

/** Compiled against the frameworks' own types, which are only installed here. */
const PROGRAM = `
import express, { type Request } from 'express';
import { fastify, type FastifyRequest } from 'fastify';
import { type Context, Hono } from 'hono';
import Koa from 'koa';
import { attributeTo } from '../../../../src/attribution/attribute-to.ts';

const app = express();
app.use(attributeTo((req) => ({ customer: req.get('x-org'), context: { feature: 'chat' } })));
app.get('/', attributeTo(async (req: Request) => ({ customer: req.get('x-org') })));
fastify().addHook('preHandler', attributeTo((req: FastifyRequest) => ({ customer: req.ip })));
new Hono().use(attributeTo((c: Context) => ({ customer: c.req.header('x-org') })));
new Koa().use(attributeTo((ctx: Koa.Context) => ({ customer: ctx.get('x-org') })));
// @ts-expect-error a customer is a string, null or undefined
app.use(attributeTo((req) => ({ customer: { id: req.ip } })));
`;

it('fits the types of Express, Fastify, Hono and Koa', () => {
  install();
  const directory = `${suite}.cache`;
  mkdirSync(directory, { recursive: true });
  writeFileSync(`${directory}/program.ts`, PROGRAM);
  const config = { extends: '../../../../tsconfig.json', include: ['program.ts'] };
  writeFileSync(`${directory}/tsconfig.json`, JSON.stringify(config));
  const tsc = fileURLToPath(new URL('../../../node_modules/.bin/tsc', import.meta.url));
  const { stdout, status } = spawnSync(tsc, ['-p', directory], { encoding: 'utf8' });
  expect(stdout).toBe('');
  expect(status).toBe(0);
});
