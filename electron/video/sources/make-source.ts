import { type CameraSettings } from '../../contract/index.ts';
import { cameraPlan } from './camera-input.ts';
import { EncodedSource, type SourceTools } from './encoded-source.ts';
import { ImageSource } from './image-source.ts';
import { type PictureSource } from './picture-source.ts';

/** The source for a camera's settings. To add a kind: its schema in the contract, a case here, its input or its class. */
export function makeCameraSource(name: string, camera: CameraSettings, tools: SourceTools): PictureSource {
  switch (camera.kind) {
    case 'image':
      return new ImageSource(name, camera.file, tools);
    case 'test':
    case 'url':
    case 'screen':
      return new EncodedSource({ ...tools, name, prepare: () => ({ plan: cameraPlan(name, camera) }) });
    case 'v4l2':
      return new EncodedSource({
        ...tools,
        name,
        prepare: () => ({ plan: { name, input: ['-f', 'v4l2', '-i', camera.device], stdin: false } }),
      });
  }
}
