"""Conversations from files: formats, bad input, resuming, the real corpus (CONV1, PLAT2)."""

import csv
import json
import os
import signal
import subprocess
import sys
import textwrap
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import xlsxwriter
from django.utils import timezone

from kefu.conftest import NOW
from kefu.conversations import queries
from kefu.conversations.imports import Options, preview_import, run_import, tables
from kefu.conversations.imports.runs import detect_format
from kefu.conversations.models import Conversation, Transcript
from kefu.customers.models import Customer
from kefu.kernel.errors import Invalid
from kefu.kernel.models import AuditEntry, ImportRun, OutboxEvent
from kefu.people.errors import MissingPermission

DATA = Path(os.environ.get("KEFU_TEST_DATA") or Path(__file__).resolve().parents[5] / "shared" / "data")
HEADINGS = "会话编号,时间,角色,内容,工号,渠道,客户电话,运单号"


@pytest.fixture
def put(tmp_path):
    def write(content, name="talks.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


@pytest.fixture
def bring(ground, cast):
    def run(path, actor=None, batch=500, **more):
        options = Options(**({"site_id": ground.station.pk, "day": date(2026, 11, 20)} | more))
        return run_import(actor=actor or cast.inspector, path=path, options=options, now=NOW, batch=batch)

    return run


def counts(run):
    return run.read, run.stored, run.present, run.refused


def said(external_id):
    row = Conversation.objects.get(external_id=external_id)
    return [(line.side, line.text, line.at) for line in queries.transcript(row.pk)]


def refused(run):
    with Path(run.refused_file).open(encoding="utf-8-sig", newline="") as file:
        return [(int(row[0]), row[1]) for row in list(csv.reader(file))[1:]]


def jsonl(*rows):
    return "\n".join(row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows) + "\n"


def one(id_="j1", **more):
    lines = [{"side": "agent", "text": "您好", "at": 0, "end": 1.5}, {"side": "customer", "text": "在吗", "at": 3}]
    return {"id": id_, "channel": "call", "started_at": "2026-11-20T09:00:00+08:00", "lines": lines} | more


# --- JSON lines -------------------------------------------------------------------------------------------------------------------


def test_json_lines_with_everything(put, bring, ground, cast, hire):
    staff = hire("agent")
    row = one(
        source="pbx",
        site="NS01",
        staff_no=staff.staff_no,
        customer={"phone": "138 1234 5678", "name": "王小明"},
        waybill="yt9693083639795",
        disposition="solved",
        ended_by="customer",
        ended_at="2026-11-20T09:05:00+08:00",
        recording="2026/11/20/j1.wav",
    )
    run = bring(put(jsonl(row)))
    assert counts(run) == (1, 1, 0, 0)
    kept = Conversation.objects.get()
    assert (kept.source, kept.external_id, kept.channel, kept.site, kept.staff) == ("pbx", "j1", "call", ground.station, staff)
    assert (kept.waybill, kept.disposition, kept.recording) == ("YT9693083639795", "solved", "2026/11/20/j1.wav")
    assert kept.facts == {"ended_by": "customer"}
    assert (kept.started_at, kept.ended_at) == (datetime(2026, 11, 20, 1, tzinfo=UTC), datetime(2026, 11, 20, 1, 5, tzinfo=UTC))
    assert kept.run == run
    assert kept.customer.name == "王小明"
    assert said("j1") == [("agent", "您好", 0.0), ("customer", "在吗", 3.0)]


def test_moments_in_lines_and_local_times(put, bring):
    lines = [{"side": "坐席", "text": "您好", "at": "2026-11-20T09:00:05"}, {"side": "客户", "text": "在吗", "at": "2026-11-20T01:00:09Z"}]
    bring(put(jsonl(one(started_at=None, lines=lines), one("j2", started_at="2026-11-20T09:00:00", lines=lines))))
    assert [at for _side, _text, at in said("j1")] == [0.0, 4.0]
    assert [at for _side, _text, at in said("j2")] == [5.0, 9.0]


def test_bad_lines_are_refused_by_number_and_the_others_stored(put, bring):
    rows = [
        one(),
        '{"id": "broken", ',
        [1, 2],
        one("j3", lines="无"),
        one("j4", customers={}),
        one("", lines=[{"side": "agent", "text": "您好"}]),
        one("j5", lines=[{"side": "谁", "text": "您好"}]),
        one("j6", started_at="2027-01-01T00:00:00+08:00"),
        one("j7", lines=[{"side": "agent", "text": "晚", "at": 9}, {"side": "customer", "text": "早", "at": -3}]),
        one("j8", site="没有"),
        one("j9", started_at="2026-11-20T09:00:00+08:00", ended_at="2026-11-20T08:00:00+08:00"),
        one(),
        one(lines=[{"side": "agent", "text": "另一段"}]),
        one("j10"),
    ]
    run = bring(put(jsonl(*rows)))
    assert counts(run) == (14, 2, 1, 11)
    # Unreadable lines of a batch come first, then those the store refused.
    assert refused(run) == [
        (2, "broken_json"),
        (3, "bad_shape"),
        (4, "bad_shape"),
        (5, "bad_shape"),
        (7, "unknown_role"),
        (6, "empty_id"),
        (8, "future"),
        (9, "time_out_of_range"),
        (10, "unknown_site"),
        (11, "ends_before_start"),
        (13, "id_in_use"),
    ]


def test_odd_characters_and_a_million_of_them(put, bring):
    odd = "😀\u202e倒\u202c\u200b 👨‍👩‍👧"
    rows = [one(lines=[{"side": "agent", "text": odd}]), one("j2", lines=[{"side": "customer", "text": "催" * 1_000_000}])]
    text = jsonl(*rows) + '{"id":"j3","started_at":"2026-11-20T09:00:00+08:00","lines":[{"side":"agent","text":"半个\\ud83d字"}]}\n'
    assert counts(bring(put(text))) == (3, 3, 0, 0)
    assert said("j1")[0][1] == odd
    assert len(said("j2")[0][1]) == 1_000_000
    assert said("j3")[0][1] == "半个\ufffd字"


def test_times_running_backwards_are_put_in_order(put, bring):
    lines = [{"side": "agent", "text": "二", "at": 5}, {"side": "customer", "text": "一", "at": 1}]
    assert counts(bring(put(jsonl(one(lines=lines))))) == (1, 1, 0, 0)
    assert [text for _side, text, _at in said("j1")] == ["一", "二"]


# --- tables -----------------------------------------------------------------------------------------------------------------------

TABLE = f"""{HEADINGS}
t1,2026-11-20 09:00:00,客服,您好，南市分部,1001,在线,13812345678,
t1,2026-11-20 09:00:07,客户,我的快件呢,,,,5000 4090 8069 44
t2,2026/11/20 9:30,机器人,欢迎,,电话,,
t2,2026/11/20 9:31,客户,"转人工，
谢谢",,,,
t1,2026-11-20 09:00:30,客服,请稍等,,,,
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_a_table_of_utterances_in_any_encoding(put, bring, encoding):
    run = bring(put(TABLE, encoding=encoding))
    assert counts(run) == (2, 2, 0, 0)
    first, second = Conversation.objects.get(external_id="t1"), Conversation.objects.get(external_id="t2")
    assert said("t1") == [("agent", "您好，南市分部", 0.0), ("customer", "我的快件呢", 7.0), ("agent", "请稍等", 30.0)]
    assert (first.channel, first.waybill, first.staff_no, second.channel) == ("chat", "50004090806944", "1001", "call")
    assert timezone.localtime(first.started_at).isoformat() == "2026-11-20T09:00:00+08:00"
    assert first.ended_at - first.started_at == timedelta(seconds=30)
    assert said("t2")[1] == ("customer", "转人工，\n谢谢", 60.0)


def test_excel_with_dates_numbers_and_seconds(tmp_path, bring):
    path = tmp_path / "t.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet.write_row(0, 0, ["通话ID", "开始时间", "开始秒", "说话人", "转写文本", "工号", "来电号码"])
        for row, (seconds, side, text) in enumerate([(0, "坐席", "您好"), (2.5, "客户", "催一下"), (61, "坐席", "好的")], start=1):
            sheet.write_row(row, 0, [778899, None, seconds, side, text, 1001, 13812345678])
            sheet.write_datetime(row, 1, datetime(2026, 11, 20, 9, 0), day)  # noqa: DTZ001 (Excel has no zones)
        sheet.write_row(4, 0, [7.7e20, None, 0, "坐席", "您好"])
    run = bring(path, channel="call")
    assert counts(run) == (2, 1, 0, 1)
    assert refused(run) == [(5, "digits_lost")]
    assert said("778899") == [("agent", "您好", 0.0), ("customer", "催一下", 2.5), ("agent", "好的", 61.0)]
    assert Conversation.objects.get().staff_no == "1001"
    assert Customer.objects.count() == 1


def test_bad_rows_refuse_their_conversation_with_all_its_rows(put, bring):
    rows = [
        "b1,2026-11-20 09:00,客服,您好,,,,",
        "b1,昨天,客户,在吗,,,,",
        "b2,,路人,哈,,,,",
        ",,客服,没有编号,,,,",
        "b3,,客服,好,,,7.5E+13,",
    ]
    text = "\n".join([HEADINGS, *rows])
    run = bring(put(text))
    assert counts(run) == (4, 0, 0, 4)
    assert refused(run) == [(2, "bad_time"), (3, "bad_time"), (4, "unknown_role"), (6, "digits_lost"), (5, "empty_id")]
    assert "路人" in Path(run.refused_file).read_text("utf-8-sig")
    assert Conversation.objects.count() == 0


def test_missing_columns_name_them(put, bring):
    with pytest.raises(Invalid) as refusal:
        bring(put("会话编号,时间,发言内容\n1,2,3\n"))
    assert refusal.value.reason == "missing_columns"
    assert str(refusal.value) == "缺少必需的列：角色、内容。"
    assert ImportRun.objects.count() == 0


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_nothing_in_the_file(put, bring, content):
    with pytest.raises(Invalid) as refusal:
        bring(put(content))
    assert refusal.value.reason == "empty_file"


def test_large_tables_must_have_rows_together(put, bring, monkeypatch):
    monkeypatch.setattr(tables, "IN_MEMORY_BYTES", 10)
    with pytest.raises(Invalid) as refusal:
        bring(put(TABLE))
    assert (refusal.value.reason, refusal.value.params["row"]) == ("not_grouped", 7)
    assert Conversation.objects.count() == 0
    together = "\n".join(TABLE.splitlines()[:6]) + "\n"
    assert counts(bring(put(together))) == (2, 2, 0, 0)


def test_preview_shows_columns_problems_and_values(put, ground, cast):
    text = TABLE.replace("工号", "备用").replace("t2,2026/11/20 9:30,机器人", "t2,2026/11/20 9:30,路人")
    look = preview_import(actor=cast.inspector, path=put(text), options=Options(site_id=ground.station.pk), now=NOW)
    assert (look.read, look.good, look.complete) == (2, 1, True)
    assert look.columns["at"] == "时间"
    assert look.unknown == ["备用"]
    assert [(problem.row, problem.reason) for problem in look.problems] == [(4, "unknown_role")]
    assert look.problems[0].message == "无法识别说话人角色： 路人"
    assert look.values[0].external_id == "t1"
    nowhere = preview_import(actor=cast.inspector, path=put(text), options=Options(), now=NOW)
    assert [problem.reason for problem in nowhere.problems] == ["unknown_site", "unknown_role"]
    assert Conversation.objects.count() == ImportRun.objects.count() == 0


def test_formats_are_seen(put):
    assert detect_format(put(jsonl(one()))) == "jsonl"
    assert detect_format(put("\ufeff" + jsonl(one()))) == "jsonl"
    assert detect_format(put(TABLE, encoding="gbk")) == "table"
    assert detect_format(put("session\tuser\tfrom_agent\ttransfer\trepeat\tsku\ttext\n")) == "jddc"


@pytest.mark.parametrize("part", ["agent", "lead", "trainer", "clerk", "customer", "outsider"])
def test_who_may_not_import_leaves_no_run(part, put, bring, cast):
    with pytest.raises(MissingPermission):
        bring(put(TABLE), actor=getattr(cast, part))
    assert ImportRun.objects.count() == AuditEntry.objects.filter(action__startswith="import").count() == 0


# --- the corpus, and dying ----------------------------------------------------------------------------------------------------------

CORPUS = "session\tuser\tfrom_agent\ttransfer\trepeat\tsku\ttext\n" + "".join(
    f's{n // 3}\tU{n // 3}\t{n % 2}\t0\t0\tnan\t第{n}句 "没有配对的引号\n' for n in range(30)
)


def test_corpus_format(put, bring):
    run = bring(put(CORPUS, "c.tsv"), format="jddc")
    assert counts(run) == (10, 10, 0, 0)
    row = Conversation.objects.get(external_id="s1")
    assert (row.source, row.channel, row.ended_at) == ("jddc", "chat", None)
    assert timezone.localtime(row.started_at).isoformat() == "2026-11-20T00:00:00+08:00"
    assert said("s1") == [(side, f'第{n}句 "没有配对的引号', None) for n, side in [(3, "agent"), (4, "customer"), (5, "agent")]]
    assert row.customer.contacts.get().kind == "platform_id"


def test_a_wrong_side_refuses_the_session(put, bring):
    run = bring(put(CORPUS.replace("s1\tU1\t1\t", "s1\tU1\t7\t", 1), "c.tsv"))
    assert counts(run) == (10, 9, 0, 1)


def test_stopped_after_two_batches_and_resumed(put, bring, monkeypatch):
    from kefu.conversations import actions

    path, real, calls = put(CORPUS, "c.tsv"), actions.store, []

    def dying(**more):
        calls.append(1)
        done = real(**more)
        if len(calls) > 2:
            raise KeyboardInterrupt
        return done

    monkeypatch.setattr(actions, "store", dying)
    with pytest.raises(KeyboardInterrupt):
        bring(path, batch=3)
    assert (Conversation.objects.count(), ImportRun.objects.get().position) == (6, 6)
    monkeypatch.setattr(actions, "store", real)
    assert counts(bring(path, batch=3)) == (10, 10, 0, 0)
    told = [pk for event in OutboxEvent.objects.filter(type="conversations.stored") for pk in event.payload["conversation_ids"]]
    assert sorted(told) == sorted(Conversation.objects.values_list("pk", flat=True))
    assert counts(bring(path, batch=4)) == (10, 0, 10, 0)


def test_the_real_corpus_is_stored_once(bring):
    path = DATA / "jddc_chats.tsv"
    if not path.exists():
        pytest.skip(f"no corpus at {path}; set KEFU_TEST_DATA to the folder that holds it")
    assert counts(bring(path)) == (498, 498, 0, 0)
    assert sum(Conversation.objects.values_list("line_count", flat=True)) == 6_221
    assert counts(bring(path)) == (498, 0, 498, 0)
    assert Conversation.objects.count() == Transcript.objects.count() == 498


SCRIPT = textwrap.dedent(
    """
    import os, sys, time
    import django
    django.setup()
    from datetime import UTC, date, datetime
    from pathlib import Path
    from kefu.conversations.imports import Options, run_import
    from kefu.kernel.actor import Actor
    from kefu.people import actions
    from kefu.people.models import Site
    now = datetime(2026, 11, 22, 2, tzinfo=UTC)
    actor = Actor.system("tests")
    site = Site.objects.first() or actions.create_site(actor=actor, code="S", name="站", kind="station", handbook="best", now=now)
    def progress(count):
        print(count, flush=True)
        time.sleep(float(sys.argv[2]))
    options = Options(site_id=site.pk, day=date(2026, 11, 20))
    run = run_import(actor=actor, path=Path(sys.argv[1]), options=options, now=now, progress=progress, batch=2)
    from kefu.conversations.models import Conversation, Transcript
    print("done", run.read, run.stored, run.present, run.refused, Conversation.objects.count(), Transcript.objects.count())
    """
)


def test_kill_nine_in_the_middle_of_a_file_database(put, tmp_path, own_databases):
    home = tmp_path / "home"
    home.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("KEFU_", "DJANGO_"))}
    url = own_databases.migrated(file=True)
    environment |= {"KEFU_HOME": str(home), "KEFU_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "kefu.config.settings"}
    path, command = put(CORPUS, "c.tsv"), [sys.executable, "-c", SCRIPT]
    with subprocess.Popen([*command, str(path), "60"], env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "2\n"
        process.send_signal(signal.SIGKILL)
        assert process.wait(10) == -signal.SIGKILL
    again = subprocess.run([*command, str(path), "0"], env=environment, check=True, capture_output=True, text=True)
    assert again.stdout.splitlines() == ["2", "2", "2", "2", "done 10 10 0 0 10 10"]
