import AxeBuilder from '@axe-core/playwright';
import { type Page } from '@playwright/test';
import { expect, test } from './support.ts';

const VIEWS = ['matrix', 'cameras', 'gadgets', 'mixer', 'scenes', 'log', 'settings'] as const;

/** @param rules all of them, or these alone */
async function violations(page: Page, rules?: string[]): Promise<string[]> {
  // There are no frames: nothing is to be put together in a page of its own.
  const axe = new AxeBuilder({ page }).setLegacyMode();
  const { violations: found } = await (rules ? axe.withRules(rules) : axe).analyze();
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
}

// Between the schemes only colours differ.
for (const [colorScheme, rules] of [
  ['light', undefined],
  ['dark', ['color-contrast']],
] as const) {
  test(`no view has an accessibility violation (${colorScheme})`, async ({ demo: engine, page }) => {
    test.slow();
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.goto(engine.http);
    await expect(page.getByTestId('matrix')).toBeVisible();
    for (const view of VIEWS) {
      await page.getByTestId(`nav:${view}`).click();
      await expect(page.getByTestId(`view:${view}`)).toBeVisible();
      expect.soft(await violations(page, rules && [...rules]), view).toEqual([]);
    }
  });
}

test('no dialog has an accessibility violation', async ({ engine, page }) => {
  test.slow();
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await engine.run(
    { type: 'scene.save', name: 'Now' },
    { type: 'mute', id: 'mic:demo-tone' },
    { type: 'group.add', name: 'Speech', members: ['mic:demo-tone'] },
  );
  const dialogs: readonly (readonly [string, string])[] = [
    ['cameras', 'picture-settings:cam:demo-camera'],
    ['cameras', 'add-camera'],
    ['mixer', 'settings:mic:demo-tone'],
    ['mixer', 'members:group:speech'],
    ['scenes', 'part:Now'],
    ['gadgets', 'token:demo-laptop'],
  ];
  for (const [view, opener] of dialogs) {
    await page.goto(`${engine.http}/#/${view}`);
    await page.getByTestId(opener).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    expect.soft(await violations(page), opener).toEqual([]);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  }
  await engine.run({ type: 'group.remove', id: 'group:speech' }, { type: 'scene.delete', name: 'Now' });
});

test('the matrix is worked by keyboard alone', async ({ demo: engine, page }) => {
  await page.goto(engine.http);
  const cell = page.getByTestId('cell:mic:demo-tone|demo-desktop.mic');
  await expect(cell).toBeVisible();
  const gain = async () =>
    (await engine.state()).config.routes.find(
      ({ source, destination }) => source === 'mic:demo-tone' && destination === 'demo-desktop.mic',
    )?.gain;
  await cell.focus();
  await page.keyboard.press('Space');
  await expect(cell).toHaveAttribute('data-state', /^(live|degraded)$/);
  await expect(page.getByTestId('announcer')).toContainText('routed');
  await page.keyboard.press('-');
  await expect.poll(gain).toBeLessThan(0);
  await page.keyboard.press('Space');
  await expect(cell).toHaveAttribute('data-state', 'off');
  await page.keyboard.press('ArrowRight');
  await expect(cell).not.toBeFocused();
  await page.keyboard.press('ArrowLeft');
  await expect(cell).toBeFocused();
});
