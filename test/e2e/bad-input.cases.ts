/** What clients get wrong, and what they are told; for each transport that can carry it. */
import type { ErrorCode } from '../../src/errors.js';
import type { MethodName } from './transports.js';

export interface BadInput {
  readonly name: string;
  readonly method?: MethodName;
  readonly message: object;
  readonly code?: ErrorCode;
  readonly field?: string;
  /** JSON can say what protobuf's types cannot. */
  readonly only?: 'http';
}

const VALID = { listenerId: 'listener-1', surface: 'now-playing' };

function ids(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `track-${i}`);
}

/** The code is SEGUE_INVALID_ARGUMENT where none is given. */
export const REFUSED: readonly BadInput[] = [
  { name: 'no listener', message: { surface: 'now-playing' }, field: 'listenerId' },
  { name: 'an empty listener', message: { ...VALID, listenerId: '' }, field: 'listenerId' },
  { name: 'no surface', message: { listenerId: 'l' }, field: 'surface' },
  { name: 'an unknown surface', message: { ...VALID, surface: 'kitchen' }, field: 'surface' },
  { name: 'limit 0', message: { ...VALID, limit: 0 }, field: 'limit' },
  { name: 'limit 201', message: { ...VALID, limit: 201 }, field: 'limit' },
  { name: 'budget 0', message: { ...VALID, budgetMs: 0 }, field: 'budgetMs' },
  { name: 'budget over 2,000 ms', message: { ...VALID, budgetMs: 2001 }, field: 'budgetMs' },
  { name: 'a negative budget', message: { ...VALID, budgetMs: -1 }, field: 'budgetMs', only: 'http' },
  { name: 'a broken budget', message: { ...VALID, budgetMs: 10.5 }, field: 'budgetMs', only: 'http' },
  { name: '201 recent tracks', message: { ...VALID, recentTrackIds: ids(201) }, field: 'recentTrackIds' },
  { name: '201 queued tracks', message: { ...VALID, queuedTrackIds: ids(201) }, field: 'queuedTrackIds' },
  { name: '5,001 context tracks', message: { ...VALID, contextTrackIds: ids(5001) }, field: 'contextTrackIds' },
  {
    name: 'a context by id and by tracks',
    message: { ...VALID, contextId: 'c', contextTrackIds: ['t'] },
    field: 'contextTrackIds',
  },
  { name: 'a listener of 65 bytes', message: { ...VALID, listenerId: 'l'.repeat(65) }, field: 'listenerId' },
  {
    name: 'a seed of 66 bytes in 33 characters',
    message: { ...VALID, seedTrackId: 'ü'.repeat(33) },
    field: 'seedTrackId',
  },
  { name: 'a control character in an id', message: { ...VALID, sessionId: 'a\nb' }, field: 'sessionId' },
  { name: 'a NUL in a list', message: { ...VALID, recentTrackIds: ['a', 'b\0'] }, field: 'recentTrackIds[1]' },
  { name: 'an empty id in a list', message: { ...VALID, queuedTrackIds: [''] }, field: 'queuedTrackIds[0]' },
  { name: 'an empty request id', message: { ...VALID, requestId: '' }, field: 'requestId' },
  { name: 'a market of three letters', message: { ...VALID, market: 'DEU' }, field: 'market' },
  { name: 'a lone surrogate', message: { ...VALID, listenerId: '\ud800' }, field: 'listenerId', only: 'http' },
  { name: 'text for a number', message: { ...VALID, limit: '10' }, field: 'limit', only: 'http' },
  { name: 'a number for text', message: { ...VALID, listenerId: 7 }, field: 'listenerId', only: 'http' },
  { name: 'text for a flag', message: { ...VALID, explain: 'yes' }, field: 'explain', only: 'http' },
  {
    name: 'one id for a list',
    message: { ...VALID, recentTrackIds: 'track-1' },
    field: 'recentTrackIds',
    only: 'http',
  },
  { name: 'a list for the message', message: [VALID], only: 'http' },
];

/** What looks wrong and is served. */
export const SERVED: readonly { readonly name: string; readonly message: object; readonly only?: 'http' }[] = [
  {
    name: 'the bounds themselves',
    message: { ...VALID, limit: 200, budgetMs: 2000, recentTrackIds: ids(200), queuedTrackIds: ids(200) },
  },
  { name: 'ids of 64 bytes', message: { ...VALID, listenerId: 'l'.repeat(64), seedTrackId: 'ü'.repeat(32) } },
  { name: '5,000 context tracks', message: { ...VALID, contextTrackIds: ids(5000) } },
  { name: 'unknown ids', message: { ...VALID, listenerId: 'nobody', seedTrackId: 'nothing', contextId: 'nowhere' } },
  { name: 'unknown fields', message: { ...VALID, colour: 'red' }, only: 'http' },
  { name: 'null for absent', message: { ...VALID, limit: null, recentTrackIds: null }, only: 'http' },
];

export interface BadBytes {
  readonly name: string;
  readonly method: MethodName;
  readonly bytes: Uint8Array;
  readonly code: ErrorCode;
  readonly field?: string;
}

const JSON_TEXT = JSON.stringify(VALID);

export const BAD_HTTP_BYTES: readonly BadBytes[] = (['recommend', 'events'] as const).flatMap((method) => [
  { name: 'no body', method, bytes: Buffer.from(''), code: 'SEGUE_MALFORMED', field: 'body' },
  { name: 'cut JSON', method, bytes: Buffer.from(JSON_TEXT.slice(0, -1)), code: 'SEGUE_MALFORMED', field: 'body' },
  {
    name: 'invalid UTF-8',
    method,
    bytes: Buffer.from('{"listenerId":"\xff"}', 'latin1'),
    code: 'SEGUE_MALFORMED',
    field: 'body',
  },
  {
    name: 'more values than any request has',
    method,
    bytes: Buffer.from(`{"a":[${'0,'.repeat(10_000)}0]}`),
    code: 'SEGUE_MALFORMED',
    field: 'body',
  },
  { name: 'very deep JSON', method, bytes: Buffer.from('['.repeat(400_000)), code: 'SEGUE_MALFORMED', field: 'body' },
  {
    name: '512 KB and a byte',
    method,
    bytes: Buffer.alloc(512 * 1024 + 1, ' '),
    code: 'SEGUE_TOO_LARGE',
    field: 'body',
  },
]);

export const BAD_GRPC_BYTES: readonly BadBytes[] = [
  {
    name: 'invalid UTF-8',
    method: 'recommend',
    bytes: Uint8Array.of(0x0a, 1, 0xff),
    code: 'SEGUE_MALFORMED',
    field: 'listenerId',
  },
  {
    name: 'a number for text',
    method: 'recommend',
    bytes: Uint8Array.of(0x08, 1),
    code: 'SEGUE_MALFORMED',
    field: 'listenerId',
  },
  {
    name: 'text for a number',
    method: 'recommend',
    bytes: Uint8Array.of(0x52, 1, 0x41),
    code: 'SEGUE_MALFORMED',
    field: 'limit',
  },
  {
    name: 'a truncated message',
    method: 'recommend',
    bytes: Uint8Array.of(0x0a, 9, 0x41),
    code: 'SEGUE_MALFORMED',
    field: 'listenerId',
  },
  {
    name: 'a negative budget',
    method: 'recommend',
    bytes: Uint8Array.of(
      0x0a,
      1,
      0x6c,
      0x12,
      5,
      0x72,
      0x61,
      0x64,
      0x69,
      0x6f,
      0x68,
      0xff,
      0xff,
      0xff,
      0xff,
      0xff,
      0xff,
      0xff,
      0xff,
      0xff,
      0x01,
    ),
    code: 'SEGUE_INVALID_ARGUMENT',
    field: 'budgetMs',
  },
  {
    name: 'no message',
    method: 'recommend',
    bytes: new Uint8Array(),
    code: 'SEGUE_INVALID_ARGUMENT',
    field: 'listenerId',
  },
  {
    name: 'invalid UTF-8 in an event',
    method: 'events',
    bytes: Uint8Array.of(0x0a, 3, 0x1a, 1, 0xff),
    code: 'SEGUE_MALFORMED',
    field: 'events.listenerId',
  },
  {
    name: 'a truncated event',
    method: 'events',
    bytes: Uint8Array.of(0x0a, 2, 0x1a, 9),
    code: 'SEGUE_MALFORMED',
    field: 'events.listenerId',
  },
];
