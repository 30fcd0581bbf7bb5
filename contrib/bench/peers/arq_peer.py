"""arq with Redis and aiohttp: one job an invoice, SET NX for the key, 64 at a time in one process."""

import asyncio
import os

import aiohttp
import arq
from arq.connections import RedisSettings

import invoice

URL = os.environ["PEER_URL"]
SETTINGS = RedisSettings(unix_socket_path=os.environ["PEER_REDIS"])


async def process(context, key, text):
    store = context["redis"]
    if not await store.set("key:" + key, 1, nx=True, ex=86400):
        return
    headers = {"Content-Type": "application/json"}
    async with context["session"].post(URL, data=invoice.event(key, text), headers=headers) as answer:
        if answer.status >= 300:
            raise arq.Retry(defer=5)
    await store.incr("done")


async def begin(context):
    context["session"] = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15))
    await context["redis"].set("ready", 1)


async def end(context):
    await context["session"].close()


class WorkerSettings:
    functions = [process]
    redis_settings = SETTINGS
    on_startup = begin
    on_shutdown = end
    max_jobs = 64
    max_tries = 10
    keep_result = 0
    poll_delay = 0.02


def enqueue(count):
    async def run():
        pool = await arq.create_pool(SETTINGS)
        for key, text in invoice.requests(count):
            await pool.enqueue_job("process", key, text)
        await pool.aclose()

    asyncio.run(run())
