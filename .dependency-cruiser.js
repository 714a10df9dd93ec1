/** Which way imports go. The map is in docs/ARCHITECTURE.md; `npm run imports` checks it. */

const TESTS = '\\.spec\\.ts$';
const DOMAIN = '^src/(ranking|promotion|experiments|listeners|worlds|features)/';
const EDGES = '^src/(api/|app\\.module\\.ts|main\\.ts|cli\\.ts)';
const DRIVERS = [
  '^src/store/(lmdb|bigtable)/',
  '^src/store/(lmdb|bigtable)[^/]*\\.ts$',
  '^src/cache/([^/]+-cache|memory|memcached)[^/]*\\.ts$',
  '^src/cache/(memory|memcached)/',
  '^src/events/segment-log[^/]*\\.ts$',
];

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'Two files that need each other are one subject, or lack a third.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'stages-stand-alone',
      comment: 'A stage knows the types before and after it, not another stage. filter.ts owns the rules in filters/.',
      severity: 'error',
      from: { path: '^src/recommend/stages/([^/.]+)', pathNot: TESTS },
      to: { path: '^src/recommend/stages/', pathNot: '^src/recommend/stages/$1' },
    },
    {
      name: 'filters-stand-alone',
      comment: 'One rule a file; what rules have in common is in rule.ts.',
      severity: 'error',
      from: { path: '^src/recommend/stages/filters/', pathNot: TESTS },
      to: { path: '^src/recommend/stages/filters/', pathNot: '/rule\\.ts$' },
    },
    {
      name: 'api-is-the-edge',
      comment: 'Only the composition root and the boot (main.ts, process/) import the transport edge.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/(api|process)/', '^src/(app\\.module|main)\\.ts$', TESTS] },
      to: { path: EDGES },
    },
    {
      name: 'recommend-is-above-the-domain',
      comment: 'api -> recommend -> stages -> (ranking | promotion | experiments | listeners | worlds | features).',
      severity: 'error',
      from: { path: [DOMAIN, '^src/(store|cache|events)/'], pathNot: TESTS },
      to: { path: '^src/(recommend|commands)/' },
    },
    {
      name: 'domain-is-above-the-drivers',
      comment: 'Stores, caches and logs keep bytes; they know nothing about listeners or tracks.',
      severity: 'error',
      from: { path: '^src/(store|cache|events)/', pathNot: TESTS },
      to: { path: DOMAIN },
    },
    {
      name: 'drivers-are-chosen-in-one-place',
      comment: 'Only app.module.ts and cli.ts name a store, a cache or a log; everyone else takes the interface.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/(app\\.module|cli|drivers|directories)\\.ts$', ...DRIVERS, TESTS] },
      to: { path: DRIVERS },
    },
    {
      name: 'drivers-are-chosen-for-two',
      comment: 'drivers.ts is what app.module.ts and cli.ts have in common, and nobody else may choose.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/(app\\.module|cli)\\.ts$', TESTS] },
      to: { path: '^src/drivers\\.ts$' },
    },
    {
      name: 'commands-belong-to-the-cli',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/(cli\\.ts|commands/)', TESTS] },
      to: { path: '^src/commands/' },
    },
    {
      name: 'no-drawers',
      comment: 'A file is filed by what it is about.',
      severity: 'error',
      from: {},
      to: { path: '/(utils|helpers|common|shared)/', pathNot: 'node_modules' },
    },
    {
      name: 'source-does-not-know-its-tests',
      severity: 'error',
      from: { path: '^src/', pathNot: TESTS },
      to: { path: '^(test|bench)/|\\.spec\\.ts$' },
    },
    {
      name: 'no-development-packages-in-production',
      severity: 'error',
      from: { path: '^src/', pathNot: TESTS },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^src/gen/'] },
    exclude: { path: '^(dist|dist-sim|dist-bench)/' },
    tsConfig: { fileName: 'tsconfig.test.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
