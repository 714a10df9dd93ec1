/** All scenarios, in the order in which they run. */
import type { Scenario } from './scenario.js';
import { bigtable } from './scenarios/bigtable.js';
import { catalogues } from './scenarios/catalogues.js';
import { coldStart } from './scenarios/cold-start.js';
import { fastapi } from './scenarios/fastapi.js';
import { grpc } from './scenarios/grpc.js';
import { httpSlowModel } from './scenarios/http-slow-model.js';
import { http } from './scenarios/http.js';
import { inProcess } from './scenarios/in-process.js';
import { limit } from './scenarios/limit.js';
import { naive } from './scenarios/naive.js';
import { overload } from './scenarios/overload.js';
import { rollingRestart } from './scenarios/rolling-restart.js';
import { stalls } from './scenarios/stalls.js';
import { steady } from './scenarios/steady.js';
import { tracing } from './scenarios/tracing.js';

export const SCENARIOS: readonly Scenario[] = [
  limit,
  inProcess,
  fastapi,
  grpc,
  http,
  steady,
  overload,
  rollingRestart,
  naive,
  httpSlowModel,
  stalls,
  bigtable,
  coldStart,
  catalogues,
  tracing,
];
