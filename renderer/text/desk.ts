/** Words of take mode, of the log and of the first-run guide. */
export const TAKE_TEXT = {
  mode: 'Take mode',
  modeHelp: 'Changes to destinations that are on air wait until you take them.',
  staged: (count: number) => (count === 1 ? '1 change waits' : `${count} changes wait`),
  take: 'Take (T)',
  discard: 'Discard',
  willConnect: 'waits to be connected',
  willDisconnect: 'waits to be disconnected',
  taken: (count: number) => (count === 1 ? '1 change taken' : `${count} changes taken`),
} as const;

export const LOG_TEXT = {
  title: 'What happened',
  intro: 'The last 500 things that were done or that came about since the box was started. Newest first.',
  none: 'Nothing happened yet.',
  find: 'Find in the log',
  kinds: { all: 'Everything', command: 'What was done', state: 'What came about', trouble: 'Trouble' },
  by: (origin: string) => ORIGINS[origin] ?? origin,
  nothing: 'Nothing matches.',
} as const;

const ORIGINS: Readonly<Record<string, string>> = {
  window: 'in the window',
  api: 'in a browser or by the API',
  tray: 'in the tray',
  cli: 'on the command line',
  start: 'at the start',
  demo: 'by the demo rig',
  devices: 'by itself',
};

export const MOVE_TEXT = {
  place: 'Place in the matrix',
  earlier: 'Earlier',
  later: 'Later',
  moved: (name: string, place: number, count: number) => `${name} is now ${place} of ${count}`,
} as const;

export const TALK_TEXT = {
  title: 'Talk and cough keys',
  help: 'Hold V to speak into this microphone while it is muted; hold C to be silent on it while it is open. They act in this window, and end when it is left or the connection drops.',
  microphone: 'Microphone of the keys',
  none: 'None',
} as const;

export const GUIDE_TEXT = {
  title: 'First steps',
  close: 'Hide the guide',
  done: 'Done',
  steps: {
    camera: {
      title: 'Add a picture',
      text: 'A USB or network camera, a stream from OBS, or a test pattern.',
      action: 'Add a camera',
    },
    gadget: {
      title: 'Add a gadget',
      text: 'The Raspberry Pi that a computer takes for its webcam. Give its address, and Crosspoint sets it up over SSH.',
      action: 'Add a gadget',
    },
    connect: {
      title: 'Plug it into the computer',
      text: 'With its USB cable, into any free port. Nothing is installed there. Crosspoint waits until the gadget reports.',
      action: 'How it stands',
    },
    route: {
      title: 'Drag the camera onto the gadget',
      text: 'Or click where the two cross in the matrix.',
      action: 'Connect them for me',
    },
    picture: {
      title: 'See the first picture',
      text: 'Choose “Crosspoint” as the camera in any program of that computer.',
    },
  },
  finished: 'The first picture is there. That is all there is to it.',
  finish: 'Finish',
} as const;
