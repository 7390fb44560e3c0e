import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type CameraControl, CrosspointError } from '../../contract/index.ts';
import { readDescription, type V4l2Description } from './v4l2-text.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 5000;

/** `v4l2-ctl` of v4l-utils: what a camera can do, and its controls. */
export class V4l2Ctl {
  readonly #program: string;

  constructor(program = 'v4l2-ctl') {
    this.#program = program;
  }

  /** @throws CrosspointError `unavailable`: v4l-utils are missing; `forbidden`; `not-found`: it is gone */
  async describe(device: string): Promise<V4l2Description> {
    return readDescription(await this.#run(device, ['--info', '--list-formats-ext', '--list-ctrls-menus']));
  }

  /**
   * Set controls. What is automatic comes first: while exposure is automatic, its time cannot be set.
   * @throws CrosspointError as `describe`; `bad-request`: the camera refuses a value
   */
  async set(
    device: string,
    values: Readonly<Record<string, number>>,
    known: readonly CameraControl[] = [],
  ): Promise<void> {
    const isSwitch = (name: string): boolean => {
      const control = known.find((candidate) => candidate.name === name);
      return control ? control.kind !== 'integer' : /auto|dynamic/.test(name);
    };
    const names = Object.keys(values);
    for (const part of [names.filter(isSwitch), names.filter((name) => !isSwitch(name))]) {
      if (part.length === 0) continue;
      await this.#run(device, ['--set-ctrl', part.map((name) => `${name}=${values[name] ?? 0}`).join(',')]);
    }
  }

  async #run(device: string, args: readonly string[]): Promise<string> {
    try {
      const { stdout } = await run(this.#program, ['-d', device, ...args], {
        timeout: TIMEOUT_MS,
        maxBuffer: 4 * 1024 * 1024,
      });
      return stdout;
    } catch (error) {
      throw sentenceOf(error);
    }
  }
}

function sentenceOf(error: unknown): CrosspointError {
  const { code, stderr = '' } = error as { readonly code?: unknown; readonly stderr?: string };
  if (code === 'ENOENT')
    return new CrosspointError(
      'unavailable',
      'Its formats and controls are not known: v4l2-ctl is missing. The camera works all the same.',
      { hint: 'Install it with your package manager, e.g. apt install v4l-utils.', cause: error },
    );
  if (/Permission denied/i.test(stderr))
    return new CrosspointError(
      'forbidden',
      'Crosspoint may not open this camera: its user is not in the group “video”.',
      { cause: error },
    );
  if (/No such (file|device)|Cannot open device/i.test(stderr))
    return new CrosspointError('not-found', 'The camera is not connected.', { cause: error });
  const refused =
    /unknown control '([^']*)'|([a-z0-9_]+): (?:Permission denied|Invalid argument|Numerical result)/.exec(
      stderr,
    );
  return new CrosspointError(
    'bad-request',
    refused
      ? `The camera does not take a value for its control “${refused[1] ?? refused[2] ?? ''}”.`
      : 'The camera does not take these values for its controls.',
    { cause: error },
  );
}
