import sys

import yspay

with yspay.Client.from_file("config.json") as client:
    for flow_id in sys.argv[1:]:
        try:
            answer = client.query_sign_sts(flow_id, timeout=10)
            print(flow_id, answer.status.name, "final" if answer.is_final else "ask again later")
        except yspay.YspayError as error:
            print(flow_id, error.code, error, file=sys.stderr)
