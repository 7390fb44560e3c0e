import { type CameraSettings } from '../../contract/index.ts';
import { cameraPlan } from './camera-input.ts';
import { EncodedSource, type SourceTools } from './encoded-source.ts';
import { encoderArgs } from './encoder-args.ts';
import { ImageSource } from './image-source.ts';
import { type PictureSource } from './picture-source.ts';
import { V4l2Source } from './v4l2-source.ts';

/** The source for a camera's settings. To add a kind: its schema in the contract, a case here, its input or its class. */
export function makeCameraSource(
  name: string,
  camera: Exclude<CameraSettings, { kind: 'composed' }>,
  tools: SourceTools,
): PictureSource {
  switch (camera.kind) {
    case 'image':
      return new ImageSource(name, camera.file, tools);
    case 'v4l2':
      return new V4l2Source(name, camera, tools);
    case 'test':
    case 'url':
    case 'screen':
      return new EncodedSource({
        ...tools,
        name,
        prepare: ({ ffmpeg, renditions, picture }) => ({
          args: encoderArgs(ffmpeg, cameraPlan(camera), renditions, tools.limits, picture),
        }),
      });
  }
}
