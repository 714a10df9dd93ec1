"""The rival in Python: ranks given ids. Gathers their rows of a NumPy table and runs Segue's own model over them.

Written to be fast: orjson both ways, no validation, one thread a session; uvicorn brings uvloop and httptools.
"""

import os

import numpy as np
import onnxruntime
import orjson
from fastapi import FastAPI, Request, Response

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(os.environ["BENCH_MODEL"], options, providers=["CPUExecutionProvider"])
features = session.get_inputs()[0].shape[1]
table = np.random.default_rng(1).standard_normal((int(os.environ["BENCH_TRACKS"]), features)).astype(np.float32)

app = FastAPI(openapi_url=None)


@app.get("/healthz")
async def healthz() -> Response:
    return Response(b"ok")


@app.post("/rank")
async def rank(request: Request) -> Response:
    asked = orjson.loads(await request.body())
    limit = asked["limit"]
    ids = np.array(asked["ids"], dtype=np.int64)
    scores = session.run(["relevance"], {"features": table[ids]})[0].ravel()
    best = np.argpartition(-scores, limit)[:limit]
    best = best[np.argsort(-scores[best])]
    items = [{"id": int(ids[i]), "score": float(scores[i])} for i in best]
    return Response(orjson.dumps({"items": items, "ranked": len(ids)}), media_type="application/json")
