import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';

const SHOTS = join(import.meta.dirname, '.cache/screenshots');

/** A page of the dashboard in a browser, with everything it complained of or asked others for. */
export class LookedAt {
  readonly page: Page;
  readonly #origin: string;
  readonly #complaints: string[] = [];
  /** Answers of the API that the test expects to be refused: the browser reports each as an error. */
  isRefusalExpected = false;

  private constructor(page: Page, origin: string) {
    this.page = page;
    this.#origin = origin;
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()))
        this.#complain(`${message.type()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => this.#complain(`thrown: ${error.message}`));
    page.on('request', (request) => {
      const url = new URL(request.url());
      const isOwn = url.origin === this.#origin || ['data:', 'blob:', 'about:'].includes(url.protocol);
      if (!isOwn) this.#complain(`foreign request: ${request.url()}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 400) this.#complain(`${response.status()} ${response.url()}`);
    });
  }

  static async open(
    browser: Browser,
    origin: string,
    route = '',
    options: BrowserContextOptions = {},
  ): Promise<LookedAt> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    context.setDefaultTimeout(60_000);
    // Violations of the content security policy are events, and they stay where they happened.
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) =>
        console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI}`),
      );
    });
    const looked = new LookedAt(await context.newPage(), origin);
    await looked.go(route);
    return looked;
  }

  /** Goes to a screen, `#/events?customer=acme`, and waits until every answer is there. */
  async go(route: string): Promise<void> {
    await this.page.goto(`${this.#origin}/${route}`);
    await this.settled();
  }

  /** Nothing is awaited any more: every part of the screen has its answer. */
  async settled(): Promise<void> {
    await this.page.waitForFunction(
      () => document.querySelector('#main h1') !== null && document.querySelector('.waiting') === null,
    );
  }

  /** The exact values below a part of the page that has this accessible name. */
  async values(part: string): Promise<string[]> {
    await this.settled();
    return this.page
      .getByRole('region', { name: part, exact: true })
      .first()
      .locator('data')
      .evaluateAll((all) => all.map((each) => each.getAttribute('value') ?? ''));
  }

  /** What a link downloads. */
  async download(name: string): Promise<string> {
    const [download] = await Promise.all([
      this.page.waitForEvent('download'),
      this.page
        .getByRole('link', { name: `Download ${name} as CSV` })
        .first()
        .click(),
    ]);
    const stream = await download.createReadStream();
    return (await Array.fromAsync(stream as AsyncIterable<Buffer>)).join('');
  }

  async screenshot(name: string, fullPage = true): Promise<void> {
    mkdirSync(SHOTS, { recursive: true });
    await this.page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage, animations: 'disabled' });
  }

  /** No error, no violation of the policy, no request to others; then it is closed. */
  async close(): Promise<void> {
    const complaints = [...this.#complaints];
    await this.page.context().close();
    expect(complaints).toEqual([]);
  }

  #complain(text: string): void {
    if (this.isRefusalExpected && /400/.test(text)) return;
    this.#complaints.push(text);
  }
}
