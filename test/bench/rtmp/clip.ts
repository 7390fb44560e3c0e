import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { parseAudioTag, parseVideoTag } from '../../../electron/video/rtmp/ex-video.ts';
import { type MediaMessage } from '../../../electron/video/rtmp/types.ts';

/** 1080p30 with a key frame each second, 6 Mbit/s, and AAC: `seconds` of it as FLV. */
export async function makeClip(file: string, seconds: number): Promise<void> {
  await promisify(execFile)('ffmpeg', [
    ...[
      '-v',
      'error',
      '-y',
      '-f',
      'lavfi',
      '-i',
      'testsrc2=s=1920x1080:r=30',
      '-f',
      'lavfi',
      '-i',
      'sine=1000:r=48000',
    ],
    ...[
      '-t',
      `${seconds}`,
      '-vf',
      'noise=alls=8:allf=t',
      '-c:v',
      'libx264',
      '-preset',
      'superfast',
      '-tune',
      'zerolatency',
    ],
    ...[
      '-g',
      '30',
      '-b:v',
      '6M',
      '-minrate',
      '6M',
      '-maxrate',
      '6M',
      '-bufsize',
      '2M',
      '-c:a',
      'aac',
      '-b:a',
      '128k',
    ],
    ...['-f', 'flv', file],
  ]);
}

export interface Clip {
  readonly heads: readonly MediaMessage[];
  readonly messages: readonly MediaMessage[];
  readonly lengthMs: number;
}

const FLV_HEADER_BYTES = 9 + 4;

export async function readClip(file: string): Promise<Clip> {
  const bytes = await readFile(file);
  const all: MediaMessage[] = [];
  for (let at = FLV_HEADER_BYTES; at + 11 <= bytes.length;) {
    const size = bytes.readUIntBE(at + 1, 3);
    const type = bytes.readUInt8(at);
    const timestampMs = bytes.readUIntBE(at + 4, 3) + bytes.readUInt8(at + 7) * 2 ** 24;
    if (type === 8 || type === 9)
      all.push({ type, timestampMs, payload: bytes.subarray(at + 11, at + 11 + size) });
    at += 11 + size + 4;
  }
  const kindOf = ({ type, payload }: MediaMessage) =>
    (type === 9 ? parseVideoTag(payload) : parseAudioTag(payload))?.kind;
  const messages = all.filter((one) => kindOf(one) === 'frame');
  const last = messages.at(-1)?.timestampMs ?? 0;
  return { heads: all.filter((one) => kindOf(one) === 'sequence-header'), messages, lengthMs: last + 33 };
}
