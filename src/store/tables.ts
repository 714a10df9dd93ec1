/** Names of tables and keys of rows; both stores use the same. */
import { hash } from 'node:crypto';

export const LIVE_TABLES = ['sessions', 'promotions', 'events', 'worlds'] as const;
export const GENERATION_TABLES = ['listeners', 'tracks', 'contexts', 'catalogue'] as const;

export type GenerationTable = (typeof GENERATION_TABLES)[number];

export function generationTable(table: GenerationTable, generation: string): string {
  return `${table}.${generation}`;
}

/** `<2 hex of sha256>#<id>`: spreads rows over tablets while an id stays readable. */
export function rowKey(id: string): string {
  return `${hash('sha256', id, 'hex').slice(0, 2)}#${id}`;
}
