/** The name of the data a world was built from: a bundle is bound to it. */
import { createHash } from 'node:crypto';
import type { DuckDBConnection } from '@duckdb/node-api';
import { quoted } from './column-checks.js';
import { PLAYS, TRACKS, type SourceColumns } from './columns.js';

/** Of no play and no track can this be part: ids and texts hold no control characters. */
const FIELD_END = 'chr(31)';
const ROW_END = 'chr(30)';

/**
 * sha256, hex, over what a build can see of both sources: tracks by id, and every listener's plays as of `asOfMs` in
 * their order. File names, the order of rows and the numbers in `seq` are no part of it; the order that they give is.
 *
 * @param asOfMs milliseconds since the epoch; undefined takes every play
 */
export async function fingerprintOf(connection: DuckDBConnection, asOfMs: number | undefined): Promise<string> {
  const hash = createHash('sha256');
  const tracks = `select sha256(${rowText(TRACKS)}) as digest from tracks order by track_id`;
  const plays = `select sha256(string_agg(${rowText(PLAYS)}, ${ROW_END} order by seq, played_at, line)) as digest
    from plays ${asOfMs === undefined ? '' : `where epoch_ms(played_at) <= ${asOfMs}`}
    group by listener_id order by listener_id`;
  for (const query of [tracks, plays]) {
    hash.update('\n');
    const result = await connection.stream(query);
    for await (const rows of result.yieldRows()) for (const [digest] of rows) hash.update(String(digest));
  }
  return hash.digest('hex');
}

function rowText(source: SourceColumns): string {
  const columns = source.columns.filter(({ name }) => name !== 'seq');
  return columns.map(({ name }) => `coalesce(cast(${quoted(name)} as varchar), '')`).join(` || ${FIELD_END} || `);
}
