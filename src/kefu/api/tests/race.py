"""Six callers send the same request at once, in a process of its own on a real database; prints what each was answered."""

import json
import sys
from threading import Barrier, Thread
from typing import Any

from django.db import connections
from django.test import Client

from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.people import actions


def main() -> None:
    """A fresh centre, one token, one key."""
    now, system = moment.now(), Actor.system("tests")
    site = actions.create_site(actor=system, code="NS01", name="南市分部", kind="station", handbook="best", now=now)
    _row, token = actions.create_token(actor=system, name="ERP", permissions=["customer.view", "customer.edit"], now=now)
    start, answers = Barrier(6), []
    headers = {"Authorization": f"Bearer {token}", "Host": "localhost"}

    def send(client: Client) -> None:
        start.wait()
        body = {"site": site.pk, "name": "张三", "phone": "13800138000"}
        response = client.post(
            "/api/v1/customers", json.dumps(body), content_type="application/json", headers={**headers, "Idempotency-Key": "race"}
        )
        found: Any = json.loads(response.content)
        answers.append([response.status_code, found.get("id") or found["error"]["code"], "Idempotent-Replay" in response])
        connections.close_all()

    threads = [Thread(target=send, args=(Client(),)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    listed = Client().get("/api/v1/customers", headers=headers)
    sys.stdout.write(json.dumps({"answers": answers, "customers": len(json.loads(listed.content)["rows"])}))
