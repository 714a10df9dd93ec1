// Compiles the AssemblyScript of each folder beside it and writes it to src/gen/wasm, as a module that exports its bytes and the
// numbers that it exports itself.
import asc from 'assemblyscript/asc';
import { Buffer } from 'node:buffer';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath, URL } from 'node:url';

const from = new URL('./', import.meta.url);
const to = new URL('../src/gen/wasm/', import.meta.url);
mkdirSync(to, { recursive: true });
for (const entry of readdirSync(from, { withFileTypes: true }).filter((each) => each.isDirectory())) {
  const bytes = await compiled(`wasm/${entry.name}/index.ts`);
  const module = new WebAssembly.Module(bytes);
  const { exports } = new WebAssembly.Instance(module, { env: { memory: new WebAssembly.Memory({ initial: 1 }) } });
  const numbers = Object.entries(exports).filter(([, value]) => value instanceof WebAssembly.Global);
  const names = numbers.map(([name]) => `'${name}'`).join(' | ') || 'never';
  const layout = Object.fromEntries(numbers.map(([name, { value }]) => [name, value]));
  const text = [
    `// Made of wasm/${entry.name}.\n`,
    `export const wasm = Buffer.from('${Buffer.from(bytes).toString('base64')}', 'base64');\n`,
    `export const layout: Readonly<Record<${names}, number>> = ${JSON.stringify(layout, null, 2)};\n`,
  ];
  writeFileSync(new URL(`${entry.name}.ts`, to), text.join(''));
}

/** @throws Error with what the compiler said */
async function compiled(source) {
  let bytes;
  const options = ['--optimizeLevel', '3', '--noAssert', '--runtime', 'stub', '--importMemory', '--enable', 'simd'];
  // v128 never leaves the module: only what index.ts exports does.
  const { error, stderr } = await asc.main(
    [source, ...options, '--disableWarning', '112', '--outFile', 'module.wasm'],
    {
      baseDir: dirname(fileURLToPath(from)),
      writeFile: (name, content) => {
        if (name.endsWith('.wasm')) bytes = content;
      },
    },
  );
  const said = stderr.toString();
  if (error !== null || bytes === undefined) throw new Error(`${source} was not compiled:\n${said}`, { cause: error });
  if (said !== '') process.stderr.write(said);
  return bytes;
}
