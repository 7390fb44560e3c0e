import { describe, expect, test } from 'vitest';
import { eventually } from '../support/pulse-wait.ts';
import {
  audioLoop,
  driftingLoop,
  isWhole,
  pause,
  pauseService,
  stalledLoop,
  whileStreaming,
} from '../support/vpi-loop.ts';
import { useGadget } from '../support/vpi-rig.ts';
import { measureTone, toneBytes, toneWav } from '../support/vpi-sound.ts';
import { expectTone } from '../support/vpi-tone.ts';

const rig = useGadget();
const SECONDS = Number(process.env.VPI_SOUND_SECONDS ?? 20);
const connected = (): Promise<true> =>
  eventually(
    'both streams of the gadget on the box',
    async () => (await rig.sound.streams()) === 2,
    30_000,
    100,
  );

describe('sound', () => {
  test("what the client plays arrives at the box's bus: pitch, level, no gap", async () => {
    await connected();
    await rig.guest.put('/tmp/tone.wav', toneWav(440, SECONDS, -12));
    const { result, judged } = await whileStreaming(
      rig,
      SECONDS + 8,
      async () => {
        const recording = rig.sound.record(`${rig.sound.sink}.monitor`);
        await rig.guest.ok(`aplay -q -D hw:${rig.card} /tmp/tone.wav`, { deadlineMs: (SECONDS + 30) * 1000 });
        return measureTone(await recording.stop());
      },
      isWhole,
    );
    console.log('client → box:', result);
    expectTone(result, { frequencyHz: 440, levelDb: -12, seconds: SECONDS }, judged);
  });

  test("the box's microphone arrives at the client: pitch, level, no gap", async () => {
    await connected();
    const { result, judged } = await whileStreaming(
      rig,
      SECONDS + 8,
      async () => {
        const player = rig.sound.play('crosspoint.desk.mic', toneBytes(660, SECONDS + 20, -18));
        const recorded = await rig.guest.ok(
          `arecord -q -D hw:${rig.card} -f S16_LE -r 48000 -c 2 -t raw -d ${SECONDS} /tmp/recorded.raw && base64 -w0 /tmp/recorded.raw`,
          { deadlineMs: (SECONDS + 60) * 1000 },
        );
        await player.stop();
        return measureTone(Buffer.from(recorded, 'base64'));
      },
      isWhole,
    );
    console.log('box → client:', result);
    expectTone(result, { frequencyHz: 660, levelDb: -18, seconds: SECONDS }, judged);
  });

  test('the box hears who has the microphone and the speaker open', async () => {
    await connected();
    const recording = rig.guest.run(`arecord -q -D hw:${rig.card} -f S16_LE -r 48000 -c 2 -d 4 /dev/null`);
    await eventually(
      'the microphone tally',
      () => rig.box.tally.mic === true && rig.box.tally.speaker === false,
      4000,
    );
    await recording;
    await eventually('the end of it', () => rig.box.tally.mic === false, 3000);
    const playing = rig.guest.run(`aplay -q -D hw:${rig.card} -f S16_LE -r 48000 -c 2 -d 4 /dev/zero`);
    await eventually(
      'the speaker tally',
      () => rig.box.tally.speaker === true && rig.box.tally.mic === false,
      4000,
    );
    await playing;
    await eventually('the end of it', () => rig.box.tally.speaker === false, 3000);
  });
});

describe('the latency', () => {
  test('client → box → client is at most 85 ms with a crosspoint of the box in it', async () => {
    await rig.sound.loopBack();
    await connected();
    const { result, judged } = await whileStreaming(
      rig,
      24,
      () => audioLoop(rig, 18),
      (seen) => (seen.tripMs?.p50 ?? Infinity) <= 85,
    );
    console.log('round trip:', result.tripMs, { breaks: result.breaks, levelDb: result.levelDb });
    expect(result.tripMs).toBeDefined();
    if (judged) expect(result.tripMs?.p50).toBeLessThanOrEqual(85);
  });

  test.each([
    ["the gadget's program", () => pauseService(rig.guest, 'audio')],
    ["the box's sound server", () => pause([rig.sound.pid])],
  ])('is back at its target within 3 s when %s was stopped for 500 ms', async (_what, stall) => {
    await connected();
    const { result, judged } = await whileStreaming(
      rig,
      23,
      () => stalledLoop(rig, stall),
      ({ before, after }) => Math.abs(after - before) < 10,
    );
    console.log('a stall of 500 ms: round trip', result);
    if (judged) expect(Math.abs(result.after - result.before)).toBeLessThan(10);
  });

  test('does not grow when the clocks of client and box differ by 300 ppm', async () => {
    const seconds = Number(process.env.VPI_DRIFT_SECONDS ?? 90);
    const { result, judged } = await whileStreaming(
      rig,
      seconds + 8,
      () => driftingLoop(rig, 300, seconds),
      ({ early, late }) => Math.abs(late - early) < 12,
    );
    const { micCorrectionPpm, speakerCorrectionPpm } = rig.box.stats;
    console.log('300 ppm for', seconds, 's:', { ...result, micCorrectionPpm, speakerCorrectionPpm });
    if (judged) expect(Math.abs(result.late - result.early)).toBeLessThan(12);
  });
});
