/**
 * How long the page takes over a large ledger, in Chromium: `node test/suites/dashboard/large.ts costs.db [time]`. The
 * file is one that `node bench/reports.ts --keep costs.db` left; `time` is the moment the page takes for now.
 */
import { createDashboard } from '../../../src/dashboard/dashboard.ts';
import { openLedgerFile } from '../../../src/ledger/sqlite/open-ledger-file.ts';
import { launchChromium } from './chromium.ts';

const [path, now = '2026-11-30T23:20:00Z'] = process.argv.slice(2);
if (path === undefined) throw new Error('Give the path of a ledger.');
const began = Date.now();
const clock = (): Date => new Date(Date.parse(now) + Date.now() - began);

const ledger = openLedgerFile(path, { readOnly: true, beside: true });
const server = await createDashboard({ ledger, now: clock }).listen();
const browser = await launchChromium();
const trace = '0'.repeat(32);

/** Every part has an answer; of one that comes in parts the first is enough. */
const answered = (): boolean =>
  document.querySelector('#main h1') !== null && document.querySelector('.waiting:not(.so-far)') === null;

console.log('| screen | first, ms | again, ms | CPU of the server, ms | answers of the API, ms |');
console.log('| --- | ---: | ---: | ---: | --- |');
for (const [name, route] of [
  ['the first screen', '#/'],
  ['the first screen by model', '#/?by=model'],
  ['the first screen in Berlin', '?tz=Europe/Berlin#/'],
  ['a customer', '#/customer/customer-7'],
  ['events', '#/events'],
  ['events of a customer', '#/events?customer=customer-7'],
  ['events with an error', '#/events?status=error'],
  ['events of a model', '#/events?model=gpt-4.1'],
  ['events of a feature', '#/events?context.feature=chat'],
  ['events of a trace that is not there, first part', `#/events?trace_id=${trace}`],
  ['events of a dollar at least, first part', '#/events?min_cost=1'],
] as const) {
  const times: number[] = [];
  let answers: string[] = [];
  let cpu = 0;
  for (let round = 0; round < 3; round++) {
    const page = await browser.newPage();
    answers = [];
    page.on('requestfinished', (request) => {
      const [, what] = /\/api\/(\w+)/.exec(request.url()) ?? [];
      if (what !== undefined) answers.push(`${what} ${Math.round(request.timing().responseEnd)}`);
    });
    const [before, used] = [performance.now(), process.cpuUsage()];
    await page.goto(`${server.url}/${route}`);
    await page.waitForFunction(answered, undefined, { timeout: 120_000 });
    times.push(performance.now() - before);
    const { user, system } = process.cpuUsage(used);
    cpu = (user + system) / 1000;
    await page.close();
  }
  const [first = 0, ...again] = times.map(Math.round);
  console.log(
    `| ${name} | ${first} | ${Math.min(...again)} | ${Math.round(cpu)} | ${answers.slice(0, 5).join(', ')} |`,
  );
}
await browser.close();
await server.close();
await ledger.shutdown();
