"""Asks about contracts and shows Prometheus what was done: metrics.py PORT FLOW_ID..."""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Iterator

import yspay


def metrics(stats: yspay.Stats) -> Iterator[str]:
    """The figures in Prometheus' text format, version 0.0.4."""

    def counter(name: str, value: int) -> Iterator[str]:
        yield f"# TYPE yspay_{name} counter\nyspay_{name} {value}\n"

    def named(name: str, label: str, counts: dict[str, int]) -> Iterator[str]:
        yield f"# TYPE yspay_{name} counter\n"
        for key, count in counts.items():
            yield f'yspay_{name}{{{label}="{key}"}} {count}\n'

    def gauge(name: str, value: float) -> Iterator[str]:
        yield f"# TYPE yspay_{name} gauge\nyspay_{name} {value}\n"

    yield from named("calls_total", "outcome", stats.calls)
    yield from named("answers_total", "status", stats.answers)
    yield from counter("attempts_total", stats.attempts)
    yield from counter("retries_total", stats.retries)
    yield from counter("connections_opened_total", stats.connections_opened)
    waits, limit = stats.wait_seconds, stats.rate_limit
    yield "# TYPE yspay_wait_seconds histogram\n"
    for bucket in waits.buckets:
        yield f'yspay_wait_seconds_bucket{{le="{bucket.le}"}} {bucket.count}\n'
    yield f'yspay_wait_seconds_bucket{{le="+Inf"}} {waits.count}\n'
    yield f"yspay_wait_seconds_sum {waits.sum}\nyspay_wait_seconds_count {waits.count}\n"
    yield from gauge("limit_per_second", limit.per_second)
    yield from gauge("limit_slots_in_use", limit.slots_in_use)
    yield from gauge("limit_slots_resting", limit.slots_resting)
    yield from gauge("limit_waiting", limit.waiting)
    yield from counter("limit_turns_total", limit.turns)
    if limit.shared and limit.shared.reachable is not None:
        yield from gauge("store_reachable", int(limit.shared.reachable))


with yspay.Client.from_file("config.json") as client:

    class Handler(BaseHTTPRequestHandler):
        """Answers Prometheus."""

        def do_GET(self) -> None:
            body = "".join(metrics(client.stats())).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    for flow_id in sys.argv[2:]:
        try:
            client.query_sign_sts(flow_id)
        except yspay.YspayError as error:
            print(flow_id, error, file=sys.stderr)
    with ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler) as server:
        print(f"http://127.0.0.1:{server.server_address[1]}/metrics", flush=True)
        server.serve_forever()
