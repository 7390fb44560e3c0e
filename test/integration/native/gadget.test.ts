import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { finished } from '../../support/vpi-guest.ts';

const GADGET = fileURLToPath(new URL('../../../native/gadget', import.meta.url));

test(
  "the gadget's programs pass their own tests: units and fuzz loops with sanitizers, a fake configfs, package files",
  async () => {
    const child = spawn('make', ['-s', '-C', GADGET, 'test'], { stdio: ['ignore', 'pipe', 'pipe'] });
    const { code, stdout, stderr } = await finished(child, 'make test', 240_000);
    const last = stdout.trim().split('\n').at(-1) ?? '';
    if (code !== 0) console.log(stdout, stderr);
    expect(last).toMatch(/^\d+ passed, 0 failed$/);
    expect(Number(last.split(' ')[0])).toBeGreaterThan(150);
    expect(code).toBe(0);
  },
  300_000,
);
