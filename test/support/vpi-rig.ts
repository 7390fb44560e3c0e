import { afterAll, beforeAll } from 'vitest';
import {
  clientCard,
  clientSeesGadget,
  configure,
  gadgetPackage,
  type GadgetSettings,
  installClients,
  installPackage,
} from './vpi-gadget.ts';
import { VirtualPi } from './vpi-guest.ts';
import { SoundBox } from './vpi-sound-box.ts';
import { VideoBox } from './vpi-video-box.ts';

/** A virtual Pi with the package installed, next to stand-ins for the box's video and sound. For the tests of one file. */
export interface GadgetRig {
  readonly guest: VirtualPi;
  readonly box: VideoBox;
  readonly sound: SoundBox;
  /** The client computer's camera, `/dev/videoN`. */
  readonly camera: string;
  /** The client computer's sound card, as ALSA calls it. */
  readonly card: string;
  /** Write the gadget's configuration, put it into effect, and wait until the client sees the gadget. */
  configure(change?: GadgetSettings): Promise<void>;
}

/** Registers what has to happen before and after the tests of this file. */
export function useGadget(settings: GadgetSettings = {}): GadgetRig {
  let guest: VirtualPi | undefined;
  let box: VideoBox | undefined;
  let sound: SoundBox | undefined;
  let camera = '';
  let card = '';
  const there = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error('the virtual Pi has not started');
    return part;
  };
  const rig: GadgetRig = {
    get guest() {
      return there(guest);
    },
    get box() {
      return there(box);
    },
    get sound() {
      return there(sound);
    },
    get camera() {
      return camera;
    },
    get card() {
      return card;
    },
    async configure(change = {}) {
      await configure(
        rig.guest,
        {
          label: 'Desk 1',
          rtmp_url: rig.box.url(),
          pulse_server: rig.sound.address,
          pulse_sink: rig.sound.sink,
          pulse_source: rig.sound.source,
          ...settings,
          ...change,
        },
        rig.sound.cookie,
      );
      camera = await clientSeesGadget(rig.guest);
      card = await clientCard(rig.guest);
    },
  };

  beforeAll(async () => {
    const deb = await gadgetPackage();
    box = await VideoBox.start();
    sound = await SoundBox.start();
    guest = await VirtualPi.start();
    await installClients(guest);
    await installPackage(guest, deb);
    await rig.configure();
  });
  afterAll(async () => {
    await guest?.dispose();
    await sound?.dispose();
    await box?.dispose();
  });
  return rig;
}
