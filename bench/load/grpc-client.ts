/** Recommend over several grpc-js channels, with bytes that were encoded before and are read as bytes. */
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { create, toBinary } from '@bufbuild/protobuf';
import { RecommendRequestSchema } from '../../src/gen/segue/v1/recommend_pb.js';
import type { AnswerText } from './answer-text.js';

const PATH = '/segue.v1.RecommenderService/Recommend';
/** As the client's own deadline; a load counts what comes later as failed. */
const ANSWER_WITHIN_MS = 5000;
const LEVELS = ['full', 'reduced', 'light', 'cached', 'popular'] as const;
/** A string of field 1 and that length: `Degradation.level`. */
const NEEDLES = LEVELS.map((level) => Buffer.concat([Buffer.from([0x0a, level.length]), Buffer.from(level)]));
/** Tag of `RecommendResponse.items`. */
const ITEMS_TAG = 0x12;
const NO_REASONS: readonly string[] = [];

const same = (bytes: Buffer): Buffer => bytes;

/** The bodies of HTTP requests as messages. */
export function grpcMessages(bodies: readonly string[]): Buffer[] {
  return bodies.map((body) => {
    const fields = JSON.parse(body) as Record<string, unknown>;
    return Buffer.from(toBinary(RecommendRequestSchema, create(RecommendRequestSchema, fields)));
  });
}

/** What an encoded RecommendResponse says of itself; reasons are not read. */
export function readMessage(bytes: Buffer): AnswerText {
  const level = LEVELS.find((_name, i) => bytes.includes(NEEDLES[i]));
  // Field 1 is the request id; the items follow it.
  const isEmpty = bytes[2 + bytes[1]] !== ITEMS_TAG;
  return { level: level ?? 'unknown', isEmpty, reasons: NO_REASONS };
}

export class GrpcChannels {
  private readonly clients: readonly Client[];
  private readonly metadata = new Metadata();
  private next = 0;

  /** Connections stay with one process of the service, so there should be several to each. */
  constructor(port: number, channels: number) {
    this.clients = Array.from(
      { length: channels },
      () => new Client(`127.0.0.1:${port}`, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 }),
    );
  }

  async connected(): Promise<void> {
    await Promise.all(
      this.clients.map(
        (client) =>
          new Promise<void>((resolve, reject) => {
            client.waitForReady(Date.now() + ANSWER_WITHIN_MS, (error) => {
              if (error === undefined) resolve();
              else reject(error);
            });
          }),
      ),
    );
  }

  recommend(message: Buffer, answered: (error: ServiceError | null, bytes: Buffer | undefined) => void): void {
    const client = this.clients[this.next++ % this.clients.length];
    const options = { deadline: Date.now() + ANSWER_WITHIN_MS };
    client.makeUnaryRequest(PATH, same, same, message, this.metadata, options, answered);
  }

  close(): void {
    for (const client of this.clients) client.close();
  }
}
