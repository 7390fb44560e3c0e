import { type PulseClient } from '../../electron/audio/pulse/index.ts';
import { eventually } from './pulse-wait.ts';

/**
 * Listens to the mix of a gadget, as the gadget itself does: from now on it counts as connected. Waits until the mix is
 * there; the stream ends with the client.
 */
export async function standInGadget(client: PulseClient, gadget: string): Promise<void> {
  const source = `crosspoint.${gadget}.mic.monitor`;
  await eventually(`the mix of ${gadget}`, async () =>
    (await client.sources()).some(({ name }) => name === source),
  );
  await client.record({
    name: gadget,
    source,
    format: 's16le',
    channels: 2,
    rateHz: 48_000,
    fragmentMs: 20,
    properties: { 'application.id': 'dev.crosspoint.gadget' },
    onData: () => undefined,
  });
}
