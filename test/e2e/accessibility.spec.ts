import AxeBuilder from '@axe-core/playwright';
import { type Page } from '@playwright/test';
import { expect, startDemo, test, type StartedEngine } from './support.ts';

let rig: StartedEngine;
test.beforeAll(async () => {
  rig = await startDemo();
});
test.afterAll(() => rig.stop());

const VIEWS = ['matrix', 'cameras', 'gadgets', 'mixer', 'scenes', 'log', 'settings'] as const;

async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`no view has an accessibility violation (${colorScheme})`, async ({ page }) => {
    const { engine } = rig;
    test.slow();
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.goto(engine.http);
    await expect(page.getByTestId('matrix')).toBeVisible();
    for (const view of VIEWS) {
      await page.getByTestId(`nav:${view}`).click();
      await expect(page.getByTestId(`view:${view}`)).toBeVisible();
      expect.soft(await violations(page), view).toEqual([]);
    }
  });
}

test('no dialog has an accessibility violation', async ({ page }) => {
  const { engine } = rig;
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
});

test('the matrix is worked by keyboard alone', async ({ page }) => {
  const { engine } = rig;
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
