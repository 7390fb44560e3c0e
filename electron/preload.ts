// Types are imported as a whole, or the schemas beside them would come into the bundle.
import { contextBridge, ipcRenderer } from 'electron';
import type { Bridge, BridgeAnswer } from './contract/bridge.ts';
import type { ServerEvent } from './contract/events.ts';
import { CHANNELS } from './shell/channels.ts';

interface Listener {
  readonly number: number;
  readonly onEvent: (event: ServerEvent) => void;
  readonly onPicture: (message: Uint8Array) => void;
}

let listener: Listener | undefined;
let subscriptions = 0;

// What comes late for a subscription that has ended is dropped.
ipcRenderer.on(CHANNELS.event, (_event, number: number, event: ServerEvent) => {
  if (listener?.number === number) listener.onEvent(event);
});
ipcRenderer.on(CHANNELS.picture, (_event, number: number, picture: number, message: Uint8Array) => {
  if (listener?.number !== number) return;
  listener.onPicture(message);
  ipcRenderer.send(CHANNELS.pictureTaken, picture);
});

const bridge: Bridge = {
  send: (commands) => ipcRenderer.invoke(CHANNELS.commands, commands) as Promise<BridgeAnswer>,
  subscribe(onEvent, onPicture) {
    const number = ++subscriptions;
    listener = { number, onEvent, onPicture };
    ipcRenderer.send(CHANNELS.subscribe, number);
    return () => {
      if (listener?.number === number) listener = undefined;
      ipcRenderer.send(CHANNELS.unsubscribe, number);
    };
  },
  watch: (message) => ipcRenderer.send(CHANNELS.watch, message),
};

contextBridge.exposeInMainWorld('crosspoint', bridge);
