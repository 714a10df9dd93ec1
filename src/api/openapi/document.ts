/** The OpenAPI document of the HTTP API, made from the protos, so that the two cannot drift apart. */
import type { DescMethod } from '@bufbuild/protobuf';
import { STATUS_OF, type ErrorCode } from '../../errors.js';
import { EventsService } from '../../gen/segue/v1/events_pb.js';
import { RecommenderService } from '../../gen/segue/v1/recommend_pb.js';
import { DEADLINE_HEADER } from '../http/deadline-header.js';
import { addSchemas, commentOf, type JsonSchema } from './schema.js';

type Content = Readonly<Record<string, { readonly schema: JsonSchema; readonly example?: unknown }>>;
interface Header {
  readonly description: string;
  readonly schema: JsonSchema;
}
interface Answer {
  readonly description: string;
  readonly headers?: Readonly<Record<string, Header>>;
  readonly content?: Content;
}
interface Operation {
  readonly operationId: string;
  readonly description?: string;
  readonly parameters?: readonly (Header & { readonly name: string; readonly in: 'header' })[];
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly requestBody?: { readonly required: true; readonly content: Content };
  readonly responses: Readonly<Record<string, Answer>>;
}

export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes: Readonly<Record<string, unknown>>;
  };
}

interface Route {
  readonly path: string;
  readonly parameters?: Operation['parameters'];
  readonly method: DescMethod;
  readonly example: unknown;
}

const ROUTES: readonly Route[] = [
  {
    path: '/v1/recommend',
    parameters: [
      {
        name: DEADLINE_HEADER,
        in: 'header',
        description:
          'When the client stops waiting: Unix time in milliseconds. One that has passed is refused with 504.',
        schema: { type: 'integer', format: 'int64' },
      },
    ],
    method: RecommenderService.method.recommend,
    example: { listenerId: 'l0042', surface: 'now-playing', limit: 10 },
  },
  {
    path: '/v1/events',
    method: EventsService.method.record,
    example: {
      events: [
        {
          eventId: 'event-1',
          type: 'play-started',
          listenerId: 'l0042',
          trackId: 't00001',
          occurredAt: '2026-01-01T12:00:00Z',
        },
      ],
    },
  },
];

const ERROR_SCHEMA: JsonSchema = {
  type: 'object',
  description: 'A refusal.',
  properties: {
    code: { type: 'string', description: `One of ${Object.keys(STATUS_OF).join(', ')}.` },
    message: { type: 'string', description: 'The field, what was given and what is allowed.' },
    field: { type: 'string', description: 'The field at fault, if it is one.' },
    retryAfterMs: { type: 'integer', description: 'Milliseconds after which another try may succeed; with 429.' },
  },
  required: ['code', 'message'],
};

const TOO_MANY = 429;
const RETRY_HEADERS: Readonly<Record<string, Header>> = {
  'retry-after': { description: 'Seconds after which another try may succeed.', schema: { type: 'integer' } },
};

function errorResponses(): Operation['responses'] {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of Object.keys(STATUS_OF) as ErrorCode[]) {
    const { http } = STATUS_OF[code];
    byStatus.set(http, [...(byStatus.get(http) ?? []), code]);
  }
  const content: Content = { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } };
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      String(status),
      { description: codes.join(', '), ...(status === TOO_MANY && { headers: RETRY_HEADERS }), content },
    ]),
  );
}

function operation({ method, example, parameters }: Route): Operation {
  const schema = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });
  return {
    operationId: method.localName,
    ...commentOf(`${method.parent.typeName}.${method.name}`),
    ...(parameters !== undefined && { parameters }),
    security: [{ clientKey: [] }, {}],
    requestBody: { required: true, content: { 'application/json': { schema: schema(method.input.name), example } } },
    responses: {
      '200': { description: 'The answer.', content: { 'application/json': { schema: schema(method.output.name) } } },
      ...errorResponses(),
    },
  };
}

function probe(
  operationId: string,
  description: string,
  responses: Operation['responses'],
): { readonly get: Operation } {
  return { get: { operationId, description, responses } };
}

export function openApiDocument(): OpenApiDocument {
  const schemas: Record<string, JsonSchema> = { Error: ERROR_SCHEMA };
  for (const { method } of ROUTES) {
    addSchemas(method.input, schemas);
    addSchemas(method.output, schemas);
  }
  return {
    openapi: '3.0.3',
    info: { title: 'Segue', version: 'v1', description: 'Decides what plays next. The same calls are served by gRPC.' },
    paths: {
      ...Object.fromEntries(ROUTES.map((route) => [route.path, { post: operation(route) }])),
      '/healthz': probe('health', 'Whether the process runs.', { '200': { description: 'It does.' } }),
      '/readyz': probe('ready', 'Whether the process may be sent requests.', {
        '200': { description: 'It may.' },
        '503': { description: 'Not yet, or no more; names what is missing.' },
      }),
      '/metrics': probe('metrics', 'Metrics of all processes, for Prometheus.', { '200': { description: 'Text.' } }),
    },
    components: { schemas, securitySchemes: { clientKey: { type: 'http', scheme: 'bearer' } } },
  };
}
