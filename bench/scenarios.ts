/** All scenarios, in the order in which they run. */
import type { Scenario } from './scenario.js';
import { fastapi } from './scenarios/fastapi.js';
import { grpc } from './scenarios/grpc.js';
import { httpSlowModel } from './scenarios/http-slow-model.js';
import { http } from './scenarios/http.js';
import { inProcess } from './scenarios/in-process.js';
import { limit } from './scenarios/limit.js';
import { naive } from './scenarios/naive.js';
import { steady } from './scenarios/steady.js';

export const SCENARIOS: readonly Scenario[] = [limit, inProcess, http, fastapi, naive, httpSlowModel, grpc, steady];
