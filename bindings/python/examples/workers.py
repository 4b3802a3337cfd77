import multiprocessing
import sys

import yspay

client = yspay.Client.from_file("config.json")  # before the fork, as with gunicorn's preload_app


def ask(flow_id: str) -> str:
    return client.query_sign_sts(flow_id, timeout=60).status.name


if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(2) as workers:
        print(workers.map(ask, sys.argv[1:]))
