import { colourOf } from './engine-pictures.ts';
import { type Box } from './vpi-box.ts';
import { type CameraResult, watchCamera } from './vpi-gadget.ts';

/** What the client sees after some seconds: the last picture of its camera, by its mean colour. */
export async function colourSeen(box: Box, args = ''): Promise<{ colour: string; seen: CameraResult }> {
  const seen = await watchCamera(box.guest, `-s /tmp/last.jpg ${args}`, 4);
  const jpeg = Buffer.from(await box.guest.ok('base64 -w0 /tmp/last.jpg'), 'base64');
  return { colour: await colourOf(jpeg), seen };
}
