import asyncio
import sys

import yspay


async def main() -> None:
    with yspay.Client.from_file("config.json") as client:
        questions = (client.query_sign_sts_async(flow_id, timeout=60) for flow_id in sys.argv[1:])
        for outcome in await asyncio.gather(*questions, return_exceptions=True):
            if isinstance(outcome, yspay.Answer):
                print(outcome.sys_sign_flow_id, outcome.status.name)
            else:
                print(repr(outcome))


asyncio.run(main())
