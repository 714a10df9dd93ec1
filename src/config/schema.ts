/** Every configuration key of Segue. docs/CONFIGURATION.md is written from this. */
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { clientKeys } from './client-keys.js';
import { clientLimits } from './client-limits.js';
import { key, keysOf, optionalKey } from './keys.js';
import { choice, decimal, flag, list, text, wholeNumber } from './kinds.js';

const PORT = wholeNumber(0, 65535);
const HOST = text('a host name or an IP address', /^[\w.:-]{1,253}$/);
const PATH = text('a path');
const BYTES = wholeNumber(0, 1_099_511_627_776);
const NAME = text('letters, digits, `_`, `.`, `-`; at most 128', /^[\w.-]{1,128}$/);

export const schema = z.strictObject({
  http: z.strictObject({
    host: key(HOST, 'Where HTTP listens. Anything but loopback needs client keys.', '127.0.0.1'),
    port: key(PORT, 'Port of HTTP; 0 takes a free one.', 8080),
  }),
  grpc: z.strictObject({
    host: key(HOST, 'Where gRPC listens. Anything but loopback needs client keys.', '127.0.0.1'),
    port: key(PORT, 'Port of gRPC; 0 takes a free one.', 50051),
  }),
  processes: key(wholeNumber(1, 256), 'Serving processes.', availableParallelism(), 'the cores'),
  dataDir: key(PATH, 'Directory of everything that is kept: rows, worlds, logs.', '.segue'),
  demo: key(flag, 'Load the demo world at the first start, when there is no other.', true),
  store: key(choice(['lmdb', 'bigtable']), 'Where rows are.', 'lmdb'),
  bigtable: z.strictObject({
    project: optionalKey(NAME, 'Google Cloud project. Needed for `store: bigtable`.'),
    instance: optionalKey(NAME, 'Bigtable instance. Needed for `store: bigtable`.'),
    appProfile: optionalKey(NAME, 'Bigtable app profile.'),
    emulatorHost: optionalKey(text('host:port', /^[\w.-]{1,253}:\d{1,5}$/), 'Use the Bigtable emulator there.'),
  }),
  reads: z.strictObject({
    neighboursMaxBytes: key(
      BYTES,
      'Memory of a process for neighbours of tracks that are kept decoded; 0 keeps none.',
      67_108_864,
    ),
    listenersMaxBytes: key(
      BYTES,
      'Memory of a process for batch rows of listeners that are kept decoded; 0 keeps none.',
      67_108_864,
    ),
    contextsMaxBytes: key(
      BYTES,
      'Memory of a process for rows of contexts; 0 keeps none. Used with `store: bigtable`.',
      16_777_216,
    ),
    timeoutMs: key(
      wholeNumber(1, 60_000),
      'A row that requests wait for together is given up after so long; their own budgets end sooner.',
      2000,
    ),
    keysPerCallMax: key(wholeNumber(1, 10_000), 'Rows that requests read in one call together, at most.', 256),
    keysMax: key(wholeNumber(16, 1_000_000), 'Rows that a process waits for at most; more are refused.', 10_000),
  }),
  cache: key(choice(['memory', 'memcached', 'off']), 'Where ranked lists are kept for a while.', 'memory'),
  memcached: z.strictObject({
    servers: key(list('host:port,host:port; at most 64', /^[\w.-]{1,253}:\d{1,5}$/, 64), 'Memcached servers.', [
      '127.0.0.1:11211',
    ]),
    timeoutMs: key(wholeNumber(1, 1000), 'After so long an answer of Memcached is a miss.', 20),
  }),
  models: z.strictObject({
    dir: key(PATH, 'Directory of the bundles.', 'models'),
    placement: key(
      choice(['auto', 'inline', 'pool']),
      'Where rankers run: on the serving thread, in worker threads, or by what their admission measured.',
      'auto',
    ),
  }),
  ranker: key(NAME, 'The ranker to serve with.', 'next-track'),
  worlds: z.strictObject({
    pollMs: key(wholeNumber(100, 600_000), 'How often to look for a new world, milliseconds.', 1000),
  }),
  promotions: z.strictObject({
    pollMs: key(wholeNumber(100, 600_000), 'How often to look for a new promotion snapshot, milliseconds.', 5000),
  }),
  events: z.strictObject({
    dir: optionalKey(PATH, 'Directory of the event log.', '`dataDir`/events'),
    segmentMaxBytes: key(wholeNumber(65_536, 4_294_967_296), 'A segment of the log ends at this size.', 67_108_864),
    exposuresMaxBytes: key(
      wholeNumber(65_536, 1_099_511_627_776),
      'Exposures kept at most; the oldest segments go first.',
      4_294_967_296,
    ),
  }),
  client: z.strictObject({
    keys: optionalKey(clientKeys, 'Who may call, as `authorization: Bearer <key>`.', 'none: loopback only'),
    keysFile: optionalKey(PATH, 'A file of `name:key` lines, added to the keys.'),
    limits: key(
      clientLimits,
      'What clients may take in each process, and who is served first when not all can be. Names are those of the keys; `anonymous` without keys.',
      [],
      'none',
    ),
  }),
  log: z.strictObject({
    level: key(
      choice(['trace', 'debug', 'info', 'warn', 'error', 'silent']),
      'The least level that is logged.',
      'info',
    ),
  }),
  trace: z.strictObject({
    sampleRatio: key(
      decimal(0, 1),
      'Share of requests to trace, where the caller has not decided it. Needs OTEL_EXPORTER_OTLP_ENDPOINT.',
      0.01,
    ),
  }),
  drainTimeoutMs: key(wholeNumber(0, 600_000), 'Milliseconds that running requests get to finish at shutdown.', 10_000),
  python: optionalKey(PATH, 'The Python to build worlds with.', 'that of `npm run setup:python`'),
});

export const KEYS = keysOf(schema);
