/** Plain clients of both transports, as a user would write them: nothing of ours but the protos. */
import { credentials, loadPackageDefinition, type Client, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { Service } from '../service.js';

export interface Slate {
  readonly requestId: string;
  readonly items: readonly {
    readonly trackId: string;
    readonly position: number;
    readonly score: number;
    readonly sources: readonly string[];
    readonly promotion?: { readonly campaignId: string };
    readonly explanation?: Readonly<Record<string, unknown>>;
  }[];
  readonly serving: {
    readonly variant: string;
    readonly ranker: string;
    readonly generation: string;
    readonly degradation: {
      readonly level: string;
      readonly reasons: readonly { readonly stage: string; readonly cause: string; readonly detail: string }[];
    };
    readonly cache: string;
    readonly budgetMs: number;
    readonly elapsedMs: number;
    readonly stages: readonly {
      readonly stage: string;
      readonly ms: number;
      readonly in: number;
      readonly out: number;
    }[];
  };
}

export interface Recorded {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: readonly { readonly index: number; readonly code: string; readonly field: string }[];
}

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

export async function post<T>(service: Pick<Service, 'url'>, path: string, body: object): Promise<Answer<T>> {
  const response = await fetch(service.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as T };
}

/** Throws for anything but an answered request. */
export async function recommend(service: Pick<Service, 'url'>, request: object): Promise<Slate> {
  const { status, body } = await post<Slate>(service, '/v1/recommend', request);
  if (status !== 200) throw new Error(`${status}: ${JSON.stringify(body)}`);
  return body;
}

export async function record(service: Pick<Service, 'url'>, events: readonly object[]): Promise<Recorded> {
  const { status, body } = await post<Recorded>(service, '/v1/events', { events });
  if (status !== 200) throw new Error(`${status}: ${JSON.stringify(body)}`);
  return body;
}

type Method = (request: object, callback: (error: ServiceError | null, answer: unknown) => void) => void;

/** gRPC through @grpc/proto-loader, the most common client of this language. */
export class GrpcClient {
  private readonly clients: Readonly<Record<'RecommenderService' | 'EventsService', Client>>;

  constructor(address: string) {
    const definition = loadSync(['segue/v1/recommend.proto', 'segue/v1/events.proto'], {
      includeDirs: ['proto'],
      defaults: true,
      arrays: true,
    });
    const loaded = loadPackageDefinition(definition) as unknown as {
      segue: { v1: Record<'RecommenderService' | 'EventsService', new (address: string, creds: unknown) => Client> };
    };
    const { RecommenderService, EventsService } = loaded.segue.v1;
    this.clients = {
      RecommenderService: new RecommenderService(address, credentials.createInsecure()),
      EventsService: new EventsService(address, credentials.createInsecure()),
    };
  }

  recommend(request: object): Promise<Slate> {
    return this.call('RecommenderService', 'recommend', request);
  }

  record(events: readonly object[]): Promise<Recorded> {
    return this.call('EventsService', 'record', { events });
  }

  close(): void {
    for (const client of Object.values(this.clients)) client.close();
  }

  private call<T>(service: 'RecommenderService' | 'EventsService', method: string, request: object): Promise<T> {
    const client = this.clients[service];
    const send = (client as unknown as Record<string, Method>)[method].bind(client);
    return new Promise((resolve, reject) => {
      send(request, (error, answer) => {
        if (error === null) resolve(answer as T);
        else reject(error);
      });
    });
  }
}

/** What must be equal wherever the same request is answered: the slate, and what made it. */
export function essence(slate: Slate): object {
  const { variant, ranker, generation, degradation } = slate.serving;
  return {
    requestId: slate.requestId,
    items: slate.items.map(({ trackId, position, score, sources }) => ({
      trackId,
      position,
      score: Math.fround(score),
      sources: [...sources],
    })),
    variant,
    ranker,
    generation,
    level: degradation.level,
  };
}
