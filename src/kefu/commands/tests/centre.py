"""A centre of its own in a process of its own, for the tests of backup and restore; ``main`` walks the steps it is given.

Prints JSON: what the step found. The database is that of the environment, as for the real command.
"""

import hashlib
import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from click.testing import CliRunner
from django.apps import apps

from kefu.cases import actions as cases
from kefu.cases import files, upkeep
from kefu.cases.actions import CaseRequest
from kefu.cases.filters import CaseFilter
from kefu.cases.models import Attachment, Case
from kefu.cases.queries import page
from kefu.commands.catalogue import COMMANDS
from kefu.customers import actions as customers
from kefu.customers.models import Contact
from kefu.handbook.actions import install_builtin
from kefu.kernel import audit
from kefu.kernel import files as store
from kefu.kernel.actor import Actor
from kefu.people import actions as people
from kefu.reactions import run as reactions

SYSTEM = Actor.system("tests")
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
# What a backup and a restore themselves write.
_SPARED = {"kernel.AuditEntry", "kernel.Counter"}


def run(*arguments: str) -> dict[str, Any]:
    """One command: exit code and what it said."""
    group = click.Group("kefu", commands={str(one.name): one for one in COMMANDS})
    result = CliRunner().invoke(group, arguments)
    return {"code": result.exit_code, "out": result.stdout.strip().splitlines()[-1:], "error": result.stderr.strip()}


def build() -> None:
    """Somebody, a customer, a case with note and file, all indexed."""
    install_builtin(actor=SYSTEM, now=NOW - timedelta(days=300))
    site = people.create_site(actor=SYSTEM, code="NS01", name="南市分部", kind="station", handbook="best", now=NOW)
    new = people.NewStaff(username="li", staff_no="1001", name="李晓", role="agent", site=site, password="correct-horse-battery")
    people.create_staff(actor=SYSTEM, new=new, now=NOW)
    request = CaseRequest(
        site_id=site.pk,
        kind="delay",
        channel="call",
        description="羊绒围巾三天没有动静",
        customer_name="王小明",
        customer_phone="13800138000",
    )
    case = cases.open_case(actor=SYSTEM, request=request, now=NOW)
    upkeep.add_note(actor=SYSTEM, case_id=case.pk, text="中转已找到", now=NOW)
    files.attach(actor=SYSTEM, case_id=case.pk, name="面单.jpg", content=b"jpeg" * 1000, content_type="image/jpeg", now=NOW)
    reactions.run_all(now=NOW)
    audit.seal_all()


def change() -> None:
    """Everything that a restore must undo."""
    case = Case.objects.get()
    upkeep.edit(actor=SYSTEM, case_id=case.pk, changes={"title": "改过的标题"}, expected_version=case.version, now=NOW)
    customers.find_or_create(actor=SYSTEM, site_id=case.site_id, name="新客户", phone="13900139000", now=NOW)
    assert run("keys", "rotate")["code"] == 0
    for path in store._folder().glob("*.bin"):
        path.write_bytes(b"overwritten")


def look() -> dict[str, Any]:
    """Everything there is, as one hash per table, and whether it can be read, found and verified."""
    tables = {
        model._meta.label: hashlib.sha256(repr(sorted(model._base_manager.values_list(), key=repr)).encode()).hexdigest()
        for model in apps.get_models()
        if model._meta.label not in _SPARED
    }
    attachment = Attachment.objects.get()
    case = Case.objects.get()
    try:
        content = files.download(actor=SYSTEM, case_id=case.pk, attachment_id=attachment.pk, now=NOW).content.decode()[:4]
    except Exception as error:
        content = type(error).__name__
    found = page(SYSTEM, CaseFilter(view="all", text="羊绒围巾"), now=NOW).rows
    return {
        "tables": tables,
        "phones": sorted(contact.value for contact in Contact.objects.all()),
        "attachment": content,
        "found": [one.number for one in found],
        "breaks": [str(one) for one in audit.verify().breaks],
        "entries": apps.get_model("kernel", "AuditEntry")._default_manager.filter(action="case.opened").count(),
    }


def main() -> None:
    """The steps named on the command line, in order; ``run:backup,x`` runs a command."""
    answers: list[Any] = []
    for step in sys.argv[1:]:
        name, _, rest = step.partition(":")
        if name == "run":
            answers.append(run(*rest.split(",")))
        else:
            answers.append({"build": build, "change": change, "look": look}[name]())
    sys.stdout.write(json.dumps(answers, ensure_ascii=False))
