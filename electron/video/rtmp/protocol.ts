/** Numbers of the protocol (RTMP 1.0 §5.4, §6.2, §7.1). */

export const SET_CHUNK_SIZE = 1;
export const ABORT = 2;
export const ACKNOWLEDGEMENT = 3;
export const USER_CONTROL = 4;
export const WINDOW_ACK_SIZE = 5;
export const SET_PEER_BANDWIDTH = 6;
export const DATA_AMF3 = 15;
export const COMMAND_AMF3 = 17;
export const COMMAND_AMF0 = 20;
export const AGGREGATE = 22;

/** Events of user control messages. */
export const STREAM_BEGIN = 0;
export const SET_BUFFER_LENGTH = 3;
export const PING_REQUEST = 6;
export const PING_RESPONSE = 7;

/** Chunk stream ids that we send on. */
export const CSID_CONTROL = 2;
export const CSID_COMMAND = 3;
export const CSID_AUDIO = 4;
export const CSID_STATUS = 5;
export const CSID_VIDEO = 6;
export const CSID_DATA = 7;

/**
 * The one message stream on every connection. GStreamer's rtmp2src drops media on any other id than createStream
 * answered, and with one id all viewers share one encoded buffer.
 */
export const STREAM_ID = 1;

/** Chunk size before anybody has said otherwise. */
export const DEFAULT_CHUNK_SIZE = 128;
/** What we send with. */
export const SEND_CHUNK_SIZE = 65536;
export const MAX_MESSAGE_BYTES = 0xffffff;
/** How many bytes a peer may receive before it must acknowledge. */
export const ACK_WINDOW = 65536;
