/** The text of docs/CONFIGURATION.md, from the schema. */
import { KEYS } from './schema.js';

const HEAD = `# Configuration

Written by \`segue config --markdown\` from \`src/config/schema.ts\`; do not edit.

Variables come before \`segue.yaml\` (in the working directory, or where \`SEGUE_CONFIG\` says), and that before the defaults. An empty
variable is an unset one. Unknown names and wrong values stop the start, with a line for each. Telemetry is exported as the
standard \`OTEL_*\` variables say, once \`OTEL_EXPORTER_OTLP_ENDPOINT\` is set.

| variable | in segue.yaml | default | allowed | meaning |
|---|---|---|---|---|
`;

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

export function configurationMarkdown(): string {
  const rows = KEYS.map(({ variable, path, defaultText, kind, description }) =>
    [`\`${variable}\``, `\`${path}\``, cell(defaultText), cell(kind.allowed), cell(description)].join(' | '),
  );
  return `${HEAD}${rows.map((row) => `| ${row} |\n`).join('')}`;
}
