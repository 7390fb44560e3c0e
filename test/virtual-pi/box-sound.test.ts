import { describe, expect, test } from 'vitest';
import { GADGET, useBox } from '../support/vpi-box.ts';
import { audioLoop, isWhole, whileStreaming } from '../support/vpi-loop.ts';
import { measureTone, toneWav } from '../support/vpi-sound.ts';
import { expectTone } from '../support/vpi-tone.ts';

const box = useBox();
const SECONDS = Number(process.env.VPI_SOUND_SECONDS ?? 60);
const RETURN = `${GADGET}.return`;
const MIC = `${GADGET}.mic`;

describe('while the webcam streams', () => {
  test("what the client plays arrives at the box's speaker: pitch, level within 1 dB, no gap over 5 ms", async () => {
    await box().route(RETURN, 'speaker:hall');
    await box().route('cam:one', `${GADGET}.webcam`);
    await box().guest.put('/tmp/tone.wav', toneWav(440, SECONDS, -12));
    const { result, judged } = await whileStreaming(
      box(),
      SECONDS + 8,
      async () => {
        const recording = box().record('hall.monitor');
        await box().guest.ok(`aplay -q -D hw:${box().card} /tmp/tone.wav`, {
          deadlineMs: (SECONDS + 30) * 1000,
        });
        return measureTone(await recording.stop());
      },
      isWhole,
    );
    console.log(`client → the box's speaker, ${SECONDS} s; goals ±1 dB, no gap:`, result);
    expectTone(result, { frequencyHz: 440, levelDb: -12, seconds: SECONDS }, judged);
  });

  test('client → box → client is at most 85 ms, with a crosspoint of the box in it', async () => {
    // A computer hears itself only when that is allowed on purpose.
    await expect(box().engine.run({ type: 'route', source: RETURN, destination: MIC })).rejects.toThrow(
      'feedback',
    );
    await box().engine.run({ type: 'gadget.update', id: GADGET, mixMinus: false });
    await box().route(RETURN, MIC);
    const { result, judged } = await whileStreaming(
      box(),
      24,
      () => audioLoop(box(), 18),
      (seen) => (seen.tripMs?.p50 ?? Infinity) <= 85,
    );
    console.log('round trip with the real box; goal 85 ms:', result.tripMs, { breaks: result.breaks });
    expect(result.tripMs).toBeDefined();
    if (judged) expect(result.tripMs?.p50).toBeLessThanOrEqual(85);
  });
});
