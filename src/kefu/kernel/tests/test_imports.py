"""The import runner: resumes after any death, counts right, writes what it refused (PLAT2)."""

import csv
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kefu.kernel import imports
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Stale
from kefu.kernel.imports import Fault, Item, Outcome, Source
from kefu.kernel.models import AuditEntry, Counter, ImportRun
from kefu.kernel.tabular import Places

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
ACTOR = Actor.system("tests")
pytestmark = pytest.mark.django_db


class Died(Exception):
    """The process was killed."""


def store(values, _run_id):
    """Keeps each value once; refuses those that end with ``!``."""
    good = [value for value in values if not value.endswith("!")]
    known = set(Counter.objects.filter(name__in=good).values_list("name", flat=True))
    fresh = list(dict.fromkeys(value for value in good if value not in known))
    Counter.objects.bulk_create(Counter(name=value) for value in fresh)
    refused = [(place, "shouted") for place, value in enumerate(values) if value.endswith("!")]
    return Outcome(len(fresh), len(good) - len(fresh), refused)


def source(path, *, keep=store, options=None):
    def records():
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            lines = [(number, [line, "=1+1"])]
            yield Fault("unreadable", lines, "第一格") if line == "?" else Item(line, lines)

    reasons = {"unreadable": "读不了：", "shouted": "太大声。"}
    return Source("test", path, records, keep, reasons, headings=("词", "公式"), columns=Places({"word": 0}), options=options or {})


@pytest.fixture
def path(tmp_path):
    found = tmp_path / "words.txt"
    words = [f"w{n}" for n in range(23)]
    words[3], words[7], words[11], words[19] = "?", "w7!", "w2", "?"
    found.write_text("\n".join(words))
    return found


def dying(after):
    """Stores, and dies after so many batches: before the position of the last one is saved."""
    calls = 0

    def keep(values, run_id):
        nonlocal calls
        calls += 1
        done = store(values, run_id)
        if calls > after:
            raise Died
        return done

    return keep


def counts(run):
    return run.read, run.stored, run.present, run.refused


def refused_rows(run):
    with Path(run.refused_file).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_a_whole_run(path):
    seen = []
    run = imports.run(actor=ACTOR, source=source(path), now=NOW, progress=seen.append, batch=5)
    assert counts(run) == (23, 19, 1, 3)
    assert seen == [5, 5, 5, 5, 3]
    assert (run.state, run.position, run.finished_at) == ("done", 23, NOW)
    assert run == ImportRun.objects.get()
    assert counts(ImportRun.objects.get()) == counts(run)
    rows = refused_rows(run)
    assert rows[0][:1] == ["行号"]
    assert rows[1:] == [
        ["4", "unreadable", "读不了： 第一格", "?", "'=1+1"],
        ["8", "shouted", "太大声。", "w7!", "'=1+1"],
        ["20", "unreadable", "读不了： 第一格", "?", "'=1+1"],
    ]
    assert Path(run.refused_file).stat().st_mode & 0o077 == 0
    assert AuditEntry.objects.get(action="import.finished").data["stored"] == 19


@pytest.mark.parametrize("after", [0, 1, 2, 4])
def test_killed_in_the_middle_and_resumed(path, after):
    with pytest.raises(Died):
        imports.run(actor=ACTOR, source=source(path, keep=dying(after)), now=NOW, batch=5)
    stopped = ImportRun.objects.get()
    assert (stopped.state, stopped.position) == ("failed", after * 5)
    assert Counter.objects.filter(name__startswith="w").count() == stopped.stored
    seen = []
    run = imports.run(actor=ACTOR, source=source(path), now=NOW, progress=seen.append, batch=5)
    assert sum(seen) == 23 - after * 5
    assert counts(run) == (23, 19, 1, 3)
    assert [row[0] for row in refused_rows(run)] == ["行号", "4", "8", "20"]
    assert Counter.objects.filter(name__startswith="w").count() == 19


def test_what_a_killed_run_wrote_behind_its_last_commit_is_cut_off(path):
    with pytest.raises(Died):
        imports.run(actor=ACTOR, source=source(path, keep=dying(2)), now=NOW, batch=5)
    stopped = ImportRun.objects.get()
    ImportRun.objects.update(state="running")  # kill -9 leaves it so
    with imports.refused_path(stopped.pk).open("ab") as file:
        file.write("12,半行".encode())
    run = imports.run(actor=ACTOR, source=source(path), now=NOW, batch=5)
    assert [row[0] for row in refused_rows(run)] == ["行号", "4", "8", "20"]


def test_the_same_file_again_is_all_there(path, tmp_path):
    first = imports.run(actor=ACTOR, source=source(path), now=NOW, batch=5)
    copy = tmp_path / "copy.txt"
    copy.write_bytes(path.read_bytes())
    again = imports.run(actor=ACTOR, source=source(copy), now=NOW, batch=7)
    assert counts(again) == (23, 0, 20, 3)
    assert again.pk == first.pk
    assert len(refused_rows(again)) == 4


def test_other_options_start_anew(path):
    with pytest.raises(Died):
        imports.run(actor=ACTOR, source=source(path, keep=dying(1), options={"site": 1}), now=NOW, batch=5)
    run = imports.run(actor=ACTOR, source=source(path, options={"site": 2}), now=NOW, batch=5)
    assert counts(run) == (23, 15, 5, 3)


def test_two_runs_of_one_file_do_not_store_a_batch_twice(path):
    slow = source(path)

    def overtaken():
        for number, record in enumerate(slow.records()):
            if number == 7:
                ImportRun.objects.update(position=10)
            yield record

    with pytest.raises(Stale) as refused:
        imports.run(actor=ACTOR, source=replace(slow, records=overtaken), now=NOW, batch=5)
    assert refused.value.reason == "import_running"
    assert Counter.objects.filter(name__startswith="w").count() == 4
    assert ImportRun.objects.get().state == "running"


def test_preview_stores_nothing(path):
    look = imports.preview(source(path), show=2)
    assert (look.read, look.good, look.complete) == (23, 21, True)
    assert look.columns == {"word": "词"}
    assert look.unknown == ["公式"]
    assert look.rows == [["w0", "=1+1"], ["w1", "=1+1"]]
    assert [(problem.row, problem.reason) for problem in look.problems] == [(4, "unreadable"), (20, "unreadable")]
    assert not imports.preview(source(path), look=5).complete
    assert ImportRun.objects.count() == Counter.objects.filter(name__startswith="w").count() == 0


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t1", "\r"])
def test_formulas_are_disarmed(text):
    assert imports.safe_cell(text) == f"'{text}"
    assert imports.safe_cell(f"a{text}") == f"a{text}"


def test_a_batch_ends_before_it_gets_heavy(path, monkeypatch):
    monkeypatch.setattr(imports, "_BATCH_CHARACTERS", 20)
    seen = []
    imports.run(actor=ACTOR, source=source(path), now=NOW, progress=seen.append, batch=500)
    assert max(seen) < 10
    assert sum(seen) == 23
