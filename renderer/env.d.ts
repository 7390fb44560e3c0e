import { type Bridge } from '../electron/contract/bridge.ts';

declare global {
  interface Window {
    /** Present in the Electron shell only. */
    readonly crosspoint?: Bridge;
  }
}
