import { parseConfig, type Config } from '../../src/config.js';
import { findHelm, render, type Manifest } from './helm.js';

const helm = findHelm();
const MISSING = 'helm is missing: go install helm.sh/helm/v3/cmd/helm@v3.22.0';
const BIGTABLE = ['--values', 'helm/segue/examples/bigtable.yaml'];
const CREDENTIALS = ['--values', 'helm/segue/examples/credentials.yaml'];
const CLIENT_KEYS = 'app:0123456789abcdef0123\nother:abcdef0123456789abcd\n';

interface Container {
  readonly name: string;
  readonly args?: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  readonly securityContext: Readonly<Record<string, unknown>>;
}

interface Workload {
  readonly replicas?: number;
  readonly serviceName?: string;
  readonly template: {
    readonly metadata: { readonly labels: Readonly<Record<string, string>> };
    readonly spec: {
      readonly containers: readonly Container[];
      readonly volumes: readonly { readonly name: string }[];
      readonly securityContext: Readonly<Record<string, unknown>>;
      readonly terminationGracePeriodSeconds?: number;
    };
  };
  readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
}

function oneOf(manifests: readonly Manifest[], kind: string, name?: string): Manifest {
  const found = manifests.filter((one) => one.kind === kind && (name === undefined || one.metadata.name === name));
  expect(found).toHaveLength(1);
  return found[0];
}

function workload(manifests: readonly Manifest[], kind: 'StatefulSet' | 'Job'): Workload {
  return oneOf(manifests, kind).spec as Workload;
}

/** The configuration that a pod would run with. */
function configOf(manifests: readonly Manifest[]): Config {
  const data = oneOf(manifests, 'ConfigMap').data as Record<string, string>;
  const container = workload(manifests, 'StatefulSet').template.spec.containers[0];
  const env = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
  const files: Record<string, string> = {
    '/etc/segue/segue.yaml': data['segue.yaml'],
    '/etc/segue/keys/client-keys': CLIENT_KEYS,
  };
  return parseConfig({ env, readFile: (path) => files[path] });
}

const suite = helm === undefined ? describe.skip : describe;
if (helm === undefined) {
  if (process.env.CI === 'true') {
    it('needs helm', () => {
      throw new Error(MISSING);
    });
  } else process.stderr.write(`skipped: the chart; ${MISSING}\n`);
}

suite('chart', () => {
  const rendered = (...options: readonly string[]): Manifest[] => render(helm ?? '', options);

  it.each([
    ['its own values', []],
    ['Bigtable and Memcached', BIGTABLE],
    ['credentials from a secret', CREDENTIALS],
  ])('gives the service a configuration that it accepts: %s', (_, options) => {
    const manifests = rendered(...options);
    const config = configOf(manifests);
    const { containers, terminationGracePeriodSeconds } = workload(manifests, 'StatefulSet').template.spec;
    const portOf = (name: string): number | undefined =>
      containers[0].ports.find((port) => port.name === name)?.containerPort;
    expect(config.http).toMatchObject({ host: '0.0.0.0', port: portOf('http') });
    expect(config.grpc).toMatchObject({ host: '0.0.0.0', port: portOf('grpc') });
    expect(config.client.keys.map(({ name }) => name)).toEqual(['app', 'other']);
    expect((terminationGracePeriodSeconds ?? 0) * 1000).toBeGreaterThan(config.drainTimeoutMs);
  });

  it('keeps the event log on a claim that outlives the release', () => {
    const manifests = rendered();
    const set = workload(manifests, 'StatefulSet');
    expect(set.volumeClaimTemplates?.map(({ metadata }) => metadata.name)).toEqual(['data']);
    const mount = set.template.spec.containers[0].volumeMounts.find(({ name }) => name === 'data');
    expect(configOf(manifests).events.dir.startsWith(`${mount?.mountPath ?? ''}/`)).toBe(true);
    expect(set).toMatchObject({
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
    });
  });

  it('mounts a volume for each mount, and selects its own pods', () => {
    for (const manifests of [rendered(), rendered(...BIGTABLE), rendered(...CREDENTIALS)]) {
      const set = workload(manifests, 'StatefulSet');
      const volumes = [
        ...set.template.spec.volumes,
        ...(set.volumeClaimTemplates ?? []).map(({ metadata }) => metadata),
      ];
      const names = volumes.map(({ name }: { name?: string }) => name);
      for (const { name } of set.template.spec.containers[0].volumeMounts) expect(names).toContain(name);
      for (const service of manifests.filter(({ kind }) => kind === 'Service')) {
        const { selector } = service.spec as { selector: Record<string, string> };
        expect(set.template.metadata.labels).toMatchObject(selector);
      }
      expect(set.serviceName).toBe(oneOf(manifests, 'Service', 'rel-segue-grpc').metadata.name);
    }
  });

  it('runs without root, capabilities or a writable root', () => {
    const manifests = rendered(...CREDENTIALS);
    for (const kind of ['StatefulSet', 'Job'] as const) {
      const { spec } = workload(manifests, kind).template;
      expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      expect(spec.containers[0].securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
  });

  it('creates the tables before it installs, where there are tables to create', () => {
    expect(rendered().filter(({ kind }) => kind === 'Job')).toEqual([]);
    const manifests = rendered(...BIGTABLE);
    const job = workload(manifests, 'Job');
    expect(oneOf(manifests, 'Job').metadata).toMatchObject({
      annotations: { 'helm.sh/hook': 'pre-install,pre-upgrade' },
    });
    const [container] = job.template.spec.containers;
    expect(container.args).toEqual(['dist/cli.js', 'tables', 'create']);
    const env = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
    const config = parseConfig({ env, readFile: () => undefined });
    expect(config.bigtable).toEqual(configOf(manifests).bigtable);
  });

  it('asks for readiness where it is told to', () => {
    const probe = (options: readonly string[]): unknown =>
      (workload(rendered(...options), 'StatefulSet').template.spec.containers[0] as { readinessProbe?: unknown })
        .readinessProbe;
    expect(probe([])).toMatchObject({ httpGet: { path: '/readyz', port: 'http' } });
    expect(probe(CREDENTIALS)).toMatchObject({ grpc: { port: 50051 } });
  });

  it('restarts pods when the configuration changes', () => {
    const sum = (options: readonly string[]): unknown =>
      (workload(rendered(...options), 'StatefulSet').template.metadata as { annotations?: Record<string, string> })
        .annotations?.['checksum/config'];
    expect(sum([])).toBe(sum([]));
    expect(sum(['--set', 'config.ranker=other'])).not.toBe(sum([]));
  });

  it.each([
    ['more replicas than LMDB can serve', 'replicaCount=3', '/replicaCount'],
    ['Bigtable without an instance', 'config.store=bigtable', '/config'],
    ['a host of its own', 'config.http.host=1.2.3.4', '/config/http'],
    ['no secret of client keys', 'clientKeys.existingSecret=', '/clientKeys/existingSecret'],
    ['a value that it does not know', 'replicas=2', 'replicas'],
    ['a port that is none', 'service.http.port=0', '/service/http/port'],
  ])('refuses %s', (_, setting, named) => {
    expect(() => rendered('--set', setting)).toThrow(named);
  });
});
