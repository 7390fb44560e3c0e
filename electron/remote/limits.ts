/** What the clients of the HTTP server, known or not, may cost. */
export interface RemoteLimits {
  /** Connections at once; further ones are closed. */
  readonly maxConnections: number;
  /** Of these, from one address. */
  readonly maxConnectionsPerAddress: number;
  /** Clients of `/api/events` at once. */
  readonly maxEventClients: number;
  /** From the first byte of a request to its last one; noticed up to a second later. */
  readonly requestTimeoutMs: number;
  /** How long a connection may ask nothing. */
  readonly keepAliveMs: number;
  readonly maxBodyBytes: number;
  /** Line and headers of a request. */
  readonly maxHeaderBytes: number;
  /** One message of a client of `/api/events`. */
  readonly maxMessageBytes: number;
  /** How many it may send in a second, after a burst of five times that. */
  readonly messagesPerSecond: number;
  /** Levels and pictures are left out while more than this waits for a client. */
  readonly busyBytes: number;
  /** A client for which more than this waits is let go; it reconnects and gets a snapshot. */
  readonly stuckBytes: number;
  /** How often a client is asked whether it still reads. No answer until the next time: it is let go. */
  readonly heartbeatMs: number;
  /** A viewer of `.mjpg` that has taken nothing for so long is let go. */
  readonly viewerStalledMs: number;
  /** How long a client that is let go may take to hear why. */
  readonly farewellMs: number;
}

export const DEFAULT_LIMITS: RemoteLimits = {
  maxConnections: 512,
  maxConnectionsPerAddress: 128,
  maxEventClients: 64,
  requestTimeoutMs: 20_000,
  keepAliveMs: 30_000,
  maxBodyBytes: 1024 * 1024,
  maxHeaderBytes: 16 * 1024,
  maxMessageBytes: 64 * 1024,
  messagesPerSecond: 20,
  busyBytes: 256 * 1024,
  stuckBytes: 8 * 1024 * 1024,
  heartbeatMs: 20_000,
  viewerStalledMs: 10_000,
  farewellMs: 1000,
};
