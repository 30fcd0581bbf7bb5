"""Celery with Redis: one task an invoice, SET NX for the key, one HTTP session a worker process."""

import os

import celery
import redis
import requests
from celery.signals import worker_ready

import invoice

URL = os.environ["PEER_URL"]
SOCKET = os.environ["PEER_REDIS"]

app = celery.Celery("peer", broker=f"redis+socket://{SOCKET}")
app.conf.update(task_ignore_result=True, task_acks_late=True, worker_prefetch_multiplier=64)
store = redis.Redis(unix_socket_path=SOCKET)
session = requests.Session()


@worker_ready.connect
def ready(**_):
    store.set("ready", 1)


@app.task(autoretry_for=(requests.RequestException,), retry_backoff=5, max_retries=9)
def process(key, text):
    if not store.set("key:" + key, 1, nx=True, ex=86400):
        return
    answer = session.post(
        URL, data=invoice.event(key, text), headers={"Content-Type": "application/json"}, timeout=15
    )
    answer.raise_for_status()
    store.incr("done")


def enqueue(count):
    for key, text in invoice.requests(count):
        process.delay(key, text)
