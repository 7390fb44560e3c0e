import { expect, test } from './support.ts';

const GADGETS = 20;

test('a matrix of 40 by 40 is worked by mouse and by keyboard, and follows the engine', async ({
  emptyEngine: engine,
  page,
}) => {
  await engine.run(
    ...Array.from({ length: GADGETS }, (_, i) => ({ type: 'gadget.add', name: `Room ${i + 1}` })),
    ...Array.from({ length: GADGETS }, (_, i) => ({
      type: 'camera.add',
      name: `Camera ${i + 1}`,
      kind: 'test',
      pattern: 'gray',
    })),
  );
  await page.setViewportSize({ width: 1920, height: 1080 });
  await page.goto(engine.http);
  const first = page.getByTestId('cell:cam:camera-1|room-1.webcam');
  await expect(first).toBeVisible();
  await expect(page.getByTestId('matrix')).toHaveAttribute('aria-rowcount', '42');
  await expect(page.getByTestId('matrix')).toHaveAttribute('aria-colcount', '42');
  await first.focus();
  await page.keyboard.press('Control+End');
  const last = page.getByTestId('cell:room-20.return|room-20.mic');
  await expect(last).toBeFocused();
  await expect(last).toBeInViewport();
  await expect(last).toHaveAttribute('data-state', 'impossible');
  await page.keyboard.press('ArrowLeft');
  const beside = page.getByTestId('cell:room-19.return|room-20.mic');
  await page.keyboard.press('Space');
  await expect(beside).toHaveAttribute('data-routed', 'true');
  await beside.click();
  await expect(beside).toHaveAttribute('data-routed', 'false');
  await engine.run({ type: 'route', source: 'room-1.return', destination: 'room-20.mic' });
  await expect(page.getByTestId('cell:room-1.return|room-20.mic')).toHaveAttribute('data-routed', 'true');
  // The headers stay in sight, wherever one is.
  await expect(page.getByTestId('destination:room-20.mic')).toBeInViewport();
  await expect(page.locator('[data-header="source"][data-id="room-19.return"]')).toBeInViewport();
});

test('a still larger one draws only the rows in sight, and every row when it is gone to', async ({
  emptyEngine: engine,
  page,
}) => {
  const many = 35;
  await engine.run(
    ...Array.from({ length: many }, (_, i) => ({ type: 'gadget.add', name: `Room ${i + 1}` })),
    ...Array.from({ length: many }, (_, i) => ({
      type: 'camera.add',
      name: `Camera ${i + 1}`,
      kind: 'test',
      pattern: 'gray',
    })),
  );
  await page.goto(engine.http);
  await page.getByTestId('cell:cam:camera-1|room-1.webcam').focus();
  expect(await page.locator('[data-cell]').count()).toBeLessThan((many * 2) ** 2 * 0.7);
  await page.keyboard.press('Control+ArrowDown');
  await expect(page.getByTestId(`cell:cam:camera-1|room-${many}.mic`)).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Space');
  await expect(page.getByTestId(`cell:cam:camera-1|room-${many}.webcam`)).toHaveAttribute(
    'data-routed',
    'true',
  );
});
