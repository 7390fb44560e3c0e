import { useDocument } from '../state/app-context.ts';
import { reachable } from './addresses.ts';

/** The RTMP server's address; empty while it is not ready. */
export const useRtmpAddress = (): string =>
  useDocument(({ status }) =>
    status.services.rtmp.address === undefined
      ? ''
      : reachable(status.services.rtmp.address, window.location.hostname),
  );
