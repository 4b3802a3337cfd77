import json
import multiprocessing
import sys
from pathlib import Path

import yspay

WORKERS = 2

settings = json.loads(Path("config.json").read_text(encoding="utf-8"))
limit = settings.setdefault("rateLimit", {})
if "shared" not in limit:  # without a store each process has a limit of its own
    limit["perSecond"] = 10 // WORKERS or 10 / WORKERS
client = yspay.Client.from_dict(settings)  # before the fork, as with gunicorn's preload_app


def ask(flow_id: str) -> str:
    return client.query_sign_sts(flow_id, timeout=60).status.name


if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(WORKERS) as workers:
        print(workers.map(ask, sys.argv[1:]))
