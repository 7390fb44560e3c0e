import { type Logger } from '../base/logger.ts';
import { PLAYER_ACK_WINDOW_BYTES } from './ingest/live-relay.ts';
import { type Registry } from './registry.ts';
import {
  type PlayAccepted,
  type PublishAccepted,
  type Publisher,
  type Refusal,
  type RtmpHandler,
  type StreamRequest,
} from './rtmp/types.ts';

type Playing = Refusal | PlayAccepted;

/** Who may publish and play what: `live/<key>`, `gadget/<id>`, `program/<id>`. */
export class StreamRouter implements RtmpHandler {
  readonly #registry: Registry;
  readonly #log: Logger;

  constructor(registry: Registry, log: Logger) {
    this.#registry = registry;
    this.#log = log;
  }

  publish({ app, name, remoteAddress }: StreamRequest, publisher: Publisher): Refusal | PublishAccepted {
    const ingest = app === 'live' ? this.#registry.ingest(name) : undefined;
    if (ingest) return ingest.stream.accept(publisher);
    this.#log.warn('refused: unknown stream key', { app, remoteAddress });
    return {
      accept: false,
      code: 'NetStream.Publish.BadName',
      description:
        app === 'live'
          ? 'This stream key is not known. Copy the key of the ingest from Crosspoint again.'
          : 'Publish to the application "live" with the stream key of an ingest.',
    };
  }

  play(request: StreamRequest): Playing {
    switch (request.app) {
      case 'gadget':
        return this.#registry.gadget(request.name)?.play(request) ?? notFound('There is no such gadget.');
      case 'live': {
        const ingest = this.#registry.ingest(request.name);
        if (!ingest) return notFound('This stream key is not known.');
        return {
          accept: true,
          ackWindowBytes: PLAYER_ACK_WINDOW_BYTES,
          start: (viewer) => ingest.relay.add(viewer),
        };
      }
      case 'program':
        return this.#registry.program(request.name)?.play() ?? notFound('There is no such program.');
      default:
        return notFound('There is no such stream. Play live/<key>, gadget/<id> or program/<id>.');
    }
  }
}

const notFound = (description: string): Refusal => ({
  accept: false,
  code: 'NetStream.Play.StreamNotFound',
  description,
});
