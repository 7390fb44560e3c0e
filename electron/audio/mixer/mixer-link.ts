import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { type Disposable } from '../../base/disposable.ts';
import { type MixerEvent, parseEvent, PROTOCOL_VERSION } from './protocol.ts';

/** A mixer that was started or found answers at once, unless the machine is very busy. */
const WELCOME_MS = 3000;

/** A connection to a running mixer, which is ours alone: the mixer lets go of the owner before. */
export class MixerLink implements Disposable {
  readonly #socket: Socket;
  #onEvent: (event: MixerEvent) => void = () => undefined;
  /** Settles when the connection has ended, whoever ended it. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    // Followed by close. The reader of lines passes errors of its input on as its own.
    const ignore = (): void => undefined;
    socket.on('error', ignore);
    createInterface({ input: socket })
      .on('error', ignore)
      .on('line', (line) => {
        const event = parseEvent(line);
        if (event) this.#onEvent(event);
      });
  }

  /**
   * Connects, and hears what there is.
   * @param onEvent from now on; paths that are there come before `ready`
   * @returns null when nobody is there, or only somebody who speaks otherwise or mixes for another server
   */
  static async open(
    path: string,
    server: string,
    onEvent: (event: MixerEvent) => void,
  ): Promise<MixerLink | null> {
    const socket = createConnection(path);
    try {
      await once(socket, 'connect');
    } catch {
      return null;
    }
    const link = new MixerLink(socket);
    const isOurs = await link.#greet(server, onEvent);
    if (isOurs) return link;
    link.say('quit');
    await link.closed;
    return null;
  }

  #greet(server: string, onEvent: (event: MixerEvent) => void): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.dispose(), WELCOME_MS);
      void this.closed.then(() => {
        clearTimeout(timer);
        resolve(false);
      });
      this.#onEvent = (event) => {
        if (event.kind === 'mixer' && (event.version !== PROTOCOL_VERSION || event.server !== server)) {
          this.#onEvent = () => undefined;
          clearTimeout(timer);
          resolve(false);
          return;
        }
        onEvent(event);
        if (event.kind !== 'ready') return;
        clearTimeout(timer);
        this.#onEvent = onEvent;
        resolve(true);
      };
      this.say(`hello ${PROTOCOL_VERSION}`);
    });
  }

  say(line: string): void {
    if (this.#socket.writable) this.#socket.write(`${line}\n`);
  }

  /** Lets go of the mixer, which goes on for a while. */
  dispose(): void {
    this.#socket.destroy();
  }
}
