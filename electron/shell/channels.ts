/** Names of the messages between page and shell. The preload script shares this file: nothing else may come in here. */
export const CHANNELS = {
  /** Page → shell, answered: commands. */
  commands: 'crosspoint:commands',
  /** Page → shell: start a subscription, by its number; it replaces the former one. */
  subscribe: 'crosspoint:subscribe',
  /** Page → shell: end the subscription of that number. */
  unsubscribe: 'crosspoint:unsubscribe',
  /** Page → shell: which meters and pictures are looked at. */
  watch: 'crosspoint:watch',
  /** Shell → page: number of the subscription, event. */
  event: 'crosspoint:event',
  /** Shell → page: number of the subscription, number of the picture, picture as in `encodePicture`. */
  picture: 'crosspoint:picture',
  /** Page → shell: the picture of that number has been taken; the next one of the same source may come. */
  pictureTaken: 'crosspoint:picture-taken',
} as const;
