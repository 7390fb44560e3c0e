import { type Logger } from '../../base/logger.ts';
import { CrosspointError } from '../../contract/index.ts';
import { type RtmpLimits } from './limits.ts';
import { type RtmpHandler, type RtmpServer } from './types.ts';

export interface RtmpServerOptions {
  readonly handler: RtmpHandler;
  readonly log: Logger;
  readonly limits?: Partial<RtmpLimits>;
}

export function createRtmpServer(options: RtmpServerOptions): RtmpServer {
  void options;
  throw new CrosspointError('unavailable', 'The RTMP server is not built yet.');
}
