import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { ConfigError, isLoopback, parseConfig } from './config.js';
import { configurationMarkdown } from './config/document.js';
import { KEYS } from './config/schema.js';

function parse(env: Record<string, string>, files: Record<string, string> = {}) {
  return parseConfig({ env, readFile: (path) => files[path] });
}

function problems(env: Record<string, string>, files: Record<string, string> = {}): readonly string[] {
  try {
    parse(env, files);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('defaults', () => {
  it('serve on loopback from the data directory', () => {
    const config = parse({});
    expect(config.http).toEqual({ host: '127.0.0.1', port: 8080 });
    expect(config.events.dir).toBe('.segue/events');
    expect(config.client.keys).toEqual([]);
    expect(config.memcached.servers).toEqual(['127.0.0.1:11211']);
  });

  it('are frozen throughout', () => {
    const config = parse({});
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.memcached.servers)).toBe(true);
  });
});

describe('sources', () => {
  it('put variables over the file over defaults', () => {
    const files = { 'segue.yaml': 'http:\n  port: 9000\n  host: 127.0.0.2\ncache: off\n' };
    const config = parse(
      { SEGUE_HTTP_PORT: '9001', SEGUE_CACHE: '' },
      { ...files, 'segue.yaml': files['segue.yaml'].replace('off', '"off"') },
    );
    expect(config.http).toEqual({ host: '127.0.0.2', port: 9001 });
    expect(config.cache).toBe('off');
  });

  it('read the file that SEGUE_CONFIG names, and refuse one that is not there', () => {
    expect(parse({ SEGUE_CONFIG: 'other.yaml' }, { 'other.yaml': 'dataDir: d' }).dataDir).toBe('d');
    expect(problems({ SEGUE_CONFIG: 'other.yaml' })).toEqual([
      'SEGUE_CONFIG: given "other.yaml"; allowed: a file that exists',
    ]);
  });

  it('take client keys from the variable, the file and a secret file', () => {
    const files = {
      'segue.yaml': 'client:\n  keysFile: /run/keys\n',
      '/run/keys': 'b:bbbbbbbbbbbbbbbb\nc:cccccccccccccccc\n',
    };
    const config = parse({ SEGUE_CLIENT_KEYS: 'a:aaaaaaaaaaaaaaaa', SEGUE_HTTP_HOST: '0.0.0.0' }, files);
    expect(config.client.keys.map((client) => client.name)).toEqual(['a', 'b', 'c']);
  });
});

describe('limits of clients', () => {
  it('come from the file or a variable, and have defaults', () => {
    const files = {
      'segue.yaml':
        'client:\n  limits:\n    - name: app\n      class: interactive\n    - { name: job, requestsPerSecond: 5 }\n',
    };
    const keys = { SEGUE_CLIENT_KEYS: 'app:0123456789abcdef,job:fedcba9876543210' };
    expect(parse(keys, files).client.limits).toEqual([
      { name: 'app', class: 'interactive', concurrencyShare: 1 },
      { name: 'job', class: 'standard', requestsPerSecond: 5, concurrencyShare: 1 },
    ]);
    const json = JSON.stringify([{ name: 'job', class: 'batch', concurrencyShare: 0.25 }]);
    expect(parse({ ...keys, SEGUE_CLIENT_LIMITS: json }, files).client.limits).toEqual([
      { name: 'job', class: 'batch', concurrencyShare: 0.25 },
    ]);
    expect(parse({}).client.limits).toEqual([]);
  });
});

describe('problems', () => {
  it.each([
    [
      { SEGUE_HTTP_PORT: 'abc' },
      'SEGUE_HTTP_PORT (http.port in segue.yaml): given "abc"; allowed: a whole number from 0 to 65535',
    ],
    [
      { SEGUE_HTTP_PORT: '70000' },
      'SEGUE_HTTP_PORT (http.port in segue.yaml): given 70000; allowed: a whole number from 0 to 65535',
    ],
    [{ SEGUE_STORE: 'redis' }, 'SEGUE_STORE (store in segue.yaml): given "redis"; allowed: `lmdb`, `bigtable`'],
    [{ SEGUE_DEMO: 'yes' }, 'SEGUE_DEMO (demo in segue.yaml): given "yes"; allowed: `true`, `false`'],
    [{ SEGUE_HTPP_PORT: '1' }, 'SEGUE_HTPP_PORT: no such variable; the nearest is SEGUE_HTTP_PORT'],
    [
      { SEGUE_TRACE_SAMPLE_RATIO: '1.5' },
      'SEGUE_TRACE_SAMPLE_RATIO (trace.sampleRatio in segue.yaml): given 1.5; allowed: a number from 0 to 1',
    ],
  ])('of %j are one line that names the key, what was given and what is allowed', (env, line) => {
    expect(problems(env)).toEqual([line]);
  });

  it.each([
    ['[{ name: app, class: gold }]', '0.class: given "gold"; allowed: `interactive`'],
    ['[{ name: app, requestsPerSecond: 0 }]', '0.requestsPerSecond: given 0; allowed: a number from 0.01 to 1,000,000'],
    ['[{ name: app, burst: 3 }]', '0.burst: given 3; allowed: a whole number from 1 to 1,000,000, only with'],
    ['[{ name: app, concurrencyShare: 2 }]', '0.concurrencyShare: given 2; allowed: a number from 0.01 to 1'],
    ['[{ name: app }, { name: app }]', '1.name: given "app"; allowed: the name of a client, as in the keys, each once'],
    ['[{ name: app, key: 0123456789abcdef }]', '0: given key; allowed: `name`, `class`, `requestsPerSecond`'],
  ])('of the limits %s name the field', (limits, line) => {
    const found = problems({ SEGUE_CLIENT_KEYS: 'app:0123456789abcdef', SEGUE_CLIENT_LIMITS: limits });
    expect(found).toEqual([
      expect.stringContaining(`SEGUE_CLIENT_LIMITS (client.limits in segue.yaml), client.limits.${line}`),
    ]);
  });

  it.each([['app'], ['[{'], ['{ name: app }'], ['5']])(
    'of limits that are no list, as %s, say what is allowed',
    (limits) => {
      expect(problems({ SEGUE_CLIENT_LIMITS: limits })).toEqual([
        expect.stringMatching(
          /^SEGUE_CLIENT_LIMITS \(client\.limits in segue\.yaml\): given .*; allowed: a list, in YAML or JSON/,
        ),
      ]);
    },
  );

  it('refuse limits of a client that there is not', () => {
    expect(problems({ SEGUE_CLIENT_LIMITS: '[{ name: app }]' })).toEqual([
      'SEGUE_CLIENT_LIMITS (client.limits in segue.yaml): given the name "app"; allowed: that of a client key, or `anonymous` where there are none',
    ]);
    expect(problems({ SEGUE_CLIENT_LIMITS: '[{ name: anonymous }]' })).toEqual([]);
    expect(
      problems({ SEGUE_CLIENT_KEYS: 'app:0123456789abcdef', SEGUE_CLIENT_LIMITS: '[{ name: anonymous }]' }),
    ).toHaveLength(1);
  });

  it('refuse one key for two clients, naming both and not the key', () => {
    const key = '0123456789abcdef';
    const line =
      'SEGUE_CLIENT_KEYS (client.keys in segue.yaml): given one key for both "app" and "job"; allowed: a key of its own for each client';
    expect(problems({ SEGUE_CLIENT_KEYS: `app:${key},job:${key}` })).toEqual([line]);
    expect(
      problems({ SEGUE_CLIENT_KEYS: `app:${key}`, SEGUE_CLIENT_KEYS_FILE: 'keys' }, { keys: `job:${key}\n` }),
    ).toEqual([line]);
  });

  it('never show a key of a client', () => {
    expect(problems({ SEGUE_CLIENT_KEYS: 'a:short' })).toEqual([
      'SEGUE_CLIENT_KEYS (client.keys in segue.yaml), key of client "a": given 5 characters that are not shown; allowed: 16 to 256 visible ASCII characters without a comma',
    ]);
  });

  it.each([
    ['client:\n  keys:\n    - { name: app, key: SECRET }\n', 'key of client "app": given 6 characters'],
    ['client:\n  keys:\n    - { name: app }\n', 'key of client "app": given nothing; allowed: 16 to 256'],
    ['client:\n  keys:\n    - { name: app, key: 5 }\n', 'key of client "app": given no text; allowed: 16 to 256'],
    ['client:\n  keys:\n    - { name: "SECRET:", key: 0123456789abcdef }\n', 'name of client number 1: given a value'],
    ['client:\n  keys:\n    - { name: app, key: 0123456789abcdef, SECRET: 1 }\n', 'client "app": given a value that'],
    ['client:\n  keys:\n    - SECRET\n', 'client number 1: given a value that is not shown; allowed: `name`, `key`'],
    [
      'client:\n  keys:\n    - { name: app, key: SECRET0123456789 }\n    - { name: app, key: SECRET0123456789 }\n',
      'client "app": given more than once; allowed: each name once',
    ],
  ])('of the keys %j name the client and not the key', (text, line) => {
    const found = problems({}, { 'segue.yaml': text });
    expect(found).toEqual([expect.stringContaining(`SEGUE_CLIENT_KEYS (client.keys in segue.yaml), ${line}`)]);
    expect(found.join()).not.toContain('SECRET');
  });

  it('name the client of a key that is too short, wherever it is', () => {
    const files = { keys: 'app:0123456789abcdef\njob:short\n' };
    expect(problems({ SEGUE_CLIENT_KEYS_FILE: 'keys' }, files)).toEqual([
      expect.stringContaining('key of client "job": given 5 characters that are not shown'),
    ]);
  });

  it('do not show what stands where the keys would', () => {
    expect(problems({}, { 'segue.yaml': 'client: app:SECRET0123456789\n' })).toEqual([
      'client in segue.yaml: given a value that is not shown; allowed: keys and values',
    ]);
  });

  it('get a line each, from wherever they come', () => {
    const env = { SEGUE_HTPP_PORT: '1', SEGUE_CACHE: 'redis', SEGUE_CLIENT_KEYS_FILE: 'gone' };
    const found = problems(env, { 'segue.yaml': 'http:\n  port: x\nfoo: 1\ngrpc: 5\nstore: redis\n' });
    expect(found.map((line) => line.slice(0, line.indexOf(' ')))).toEqual([
      'foo',
      'SEGUE_HTPP_PORT:',
      'SEGUE_CLIENT_KEYS_FILE',
      'SEGUE_HTTP_PORT',
      'grpc',
      'SEGUE_STORE',
      'SEGUE_CACHE',
    ]);
  });

  it('of values that are right by themselves come with those of names', () => {
    expect(problems({ SEGUE_HTTP_HOST: '0.0.0.0' }, { 'segue.yaml': 'foo: 1\n' })).toEqual([
      expect.stringContaining('foo in segue.yaml'),
      expect.stringContaining('SEGUE_HTTP_HOST'),
    ]);
  });

  it('are few lines, however many there are', () => {
    const names = Array.from({ length: 3000 }, (_, i) => `x${i}: 1\n`).join('');
    const keys = Array.from({ length: 900 }, (_, i) => `c${i}:short`).join(',');
    const found = problems({ SEGUE_CLIENT_KEYS: keys }, { 'segue.yaml': `${names}${'y'.repeat(1_000)}: 1\n` });
    expect(found).toHaveLength(101);
    expect(found.at(40)).toBe('2961 more in segue.yaml that are no keys');
    expect(found.at(-1)).toBe('and 841 more');
    expect(Math.max(...found.map(({ length }) => length))).toBeLessThan(300);
  });

  it('name unknown keys of the file, the nearest known one, and all at once', () => {
    expect(problems({}, { 'segue.yaml': 'http:\n  prot: 1\nstores: lmdb\n' })).toEqual([
      'http.prot in segue.yaml: no such key; the nearest is http.port',
      'stores in segue.yaml: no such key; the nearest is store',
    ]);
  });

  it.each([['http: 5\n'], ['- 1\n'], ['a: [\n'], ['http: {host: 3}\n'], ['memcached: {servers: [1]}\n']])(
    'of the file %j are refused',
    (text) => {
      expect(problems({}, { 'segue.yaml': text })).toHaveLength(1);
    },
  );

  it('refuse to listen beyond loopback without client keys', () => {
    expect(problems({ SEGUE_HTTP_HOST: '0.0.0.0', SEGUE_GRPC_HOST: '::' })).toHaveLength(2);
    expect(problems({ SEGUE_HTTP_HOST: '0.0.0.0', SEGUE_CLIENT_KEYS: 'app:0123456789abcdef' })).toEqual([]);
  });

  it('want a project and an instance for Bigtable', () => {
    expect(problems({ SEGUE_STORE: 'bigtable' })).toHaveLength(2);
  });
});

it('knows loopback hosts', () => {
  expect(['localhost', '127.0.0.1', '127.8.0.1', '::1'].every(isLoopback)).toBe(true);
  expect(['0.0.0.0', '::', '10.0.0.1', 'example.com', '127.0.0.1.example.com'].some(isLoopback)).toBe(false);
});

it('never fails in another way than with problems, whatever a variable holds', () => {
  fc.assert(
    fc.property(fc.constantFrom(...KEYS.map((key) => key.variable)), fc.string(), (variable, value) => {
      const found = problems({ [variable]: value });
      expect(found.every((line) => line.includes('SEGUE_'))).toBe(true);
    }),
  );
});

it('is documented as it is', () => {
  expect(readFileSync('docs/CONFIGURATION.md', 'utf8')).toBe(configurationMarkdown());
});
