import { playTone } from './pulse-tone.ts';
import { type Box, GADGET } from './vpi-box.ts';
import { isWhole, whileStreaming } from './vpi-loop.ts';
import { measureTone, toneWav } from './vpi-sound.ts';
import { expectTone } from './vpi-tone.ts';

/** While the webcam streams, the client plays a tone for so long: it arrives whole at the box's speaker `hall`. */
export async function clientToSpeaker(box: Box, seconds: number): Promise<void> {
  await box.route(`${GADGET}.return`, 'speaker:hall');
  await box.guest.put('/tmp/tone.wav', toneWav(440, seconds, -12));
  const { result, judged } = await whileStreaming(
    box,
    seconds + 8,
    async () => {
      const recording = box.record('hall.monitor');
      await box.guest.ok(`aplay -q -D hw:${box.card} /tmp/tone.wav`, { deadlineMs: (seconds + 30) * 1000 });
      return measureTone(await recording.stop());
    },
    isWhole,
  );
  console.log(`client → the box's speaker, ${seconds} s; goals ±1 dB, no gap:`, result);
  expectTone(result, { frequencyHz: 440, levelDb: -12, seconds }, judged);
}

/** While the webcam streams, the box's microphone `room` hears a tone: it arrives whole in the client's recording. */
export async function microphoneToClient(box: Box, seconds: number): Promise<void> {
  await box.route('mic:room', `${GADGET}.mic`);
  const tone = await playTone(box.pulse, 'room-feed', { hz: 660, dbfs: -18 });
  try {
    const { result, judged } = await whileStreaming(
      box,
      seconds + 10,
      async () => {
        await box.guest.ok(
          `arecord -q -D hw:${box.card} -f S16_LE -r 48000 -c 2 -t raw -d ${seconds} /tmp/recorded.raw`,
          { deadlineMs: (seconds + 30) * 1000 },
        );
        const recorded = await box.guest.ok('base64 -w0 /tmp/recorded.raw', { deadlineMs: 60_000 });
        return measureTone(Buffer.from(recorded, 'base64'));
      },
      isWhole,
    );
    console.log(`the box's microphone → client, ${seconds} s; goals ±1 dB, no gap:`, result);
    expectTone(result, { frequencyHz: 660, levelDb: -18, seconds }, judged);
  } finally {
    await tone.dispose();
    await box.engine.run({ type: 'unroute', source: 'mic:room', destination: `${GADGET}.mic` });
  }
}
