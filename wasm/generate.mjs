// Assembles each .wat file beside it and writes it to src/gen/wasm, as a module that exports its bytes.
import { Buffer } from 'node:buffer';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { URL } from 'node:url';
import wabt from 'wabt';

const from = new URL('./', import.meta.url);
const to = new URL('../src/gen/wasm/', import.meta.url);
const { parseWat } = await wabt();
mkdirSync(to, { recursive: true });
for (const file of readdirSync(from).filter((name) => name.endsWith('.wat'))) {
  const module = parseWat(file, readFileSync(new URL(file, from), 'utf8'));
  const base64 = Buffer.from(module.toBinary({}).buffer).toString('base64');
  module.destroy();
  const text = `// Made of wasm/${file}.\nexport const wasm = Buffer.from('${base64}', 'base64');\n`;
  writeFileSync(new URL(file.replace(/\.wat$/, '.ts'), to), text);
}
