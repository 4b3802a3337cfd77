import asyncio
import sys

import yspay


async def main() -> None:
    # No more at once than have a turn soon: a call's time limit runs while it waits for one.
    at_once = asyncio.Semaphore(20)

    async def ask(flow_id: str) -> str:
        async with at_once:
            try:
                answer = await client.query_sign_sts_async(flow_id, timeout=60)
            except yspay.YspayError as error:
                return f"{flow_id} {error.code}: {error}"
            return f"{flow_id} {answer.status.name}"

    with yspay.Client.from_file("config.json") as client:
        for line in await asyncio.gather(*map(ask, sys.argv[1:])):
            print(line)


asyncio.run(main())
