import sys

import httpx
import yspay

with yspay.Client.from_file("config.json") as client, httpx.Client(timeout=20) as http:
    for flow_id in sys.argv[1:]:
        response = http.post(
            client.describe()["endpoint"],
            content=client.build_request(flow_id),
            headers={"Content-Type": "application/json"},
        )
        response.raise_for_status()
        print(flow_id, client.verify_response(flow_id, response.content).status.name)
