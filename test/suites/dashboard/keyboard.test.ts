import { expect, test } from 'vitest';
import { served } from './served.ts';

const { look } = served('keyboard');

test('the keyboard alone leads from the first screen to what one call cost, and back', async () => {
  const screen = await look();
  const { keyboard } = screen.page;
  const focused = (): Promise<string> =>
    screen.page.evaluate(() => {
      const { activeElement: at } = document;
      return `${at?.tagName.toLowerCase()} ${at?.getAttribute('aria-label') ?? at?.textContent ?? ''}`.slice(
        0,
        60,
      );
    });
  const tabTo = async (name: RegExp): Promise<void> => {
    for (let presses = 0; presses < 80; presses += 1) {
      await keyboard.press('Tab');
      if (name.test(await focused())) return;
    }
    throw new Error(`Eighty tabs, and never at ${String(name)}.`);
  };

  await keyboard.press('Tab');
  expect(await focused()).toBe('a Skip to the figures');
  await keyboard.press('Enter');
  expect(await screen.page.evaluate(() => document.activeElement?.id)).toBe('main');
  await tabTo(/^select/);
  await tabTo(/^a \$/);
  await keyboard.press('Enter');
  await screen.page.getByRole('heading', { level: 1, name: 'Events' }).waitFor();
  await screen.settled();
  await expect
    .poll(() => screen.page.evaluate(() => document.activeElement?.id), { timeout: 30_000 })
    .toBe('main');
  await tabTo(/^a Explain/);
  await keyboard.press('Enter');
  await screen.page.getByRole('dialog').locator('table').waitFor();
  // The keyboard stays in the drawer.
  for (let presses = 0; presses < 15; presses += 1) {
    await keyboard.press('Tab');
    expect(
      await screen.page.evaluate(
        () => document.activeElement === document.body || document.activeElement?.closest('dialog') !== null,
      ),
    ).toBe(true);
  }
  await keyboard.press('Escape');
  await screen.page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await focused()).toMatch(/^a Explain/);
  expect(new URL(screen.page.url()).hash).not.toContain('event=');
  await screen.close();
});

test('what has the focus can be seen', async () => {
  const screen = await look();
  await screen.page.keyboard.press('Tab');
  await screen.page.keyboard.press('Tab');
  const outline = await screen.page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle);
  expect(outline).toBe('solid');
  await screen.close();
});
