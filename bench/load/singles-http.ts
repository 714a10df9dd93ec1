/** Sends a request when the one before was answered. */
import { answerParent } from '../program.js';
import { readAnswer } from './answer-text.js';
import { HttpConnection } from './http-connection.js';
import { requestBytes } from './request-bytes.js';
import type { SinglesOptions, SinglesReport } from './singles.js';

function run({ port, bodies, requests, warmUp }: SinglesOptions): Promise<SinglesReport> {
  const sent = bodies.map((body) => requestBytes('/v1/recommend', body));
  const times: number[] = [];
  const levels: Record<string, number> = {};
  return new Promise((resolve, reject) => {
    let next = -warmUp;
    let sentMs = 0;
    new HttpConnection(port, {
      idle: (connection) => {
        if (next === requests) {
          resolve({ times, levels });
          return;
        }
        sentMs = performance.now();
        connection.send(0, sent[(next + warmUp) % sent.length]);
      },
      answered: (_connection, status, bytes, start, end) => {
        const ms = performance.now() - sentMs;
        if (status !== 200) reject(new Error(`answered ${status}: ${bytes.toString('utf8', start, end)}`));
        if (next++ < 0) return;
        times.push(ms);
        const { level } = readAnswer(bytes, start, end);
        levels[level] = (levels[level] ?? 0) + 1;
      },
      closed: () => {
        reject(new Error('the connection closed'));
      },
    });
  });
}

answerParent(run);
