"""A service of its own: `uvicorn service:app` in a folder with a config.json, then GET /contracts/MAN202109280009848.

One process, one limit: with more workers divide it, as workers.py does.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import yspay
from fastapi import FastAPI, HTTPException


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    with yspay.Client.from_file("config.json") as app.state.client:
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/contracts/{flow_id}")
async def contract(flow_id: str) -> dict[str, Any]:
    try:
        answer = await app.state.client.query_sign_sts_async(flow_id, timeout=10)
    except yspay.InvalidArgumentError as error:
        raise HTTPException(422, str(error)) from error
    except yspay.BusinessError as error:
        # 99: there is no such contract. Any other refusal says nothing about the contract.
        status = 404 if error.platform_code == "99" else 502
        raise HTTPException(status, f"{error.platform_code} {error.platform_note}") from error
    except yspay.YspayError as error:
        raise HTTPException(503 if error.retryable else 502, f"{error.code}: {error}") from error
    return {"status": answer.status.name, "final": answer.is_final, "success": answer.is_success}
