/** The parts of WebAssembly in use: its types come with those of browsers, which must not be seen here. */
declare namespace WebAssembly {
  class Memory {
    constructor(descriptor: { readonly initial: number; readonly maximum: number });
    readonly buffer: ArrayBuffer;
  }

  type Module = object;
  const Module: new (bytes: Uint8Array) => Module;

  /** Whether this machine can run it. */
  function validate(bytes: Uint8Array): boolean;

  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, Memory>>>>);
    readonly exports: Readonly<Record<string, unknown>>;
  }
}
