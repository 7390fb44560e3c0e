/** Words of the settings of the box. */
export const BOX_TEXT = {
  title: 'Box',
  none: 'None',
  solo: 'Headphones for listening (PFL)',
  soloHelp: 'What you listen to in the mixer is heard there.',
  ceiling: (gain: string) => `Gain ceiling: ${gain}`,
  ceilingHelp: 'No path gets more than this, whatever its faders and groups add up to.',
  mixer: 'What mixes sound',
  mixerHelp:
    'Loopbacks: one of the sound server for each crosspoint. Own: one process with one stream for each device; many crosspoints cost less, and levels glide exactly. By number: loopbacks for a few routes, own for many.',
  mixers: {
    auto: 'By the number of routes',
    loopbacks: 'Loopbacks of the sound server',
    own: 'Crosspoint’s own mixer',
  },
  slateAfter: (time: string) => `Slate after: ${time}`,
  slateAfterHelp: 'So long after the last picture of a source its slate is shown.',
  noSignal: 'Own picture instead of “No signal”',
  muted: 'Own picture instead of “Muted”',
  slateHelp: 'Full path of an image file on the box; empty: the built-in one.',
  listening: 'Sound link for gadgets',
} as const;

/** Words of the diagnostics. */
export const DIAGNOSTICS_TEXT = {
  title: 'Diagnostics',
  intro:
    'A zip for support: what was found on this machine, the state, the log and the figures. Stream keys, tokens and passwords are taken out of it.',
  download: 'Download diagnostics',
  busy: 'Looking at everything…',
  saved: (name: string) => `${name} goes to your downloads.`,
} as const;
