/**
 * The rooms of the house and who may enter which (docs/architecture.md, "Rooms").
 * test/unit/layers.test.ts proves that each rule fires.
 */
const room = (name) => `^electron/${name}/`;
const plane = (name, others) => ({
  name: `${name}-alone`,
  comment: `${name}/ knows base/ and contract/ only; the engine wires the planes together`,
  severity: 'error',
  from: { path: room(name) },
  to: { path: [`^electron/(${others.join('|')})/`, '^electron/[^/]+\\.ts$', '^renderer/'] },
});

module.exports = {
  forbidden: [
    {
      name: 'electron-only-in-shell',
      comment: 'only electron/shell, main.ts and preload.ts may import the electron package',
      severity: 'error',
      from: { pathNot: ['^electron/shell/', '^electron/(main|preload)\\.ts$', '^test/'] },
      to: { path: ['^electron$', '/electron/electron\\.d\\.ts$', 'node_modules/electron/'] },
    },
    {
      name: 'renderer-only-contract',
      comment: 'the renderer runs in a browser: of electron/ it may import the contract only',
      severity: 'error',
      from: { path: '^renderer/' },
      to: { path: '^electron/', pathNot: '^electron/contract/' },
    },
    {
      name: 'renderer-no-node',
      severity: 'error',
      from: { path: '^renderer/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'contract-pure',
      comment: 'contract/ imports nothing but zod',
      severity: 'error',
      from: { path: room('contract') },
      to: { pathNot: ['^electron/contract/', 'node_modules/zod/'] },
    },
    {
      name: 'base-low',
      comment: 'base/ is below every room: it imports the contract and Node only',
      severity: 'error',
      from: { path: room('base') },
      to: { path: '^(electron|renderer)/', pathNot: ['^electron/(base|contract)/'] },
    },
    plane('audio', ['video', 'gadgets', 'engine', 'remote', 'shell']),
    plane('video', ['audio', 'gadgets', 'engine', 'remote', 'shell']),
    plane('gadgets', ['audio', 'video', 'engine', 'remote', 'shell']),
    {
      name: 'engine-below-hosts',
      comment: 'the engine does not know how it is shown',
      severity: 'error',
      from: { path: room('engine') },
      to: { path: ['^electron/(remote|shell)/', '^electron/[^/]+\\.ts$', '^renderer/'] },
    },
    {
      name: 'remote-and-shell-apart',
      severity: 'error',
      from: { path: '^electron/(remote|shell)/' },
      to: { path: ['^electron/(audio|video|gadgets)/', '^renderer/'] },
    },
    {
      name: 'remote-not-shell',
      severity: 'error',
      from: { path: room('remote') },
      to: { path: '^electron/shell/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-test-in-product',
      severity: 'error',
      from: { path: '^(electron|renderer)/' },
      to: { path: '^test/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    exclude: { path: '(^|/)(out|dist)/' },
  },
};
