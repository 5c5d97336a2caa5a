"""The yardstick of one POST: the least that FastAPI and asyncpg do to insert a row. Run: python -m benchmarks.minimal_insert URL PORT"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel


class Quantity(BaseModel):
    value: str
    unit: str


class Period(BaseModel):
    start: str
    end: str


class Activity(BaseModel):
    source_system: str
    external_id: str
    site_external_id: str
    activity_type: str
    period: Period
    quantity: Quantity
    data_quality: str


TABLE = """
DROP TABLE IF EXISTS minimal_activity;
CREATE TABLE minimal_activity (id uuid PRIMARY KEY, source_system text, external_id text, site text, activity_type text, period_start text,
    period_end text, quantity numeric, unit text, data_quality text, UNIQUE (source_system, external_id))
"""


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(sys.argv[1], min_size=5, max_size=5) as pool:
        await pool.execute(TABLE)
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/v1/activities", status_code=201)
async def record_activity(body: Activity) -> Activity:
    await app.state.pool.execute(
        "INSERT INTO minimal_activity VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text::numeric, $9, $10)",
        uuid4(),
        body.source_system,
        body.external_id,
        body.site_external_id,
        body.activity_type,
        body.period.start,
        body.period.end,
        body.quantity.value,
        body.quantity.unit,
        body.data_quality,
    )
    return body


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[2]), log_level="warning", access_log=False)
