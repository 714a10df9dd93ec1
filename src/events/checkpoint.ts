/** From where a crash is replayed. */
import { join } from 'node:path';
import type { LogFiles } from './log-files.js';
import type { Position } from './segments.js';

const FILE_NAME = 'checkpoint.json';

/** The stored checkpoint; the very beginning where there is none, or none that can be read. */
export async function readCheckpoint(files: LogFiles, directory: string): Promise<Position> {
  const names = await files.list(directory);
  if (!names.includes(FILE_NAME)) return { segment: 0, offset: 0 };
  const bytes = await files.read(join(directory, FILE_NAME), 0, 4_096);
  return positionOf(Buffer.from(bytes).toString('utf8')) ?? { segment: 0, offset: 0 };
}

export async function writeCheckpoint(files: LogFiles, directory: string, position: Position): Promise<void> {
  const { segment, offset } = position;
  await files.replace(join(directory, FILE_NAME), Buffer.from(JSON.stringify({ segment, offset })));
}

function positionOf(text: string): Position | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('segment' in value) || !('offset' in value)) return undefined;
    const { segment, offset } = value;
    return Number.isSafeInteger(segment) && Number.isSafeInteger(offset)
      ? { segment: Number(segment), offset: Number(offset) }
      : undefined;
  } catch {
    return undefined;
  }
}
