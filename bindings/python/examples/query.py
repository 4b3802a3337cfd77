import sys

import yspay

config, *flow_ids = sys.argv[1:]
with yspay.Client.from_file(config) as client:
    for flow_id in flow_ids:
        try:
            answer = client.query_sign_sts(flow_id, timeout=10)
            print(flow_id, answer.status.name, "final" if answer.is_final else "ask again later")
        except yspay.YspayError as error:
            print(flow_id, error.code, error, file=sys.stderr)
