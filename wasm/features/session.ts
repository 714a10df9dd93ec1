/** What happened since the build; see `src/features/definitions/session.ts`. */
import {
  newTrackShare,
  sessionCompletions,
  sessionSkips,
  sessionSkipShare,
  sessionStarts,
  startsSinceBuildLn,
} from './layout';
import { everywhere, lanes, put } from './lanes';

export function session(a: usize, b: usize, c: usize, d: usize, out: usize): void {
  put(out, lanes(sessionStarts + a, sessionStarts + b, sessionStarts + c, sessionStarts + d));
  put(out + 4, lanes(sessionSkips + a, sessionSkips + b, sessionSkips + c, sessionSkips + d));
  put(out + 8, lanes(sessionCompletions + a, sessionCompletions + b, sessionCompletions + c, sessionCompletions + d));
  put(out + 12, everywhere(sessionSkipShare));
  put(out + 16, everywhere(newTrackShare));
  put(out + 20, everywhere(startsSinceBuildLn));
}
