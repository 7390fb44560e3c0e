import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DestinationId, SourceId } from '../../../electron/contract/index.ts';
import { type PulseClient } from '../../../electron/audio/pulse/index.ts';
import { startTestDaemon, type TestDaemon } from '../../support/pulse-daemons.ts';
import { FLAVOURS_AND_MIXERS } from '../../support/pulse-mixer.ts';
import { desire, startPlane, type TestPlane } from '../../support/pulse-rig.ts';
import { Listener, makeMicrophone, playTone } from '../../support/pulse-tone.ts';
import { eventually } from '../../support/pulse-wait.ts';

const ROUTE = 'mic:room|desk.mic';
const PATH = { source: SourceId.parse('mic:room'), destination: DestinationId.parse('desk.mic') };
const BUS = 'crosspoint.desk.mic.monitor';
const RATE_HZ = 48_000;

/** The longest silence between sounds, in milliseconds. */
function longestGapMs(samples: Float32Array): number {
  let gap = 0;
  let longest = 0;
  let begun = false;
  for (const sample of samples) {
    if (Math.abs(sample) > 0.003) {
      if (begun) longest = Math.max(longest, gap);
      begun = true;
      gap = 0;
    } else gap++;
  }
  return (longest / RATE_HZ) * 1000;
}

describe.each(FLAVOURS_AND_MIXERS)('latency on %s, mixed by %s', (flavour, mixer) => {
  /** PipeWire does not tell the latency of a loopback, and our own mixer never falls behind. */
  const itWhereTold = (what: string, check: () => Promise<void>, limitMs?: number): void => {
    if (flavour === 'pulseaudio' && mixer === 'loopbacks') it(what, check, limitMs);
  };
  let daemon: TestDaemon;
  let client: PulseClient;
  let rig: TestPlane;
  let feed: string;

  const routed = (delayMs = 0, latencyMs?: number) =>
    desire({
      gadgets: ['desk'],
      mics: { 'mic:room': 'room' },
      buses: { 'desk.mic': { delayMs, ...(latencyMs === undefined ? {} : { latencyMs }) } },
      routes: { [ROUTE]: 0 },
    });
  const live = () => rig.until('live', ({ crosspoints }) => crosspoints[ROUTE]?.state === 'live');
  /** The server stands still, as on a machine that is much too busy. */
  const stall = async (ms: number): Promise<void> => {
    for (const pid of daemon.pids) process.kill(pid, 'SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, ms));
    for (const pid of daemon.pids) process.kill(pid, 'SIGCONT');
  };
  /** Until it is shown to be late. One stall after the other, should one not be enough. */
  const fallBehind = () =>
    eventually(
      'it is late',
      async () => {
        await stall(500);
        return rig
          .until('late', ({ crosspoints }) => crosspoints[ROUTE]?.state === 'degraded', 8000)
          .catch(() => null);
      },
      40_000,
    );

  beforeEach(async () => {
    daemon = await startTestDaemon(flavour);
    client = await daemon.connect();
    ({ feed } = await makeMicrophone(client, 'room'));
    rig = await startPlane({ server: daemon.address, mixer });
  });
  afterEach(async () => {
    await rig.dispose();
    client.dispose();
    await daemon.dispose();
  });

  it('is as trimmed: 0, 80 and 300 ms of delay are that much, within 6 ms', async () => {
    const before = await Listener.open(client, 'room');
    const behind = await Listener.open(client, BUS).catch(async () => {
      rig.plane.apply(routed());
      await live();
      return Listener.open(client, BUS);
    });
    /** When the mark was heard behind the path, after it was heard before it. */
    const passMs = async (): Promise<number> => {
      await behind.hear(400);
      before.reset();
      behind.reset();
      const tone = await playTone(client, feed, { targetMs: 100 });
      const at = (listener: Listener) =>
        eventually('the mark', () => {
          const index = listener.heard().findIndex((sample) => Math.abs(sample) > 0.02);
          return index >= 0 && index + 1;
        });
      const [first, last] = await Promise.all([at(before), at(behind)]);
      await tone.dispose();
      return ((last - first) / RATE_HZ) * 1000;
    };
    const middle = async (): Promise<number> =>
      [await passMs(), await passMs(), await passMs()].sort((a, b) => a - b)[1]!;
    const delayed = async (): Promise<number[]> => {
      rig.plane.apply(routed());
      await live();
      const plain = await middle();
      const delays: number[] = [];
      for (const delayMs of [80, 300]) {
        rig.plane.apply(routed(delayMs));
        await rig.until('live', ({ crosspoints }) => crosspoints[ROUTE]?.targetMs === 10 + delayMs);
        await live();
        await behind.hear(delayMs + 300);
        delays.push((await middle()) - plain);
      }
      console.log(
        `${flavour}, ${mixer}: delays of 80 and 300 ms are ${delays.map((ms) => ms.toFixed(1)).join(', ')}`,
      );
      return [Math.abs(delays[0]! - 80), Math.abs(delays[1]! - 300)];
    };
    // A machine that becomes busy meanwhile makes every path later, not its delay longer.
    let errors = await delayed();
    for (let attempt = 1; attempt < 6 && Math.max(...errors) >= 6; attempt++) errors = await delayed();
    expect(Math.max(...errors)).toBeLessThan(6);
    await before.dispose();
    await behind.dispose();
  });

  it('is reset with less than 100 ms of silence', async () => {
    await playTone(client, feed);
    rig.plane.apply(routed());
    await live();
    const listener = await Listener.open(client, BUS);
    await listener.hear(500);
    listener.reset();
    const modules = async () =>
      (await client.modules()).filter(({ name }) => name === 'module-loopback').map(({ index }) => index);
    const old = await modules();
    await rig.plane.resetLatency([PATH]);
    expect(await modules()).toHaveLength(mixer === 'loopbacks' ? 1 : 0);
    if (flavour === 'pulseaudio' && mixer === 'loopbacks') expect(await modules()).not.toEqual(old);
    await live();
    const heard = await eventually(
      'sound of after it',
      () => listener.heard().length > 30_000 && listener.heard(),
    );
    expect(longestGapMs(heard)).toBeLessThan(100);
    await listener.dispose();
  });

  const itWhereOwn = mixer === 'own' ? it : () => undefined;
  itWhereOwn('is forgotten after a stall of the server, without a reset', async () => {
    await playTone(client, feed);
    rig.plane.apply(routed());
    await live();
    await stall(500);
    const stalled = performance.now();
    await rig.until('it is told anew', ({ crosspoints }) => crosspoints[ROUTE]?.latencyMs !== undefined);
    await rig.until('it is as it was', ({ crosspoints }) => (crosspoints[ROUTE]?.latencyMs ?? 999) < 250);
    expect(performance.now() - stalled).toBeLessThan(5000);
    expect(rig.plane.status.crosspoints[ROUTE]?.state).toBe('live');
  });

  // PipeWire tells no latencies, and drops what it could not play.
  itWhereTold('that the server raised is shown, and gone after a reset', async () => {
    await playTone(client, feed);
    rig.plane.apply(routed());
    await live();
    await fallBehind();
    expect(rig.plane.status.crosspoints[ROUTE]).toMatchObject({
      targetMs: 10,
      reason: expect.stringContaining('ms late instead of 10') as string,
    });
    expect(rig.plane.status.crosspoints[ROUTE]?.latencyMs).toBeGreaterThan(30);
    await rig.plane.resetLatency([PATH]);
    await rig.until('it is as it was', ({ crosspoints }) => {
      const { state, latencyMs } = crosspoints[ROUTE] ?? {};
      return state === 'live' && latencyMs !== undefined && latencyMs < 30;
    });
  });

  itWhereTold('that the server raised is undone once nobody speaks', async () => {
    const tone = await playTone(client, feed);
    rig.plane.apply(routed());
    await live();
    await fallBehind();
    await tone.dispose();
    await rig.until(
      'it is as it was',
      ({ crosspoints }) => {
        const { state, latencyMs } = crosspoints[ROUTE] ?? {};
        return state === 'live' && latencyMs !== undefined && latencyMs < 30;
      },
      10_000,
    );
  });
});
