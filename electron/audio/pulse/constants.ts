/** Numbers of the native protocol (PulseAudio's native-common.h and def.h). Only what we use. */
export const COMMAND = {
  error: 0,
  reply: 2,
  createPlaybackStream: 3,
  deletePlaybackStream: 4,
  createRecordStream: 5,
  deleteRecordStream: 6,
  exit: 7,
  auth: 8,
  setClientName: 9,
  drainPlaybackStream: 12,
  getPlaybackLatency: 14,
  getServerInfo: 20,
  getSinkInfo: 21,
  getSinkInfoList: 22,
  getSourceInfo: 23,
  getSourceInfoList: 24,
  getModuleInfo: 25,
  getModuleInfoList: 26,
  getClientInfoList: 28,
  getSinkInputInfo: 29,
  getSinkInputInfoList: 30,
  getSourceOutputInfo: 31,
  getSourceOutputInfoList: 32,
  subscribe: 35,
  setSinkVolume: 36,
  setSinkInputVolume: 37,
  setSourceVolume: 38,
  setSinkMute: 39,
  setSourceMute: 40,
  corkPlaybackStream: 41,
  flushPlaybackStream: 42,
  setDefaultSink: 44,
  killSinkInput: 49,
  killSourceOutput: 50,
  loadModule: 51,
  unloadModule: 52,
  getRecordLatency: 57,
  request: 61,
  overflow: 62,
  underflow: 63,
  playbackStreamKilled: 64,
  recordStreamKilled: 65,
  subscribeEvent: 66,
  moveSinkInput: 67,
  moveSourceOutput: 68,
  setSinkInputMute: 69,
  playbackStreamSuspended: 76,
  recordStreamSuspended: 77,
  playbackStreamMoved: 78,
  recordStreamMoved: 79,
  updatePlaybackStreamProperties: 81,
  started: 86,
  extension: 87,
  clientEvent: 91,
  playbackStreamEvent: 92,
  recordStreamEvent: 93,
  playbackBufferAttrChanged: 94,
  recordBufferAttrChanged: 95,
  setSourceOutputVolume: 98,
  setSourceOutputMute: 99,
} as const;

/** What an index field holds when there is nothing to point to. */
export const INVALID_INDEX = 0xffffffff;
/** The channel of control messages in a frame's header. */
export const CONTROL_CHANNEL = 0xffffffff;

/** v34 adds two fields to each port; nothing that we use is newer than 32. */
export const PROTOCOL_VERSION = 32;
/** Source outputs have a volume of their own since 22 (PulseAudio 1.0, 2011); before it the lists differ. */
export const PROTOCOL_VERSION_MIN = 22;
export const COOKIE_BYTES = 256;

export const SAMPLE_FORMAT = { s16le: 3, float32le: 5 } as const;
export type SampleFormat = keyof typeof SAMPLE_FORMAT;
export const SAMPLE_BYTES: Readonly<Record<SampleFormat, number>> = { s16le: 2, float32le: 4 };

export const POSITION = { mono: 0, frontLeft: 1, frontRight: 2, aux0: 12 } as const;
export const MAX_CHANNELS = 32;

/** Raw volume of 0 dB. */
export const VOLUME_NORM = 0x10000;

/** What one can subscribe to; the value is the facility in events, its bit is `1 << value`. */
export const FACILITY = {
  sink: 0,
  source: 1,
  sinkInput: 2,
  sourceOutput: 3,
  module: 4,
  client: 5,
  server: 7,
} as const;
export type Facility = keyof typeof FACILITY;
