"""Commands end in one line of counts and the right exit code; bad input is told in one clear line (PLAT2)."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from django.db import OperationalError, connection

from kefu.commands import auditing, frame, progress
from kefu.commands.tests.conftest import last
from kefu.conftest import Cast, Ground
from kefu.conversations.models import Conversation
from kefu.handbook.models import HandbookVersion
from kefu.kernel.encryption import keyring
from kefu.kernel.models import AuditEntry, ImportRun, SearchDocument
from kefu.parcels.models import Parcel, Scan
from kefu.people import queries, sign_in
from kefu.people.errors import LockedOut, WrongCredentials
from kefu.people.models import ApiToken, Staff
from kefu.quality.models import Inspection

pytestmark = pytest.mark.usefixtures("handbooks")
Run = Callable[..., Result]

JDDC = "session\tuser\tfrom_agent\ttext\n" + "".join(
    f"s{n}\tu{n}\t{side}\t{text}\n" for n in range(3) for side, text in (("0", "什么时候发货"), ("1", "亲，您好，马上为您查询"))
)
SCANS = (
    "运单号,扫描类型,扫描时间,扫描网点,扫描员\n"
    "557000000000011,收件,2026-11-20 09:00:00,NS01,1001\n"
    "557000000000011,到件,2026-11-21 09:00:00,NS01,1001\n"
)


@pytest.fixture
def jddc(tmp_path: Path) -> Path:
    path = tmp_path / "chats.tsv"
    path.write_text(JDDC, encoding="utf-8")
    return path


def test_chats_come_in_once_and_are_inspected(run: Run, ground: Ground, jddc: Path) -> None:
    done = run("import", "--format", "jddc", "--site", "SHOP1", "--day", "2026-11-20", jddc)
    assert last(done) == "读取 3 · 入库 3 · 已存在 0 · 拒绝 0"
    assert last(run("import", "--site", "SHOP1", "--day", "2026-11-20", jddc)) == "读取 3 · 入库 0 · 已存在 3 · 拒绝 0"
    assert set(Conversation.objects.values_list("site__code", flat=True)) == {"SHOP1"}
    assert last(run("inspect")).startswith("读取 3 · 已质检 3 · 已存在 0 · 跳过 0 · ")
    assert last(run("inspect")).startswith("读取 0 · 已质检 0 · 已存在 0")
    assert last(run("inspect", "--again", "--limit", "2")).startswith("读取 2 · 已质检 2 · 已存在 0")
    assert last(run("inspect", "--since", "2026-11-20", "--until", "2026-11-20", "--site", "SHOP1")).startswith(
        "读取 3 · 已质检 0 · 已存在 3"
    )
    assert last(run("inspect", "--since", "2026-11-21")).startswith("读取 0 ")
    assert Inspection.objects.filter(current=True).count() == 3


def test_chats_without_a_site_go_to_the_shop_and_say_so(run: Run, ground: Ground, jddc: Path) -> None:
    done = run("import", "--format", "jddc", jddc)
    assert "臻选旗舰店（SHOP1）" in done.stderr
    assert Conversation.objects.filter(site=ground.shop).count() == 3


def test_preview_stores_nothing(run: Run, ground: Ground, jddc: Path) -> None:
    done = run("import", "--preview", "--site", "SHOP1", jddc)
    assert "格式：jddc" in done.stdout
    assert last(done) == "读取 3 · 可入库 3 · 将拒绝 0"
    assert not Conversation.objects.exists()
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_table_is_known_by_its_headings_in_any_encoding(run: Run, ground: Ground, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "扫描.csv"
    path.write_text(SCANS, encoding=encoding)
    assert last(run("import", path)) == "读取 2 · 入库 2 · 已存在 0 · 拒绝 0"
    assert Scan.objects.count() == 2


def test_parcels_and_customers(run: Run, ground: Ground, tmp_path: Path) -> None:
    parcels, customers = tmp_path / "a.csv", tmp_path / "b.csv"
    parcels.write_text("运单号,收件人,收件电话\n557000000000011,李四,13800138000\n", encoding="utf-8")
    customers.write_text("姓名,电话\n李四,13800138000\n王五,abc\n", encoding="utf-8")
    assert last(run("import", "--site", "NS01", parcels)) == "读取 1 · 入库 1 · 已存在 0 · 拒绝 0"
    assert Parcel.objects.get().site == ground.station
    done = run("import", "--format", "customers", "--site", "NS01", customers, code=1)
    assert last(done) == "读取 2 · 入库 1 · 已存在 0 · 拒绝 1"
    refused = Path(ImportRun.objects.get(kind="customers").refused_file)
    assert str(refused) in done.stderr
    assert "王五" in refused.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("missing.csv", None, "找不到文件"),
        ("empty.csv", b"", "文件是空的"),
        ("photo.jpg", b"\xff\xd8\xff\xe0" + b"\0\1\2\3" * 400, "错误："),
        ("other.csv", "甲,乙\n1,2\n".encode(), "错误："),
        ("broken.json", b'{"id": ', "错误："),
    ],
)
def test_files_that_cannot_be_read_are_told_in_one_line(
    run: Run, ground: Ground, tmp_path: Path, name: str, content: bytes | None, words: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    done = run("import", "--site", "NS01", path, code=1)
    assert "Traceback" not in done.output
    if "拒绝" not in done.stdout:
        assert words in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1


def test_an_unknown_site_lists_those_there_are(run: Run, ground: Ground, jddc: Path) -> None:
    done = run("import", "--site", "NOWHERE", jddc, code=1)
    assert "CB01、NJHUB、NS01、SHOP1" in done.stderr


def test_wrong_usage_is_two(run: Run) -> None:
    run("import", code=2)
    run("import", "--format", "xml", "x", code=2)
    run("inspect", "--since", "yesterday", code=2)


BROKEN = "handbook: mine\ntitle: 我的手册\neffective_from: 2026-12-01\nclocks:\n  call_back:\n    target: soon\n"


def test_problems_of_a_handbook_have_line_and_column(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(BROKEN, encoding="utf-8")
    done = run("handbook", "check", path, code=1)
    assert f"{path}:6:13: clocks.call_back.target" in done.stderr
    assert last(done).startswith("手册 1 · ")
    path.write_bytes(b"handbook: [mine\n")
    assert f"{path}:" in run("handbook", "check", path, code=1).stderr
    assert f"{tmp_path / 'none.yaml'}" in run("handbook", "check", tmp_path / "none.yaml", code=1).stderr


def test_a_handbook_goes_from_file_to_force(run: Run, ground: Ground, jddc: Path, tmp_path: Path) -> None:
    path = tmp_path / "best.yaml"
    rest = "h\n    calendar: station\n    kind: company\n    starts_on: [case.opened]"
    text = HandbookVersion.objects.get(key="best", state="in_force").text
    changed = text.replace(f"target: 2{rest}", f"target: 3{rest}", 1)
    assert changed != text
    path.write_text(changed, encoding="utf-8")
    assert last(run("handbook", "check", path)).endswith("问题 0")
    assert "target" in run("handbook", "diff", "best", path).stdout
    assert last(run("handbook", "diff", "best", "best@1")) == "新增 0 · 删除 0 · 修改 0"
    assert last(run("handbook", "preview", path)).startswith("会话 0 · 结果不同 0")
    assert last(run("handbook", "force", path, "--note", "延长")) == "生效 1 · 问题 0"
    assert "best@2" in last(run("handbook", "show", "best"))
    assert "3" in run("handbook", "show", "best", "clocks.call_back").stdout
    run("handbook", "show", "best", "clocks.none", code=1)
    run("handbook", "show", "nobody", code=1)
    assert last(run("handbook", "install")).startswith("安装 0 · 更新 0 · ")


def test_accounts(run: Run, ground: Ground) -> None:
    done = run("users", "create", "zhang", "--name", "张伟", "--staff-no", "2001", "--role", "manager", "--site", "NS01")
    assert last(done) == "新建人员 1"
    password = done.stdout.splitlines()[0].rpartition("：")[2]
    staff = queries.staff_by_number("2001")
    assert staff is not None
    assert sign_in.check_credentials(username="zhang", password=password, ip="", now=frame_now()).staff == staff
    for _try in range(5):
        with pytest.raises(WrongCredentials):
            sign_in.check_credentials(username="zhang", password="wrong", ip="", now=frame_now())
    with pytest.raises(LockedOut):
        sign_in.check_credentials(username="zhang", password=password, ip="", now=frame_now())
    assert last(run("users", "unlock", "2001")) == "清除错误尝试 5"
    fresh = run("users", "reset-password", "2001").stdout.splitlines()[0].rpartition("：")[2]
    with pytest.raises(WrongCredentials):
        sign_in.check_credentials(username="zhang", password=password, ip="", now=frame_now())
    sign_in.check_credentials(username="zhang", password=fresh, ip="", now=frame_now())
    assert "密码" in run("users", "reset-password", "2001", "--password", "123", code=1).stderr
    run("users", "unlock", "none", code=1)
    taken = run("users", "create", "zhang", "--name", "张伟", "--staff-no", "2002", "--role", "agent", "--site", "NS01", code=1)
    assert "用户名或工号已存在" in taken.stderr
    assert Staff.objects.count() == 1
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"staff.created", "staff.unlocked", "password.reset"} <= actions
    assert AuditEntry.objects.filter(action="password.reset").get().actor_name.startswith("cli ")


def frame_now():  # type: ignore[no-untyped-def]
    from kefu.kernel import moment

    return moment.now()


def test_tokens_and_sites(run: Run, ground: Ground) -> None:
    done = run("token", "create", "ERP", "--permission", "case.view", "--site", "NS01", "--days", "30")
    assert last(done) == "新建令牌 1 · 权限 1"
    assert queries.token_by_text(done.stdout.splitlines()[0], frame_now()) == ApiToken.objects.get()
    run("token", "create", "ERP", "--permission", "everything", code=2)
    assert last(run("sites", "create", "NEW", "新站", "--parent", "NJHUB")) == "新建站点 1"
    assert "NEW" in run("sites", "list").stdout
    assert "站点编号 NEW 已存在" in run("sites", "create", "NEW", "新站", code=1).stderr
    run("sites", "create", "X", "站", "--handbook", "common", code=1)


def test_audit_is_verified_and_a_change_shows(run: Run, ground: Ground) -> None:
    assert last(run("audit", "verify")).endswith("断点 0")
    assert "site.created" in run("audit", "tail", "-n", "50").stdout
    AuditEntry.objects.filter(chain=2).update(actor_name="somebody else")
    done = run("audit", "verify", code=1)
    assert "内容被改动 [changed]" in done.stderr
    assert last(done).endswith("断点 1")


def test_keys_rotate_and_everything_stays_readable(run: Run, cast: Cast, ground: Ground, jddc: Path) -> None:
    from kefu.customers.models import Customer

    run("import", "--site", "SHOP1", jddc)
    Customer.objects.update(name="王小明")
    before = keyring().current
    done = run("keys", "rotate")
    assert keyring().current != before
    assert last(done).startswith(f"密钥 {keyring().current} · 重写记录 ")
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM customers_customer")
        assert all(value.startswith(f"{keyring().current}:") for (value,) in cursor.fetchall())
    assert Customer.objects.first().name == "王小明"  # type: ignore[union-attr]
    from kefu.conversations.queries import transcripts

    assert len(transcripts(Conversation.objects.values_list("pk", flat=True))) == 3
    assert last(run("keys", "rotate", "--continue")).endswith("重写记录 0 · 重写附件 0")


def test_search_is_made_anew(run: Run, ground: Ground, jddc: Path) -> None:
    run("import", "--site", "SHOP1", jddc)
    gone = SearchDocument.objects.create(kind="conversation", object_id=10**9, site_id=ground.shop.pk)
    assert last(run("search", "rebuild")).startswith("索引 ")
    assert SearchDocument.objects.filter(kind="conversation").count() == 3
    assert not SearchDocument.objects.filter(pk=gone.pk).exists()


def test_progress_is_a_line_for_each_tenth_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.progress("导入", 50) as advance:
        for _step in range(50):
            advance(1)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 10
    assert lines[-1] == "导入 100% 50"


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (OperationalError("could not connect to server: Connection refused"), 3, "数据库无法连接"),
        (OperationalError("no such table: people_site"), 3, "数据库尚未建立"),
        (PermissionError(13, "Permission denied", "/data/x"), 1, "/data/x"),
        (RuntimeError("boom"), 4, "RuntimeError: boom"),
    ],
)
def test_failures_have_their_exit_code(error: Exception, code: int, words: str) -> None:
    from click.testing import CliRunner

    def fail() -> None:
        raise error

    made = frame.command("fail")(fail)  # type: ignore[arg-type]
    result = CliRunner().invoke(made, [])
    assert (result.exit_code, words in result.stderr) == (code, True), result.stderr
    assert "Traceback" not in result.output


def test_english_is_spoken_when_asked(run: Run, ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    assert frame.language(None) == "zh-hans"
    assert frame.language("en") == "en"
    monkeypatch.setenv("KEFU_LANGUAGE", "en")
    assert frame.language(None) == "en"
    assert frame.language("zh") == "zh-hans"
    run("audit", "verify", "--lang", "en")
    assert auditing.audit.name == "audit"
    assert json.dumps({})
