"""What every peer does with a request: the work that Billhook does, as far as a queue's tutorial goes."""

import hashlib
import json
import time


def requests(count):
    """The requests: a key and the bytes of each."""
    for number in range(count):
        text = json.dumps({"customer_id": f"cust-{number % 997}", "amount_cents": 1000 + number % 9000, "currency": "USD"})
        yield f"k-{number}", text


def event(key, text):
    """The body of the webhook that tells of a request's invoice."""
    request = json.loads(text)
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    digest = hashlib.sha256(text.encode()).hexdigest()
    invoice = {
        "id": "inv_" + hashlib.sha256((key + digest).encode()).hexdigest()[:32],
        "key": key,
        "status": "processed",
        "customer_id": request["customer_id"],
        "amount_cents": request["amount_cents"],
        "currency": request.get("currency", "USD"),
        "total_cents": request["amount_cents"],
        "created_at": moment,
        "processed_at": moment,
        "request_sha256": digest,
    }
    return json.dumps({"type": "invoice.processed", "timestamp": moment, "data": invoice})
