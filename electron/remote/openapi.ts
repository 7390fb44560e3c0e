import { z } from 'zod';
import { COMMANDS, Config, LogEntry, Status } from '../contract/index.ts';

const json = (schema: unknown) => ({ 'application/json': { schema } });
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

const toSchema = (schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
};

/** The OpenAPI 3.1 description of the HTTP API, made of the same schemas that check it. */
export function openApi(version: string): Record<string, unknown> {
  const commandSchemas = Object.fromEntries(
    Object.entries(COMMANDS).map(([type, schema]) => {
      const body = toSchema(schema, 'input') as {
        properties?: Record<string, unknown>;
        required?: string[];
        oneOf?: unknown[];
      };
      const typed = { type: 'object', properties: { type: { const: type } }, required: ['type'] };
      return [
        `command.${type}`,
        body.oneOf
          ? { allOf: [typed, body] }
          : {
              ...body,
              properties: { type: { const: type }, ...body.properties },
              required: ['type', ...(body.required ?? [])],
            },
      ];
    }),
  );
  const anyCommand = { oneOf: Object.keys(commandSchemas).map(ref) };
  const error = (description: string) => ({ description, content: json(ref('Error')) });
  const picture = (type: string, description: string) => ({
    get: {
      summary: description,
      parameters: [
        {
          name: 'id',
          in: 'path',
          required: true,
          schema: { type: 'string' },
          description: 'A video source or destination.',
        },
        {
          name: 'width',
          in: 'query',
          schema: { type: 'integer', minimum: 16, maximum: 3840 },
          description: 'Largest width in pixels.',
        },
        {
          name: 'fps',
          in: 'query',
          schema: { type: 'number', minimum: 0.1, maximum: 60 },
          description: 'Largest picture rate (.mjpg).',
        },
      ],
      responses: {
        200: { description: 'The picture.', content: { [type]: {} } },
        400: error('It has no picture.'),
        404: error('There is no such source or destination.'),
        504: error('No picture came in time.'),
      },
    },
  });
  return {
    openapi: '3.1.0',
    info: {
      title: 'Crosspoint',
      version,
      description: 'Routes cameras, microphones and speakers to computers on which nothing can be installed.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{}, { bearer: [] }],
    paths: {
      '/api/state': {
        get: {
          summary: 'The whole document: config (desired) and status (observed).',
          responses: { 200: { description: 'The document.', content: json(ref('State')) } },
        },
      },
      '/api/commands': {
        post: {
          summary: 'Carry out one command or a list of them: all or none.',
          requestBody: {
            required: true,
            content: json({
              oneOf: [anyCommand, { type: 'array', items: anyCommand, minItems: 1, maxItems: 1000 }],
            }),
          },
          responses: {
            200: { description: 'Done, and saved.', content: json(ref('CommandsResponse')) },
            400: error('Malformed, or it makes no sense.'),
            404: error('Something named in it does not exist.'),
            409: error('Refused as things are now.'),
          },
        },
      },
      '/api/events': {
        get: {
          summary: 'WebSocket: a snapshot, then JSON Patches (RFC 6902).',
          parameters: [
            {
              name: 'meters',
              in: 'query',
              schema: { enum: ['1'] },
              description: 'Also send the levels of all audio channels.',
            },
            {
              name: 'events',
              in: 'query',
              schema: { enum: ['1'] },
              description: 'Also send what happened: the entries of /api/log, then each new one.',
            },
            {
              name: 'alive',
              in: 'query',
              schema: { enum: ['1'] },
              description: 'Also send {"type":"alive"} every second: silence then means a dead connection.',
            },
          ],
          responses: { 101: { description: 'Switching protocols.' } },
        },
      },
      '/api/video/{id}.jpg': picture(
        'image/jpeg',
        'The newest picture of a source, or what a destination is being sent.',
      ),
      '/api/video/{id}.mjpg': picture(
        'multipart/x-mixed-replace',
        'The same as a stream, 320 pixels wide at 5 a second unless asked otherwise.',
      ),
      '/api/log': {
        get: {
          summary: 'What happened, newest last; at most 500 entries, since the engine was started.',
          responses: {
            200: {
              description: 'The entries.',
              content: {
                'application/json': {
                  schema: {
                    type: 'object',
                    properties: { entries: { type: 'array', items: toSchema(LogEntry, 'output') } },
                    required: ['entries'],
                  },
                },
              },
            },
          },
        },
      },
      '/api/diagnostics': {
        get: {
          summary:
            'What support needs: findings of the doctor, state, log and metrics; stream keys, tokens and passwords are taken out.',
          responses: { 200: { description: 'A zip.', content: { 'application/zip': {} } } },
        },
      },
      '/api/metrics': {
        get: {
          summary: 'Prometheus metrics.',
          responses: { 200: { description: 'Text format 0.0.4.', content: { 'text/plain': {} } } },
        },
      },
      '/healthz': {
        get: {
          summary: '200 while the engine runs.',
          security: [{}],
          responses: { 200: { description: 'It runs.' } },
        },
      },
    },
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      schemas: {
        ...commandSchemas,
        Config: toSchema(Config, 'output'),
        Status: toSchema(Status, 'output'),
        State: {
          type: 'object',
          properties: { revision: { type: 'integer' }, config: ref('Config'), status: ref('Status') },
          required: ['revision', 'config', 'status'],
        },
        CommandsResponse: {
          type: 'object',
          properties: {
            revision: { type: 'integer' },
            results: { type: 'array', items: { type: 'object' } },
          },
          required: ['revision', 'results'],
        },
        Error: {
          type: 'object',
          properties: {
            error: {
              type: 'object',
              properties: {
                code: { type: 'string' },
                message: { type: 'string' },
                path: { type: 'string' },
                hint: { type: 'string' },
              },
              required: ['code', 'message'],
            },
          },
          required: ['error'],
        },
      },
    },
  };
}
