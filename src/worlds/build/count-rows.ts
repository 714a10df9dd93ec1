/** Rows of every file of a build. */
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { parquetName, type BuildFile } from '../load/build-files.js';
import { literal } from './column-checks.js';

/** @throws when a file is missing or no Parquet file */
export async function countRows(directory: string): Promise<Record<BuildFile, number>> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const count = (file: BuildFile): Promise<number> => rowsOf(connection, join(directory, parquetName(file)));
  try {
    return {
      tracks: await count('tracks'),
      popular: await count('popular'),
      neighbours: await count('neighbours'),
      listeners: await count('listeners'),
      pools: await count('pools'),
      signals: await count('signals'),
      signal_artists: await count('signal_artists'),
      history: await count('history'),
      history_artists: await count('history_artists'),
      heard: await count('heard'),
      contexts: await count('contexts'),
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function rowsOf(connection: DuckDBConnection, path: string): Promise<number> {
  const counted = await connection.runAndReadAll(`select count(*) from read_parquet(${literal(path)})`);
  return Number(counted.getRows()[0][0]);
}
