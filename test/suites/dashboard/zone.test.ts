import { expect, test } from 'vitest';
import { costBy, NOVEMBER, OCTOBER } from './figures.ts';
import { served } from './served.ts';

const { look } = served('zone');

/** Ten hours behind UTC all year: the first ten hours of a month are still the month before. */
const ZONE = 'Pacific/Honolulu';
const dayThere = ({ timestamp }: { readonly timestamp: Date }): string =>
  new Date(timestamp.getTime() - 10 * 3_600_000).toISOString().slice(0, 10);

test('a time zone is chosen by keyboard alone, stands in the address, and says where days begin', async () => {
  const screen = await look('#/?by=model');
  const { page } = screen;
  await page.locator('.zone summary').focus();
  await page.keyboard.press('Enter');
  // Opened, it is ready to be typed over.
  await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'tz');
  await page.keyboard.type('pacific/honolulu');
  await Promise.all([page.waitForURL(/tz=Pacific%2FHonolulu/), page.keyboard.press('Enter')]);
  await screen.settled();

  expect(page.url()).toMatch(/\?tz=Pacific%2FHonolulu#\/\?by=model$/);
  expect(await page.locator('.zone summary').textContent()).toContain(ZONE);
  expect(await page.locator('footer').textContent()).toContain(`in ${ZONE}`);
  await page.getByText('Figures per day').click();
  const days = await page
    .getByRole('region', { name: 'Spend per day: table' })
    .locator('tbody tr td:nth-child(3) data')
    .evaluateAll((all) => all.map((each) => each.getAttribute('value')));
  const costs = costBy([...OCTOBER, ...NOVEMBER], dayThere);
  expect(days).toHaveLength(24);
  expect(days).toEqual(
    days.map((_, index) => costs.get(`2026-11-${String(index + 1).padStart(2, '0')}`) ?? '0'),
  );
  // Every link and every file keeps it.
  expect(await page.getByRole('link', { name: /Download spend/ }).getAttribute('href')).toContain(
    'tz=Pacific',
  );
  await page.getByRole('link', { name: 'Events' }).click();
  await page.getByRole('heading', { level: 1, name: 'Events' }).waitFor();
  expect(page.url()).toContain('?tz=Pacific%2FHonolulu#/events');
  await screen.settled();
  await screen.close();
});

test("the dashboard's own time zone is one button away", async () => {
  const screen = await look('?tz=Asia/Kolkata#/');
  const { page } = screen;
  await page.locator('.zone summary').click();
  await Promise.all([
    page.waitForURL((url) => url.search === ''),
    page.getByRole('button', { name: 'The dashboard’s own' }).click(),
  ]);
  await screen.settled();
  expect(await page.locator('footer').textContent()).toContain('in UTC');
  await screen.close();
});

test('what is no time zone is refused beside the field, and Escape closes it', async () => {
  const screen = await look();
  const { page } = screen;
  await page.locator('.zone summary').click();
  const field = page.getByLabel('Days and months begin in');
  await field.fill('Mars/Olympus');
  await page.getByRole('button', { name: 'Apply' }).click();
  expect(await field.evaluate((input: HTMLInputElement) => input.validationMessage)).toContain(
    'No such time zone',
  );
  expect(new URL(page.url()).search).toBe('');
  await field.press('Escape');
  expect(await page.locator('.zone').getAttribute('open')).toBeNull();
  await screen.close();
});

test('a time zone of the address that is none is refused in words', async () => {
  const screen = await look('');
  screen.isRefusalExpected = true;
  await screen.page.goto(new URL('?tz=Mars', screen.page.url()).href);
  expect(await screen.page.getByRole('alert').first().textContent()).toContain('tz: expected');
  await screen.close();
});
