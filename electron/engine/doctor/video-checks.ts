import { constants } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, CrosspointError } from '../../contract/index.ts';
import { type Ffmpeg, findFfmpeg } from '../../video/ffmpeg.ts';
import { type Finding } from './finding.ts';
import { isInstalled } from './programs.ts';

/** Parts of ffmpeg that some sources need; by what cannot be used without them. */
const PARTS: readonly (readonly [
  kind: 'decoders' | 'encoders' | 'devices',
  name: string,
  without: string,
])[] = [
  ['decoders', 'hevc', 'ingests in HEVC'],
  ['encoders', 'libx264', 'programs of cameras (ingests are relayed)'],
  ['devices', 'v4l2', 'USB cameras'],
  ['devices', 'x11grab', 'screens'],
];

export async function checkFfmpeg(find: () => Promise<Ffmpeg> = findFfmpeg): Promise<Finding> {
  const common = { id: 'ffmpeg', title: 'ffmpeg' };
  let ffmpeg: Ffmpeg;
  try {
    ffmpeg = await find();
  } catch (error) {
    const hint = error instanceof CrosspointError ? error.hint : undefined;
    return { ...common, state: 'failed', detail: messageOf(error), ...(hint === undefined ? {} : { hint }) };
  }
  const missing = PARTS.filter(([kind, name]) => !ffmpeg[kind].has(name));
  const detail = `${ffmpeg.path}, version ${ffmpeg.version}`;
  if (missing.length === 0) return { ...common, state: 'ok', detail };
  return {
    ...common,
    state: 'warning',
    detail: `${detail}, without ${missing.map(([, name]) => name).join(', ')}.`,
    hint: `It cannot be used for ${missing.map(([, , without]) => without).join(', ')}. Your system's package of ffmpeg usually has all of it.`,
  };
}

/** The cameras of this machine, and whether this user may open them. */
export async function checkCameras(directory = '/dev'): Promise<Finding[]> {
  const common = { id: 'cameras', title: 'cameras' };
  const nodes = (await readdir(directory).catch(() => [])).filter((name) => /^video\d+$/.test(name));
  if (nodes.length === 0)
    return [{ ...common, state: 'info', detail: 'No camera is plugged into this machine.' }];
  const closed: string[] = [];
  for (const node of nodes) {
    const path = join(directory, node);
    await access(path, constants.R_OK | constants.W_OK).catch(() => closed.push(path));
  }
  const findings: Finding[] =
    closed.length === 0
      ? [{ ...common, state: 'ok', detail: `${nodes.length} video devices, all can be opened.` }]
      : [
          {
            ...common,
            state: 'failed',
            detail: `This user may not open ${closed.join(', ')}.`,
            hint: 'Join the group "video": sudo usermod -aG video $USER, then log in again.',
          },
        ];
  if (!(await isInstalled('v4l2-ctl')))
    findings.push({
      id: 'v4l2-ctl',
      title: 'camera controls',
      state: 'warning',
      detail: 'v4l2-ctl is not there: formats and controls of cameras are not shown.',
      hint: 'apt install v4l-utils',
    });
  return findings;
}
