/** What one peer, known or not, may cost. */
export interface RtmpLimits {
  /** Further ones are closed at once. */
  readonly maxConnections: number;
  /** From the TCP connection to the end of the handshake; noticed up to 250 ms later. */
  readonly handshakeTimeoutMs: number;
  /** How long a connection may neither publish nor play. */
  readonly idleTimeoutMs: number;
  /** How long a publisher may send nothing. */
  readonly publisherIdleMs: number;
  /** How often a peer is asked whether it still lives. */
  readonly pingIntervalMs: number;
  /** A peer which used to answer, and sent nothing for so long, is dead. */
  readonly deadPeerMs: number;
  /** Largest audio, video or data message of an accepted publisher. */
  readonly maxMediaBytes: number;
  /** Largest command. */
  readonly maxCommandBytes: number;
  /** Memory for messages of an accepted publisher that are not complete yet. */
  readonly maxUnfinishedBytes: number;
  /** Chunk stream ids that one peer may use. */
  readonly maxChunkStreams: number;
  /** Commands and control messages that a peer may send in a second, after a burst of four times that. */
  readonly commandsPerSecond: number;
  /** A viewer whose backlog stays above this for `viewerHardMs` is closed; at four times this, at once. */
  readonly viewerHardBytes: number;
  readonly viewerHardMs: number;
}

export const DEFAULT_LIMITS: RtmpLimits = {
  maxConnections: 2000,
  handshakeTimeoutMs: 9_500,
  idleTimeoutMs: 30_000,
  publisherIdleMs: 30_000,
  pingIntervalMs: 10_000,
  deadPeerMs: 90_000,
  maxMediaBytes: 0xffffff,
  maxCommandBytes: 64 * 1024,
  maxUnfinishedBytes: 32 * 1024 * 1024,
  maxChunkStreams: 64,
  commandsPerSecond: 100,
  viewerHardBytes: 8 * 1024 * 1024,
  viewerHardMs: 10_000,
};
