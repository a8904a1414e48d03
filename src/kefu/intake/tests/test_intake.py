"""Files on their way in: looked at, taken in once, stopped, gone on with, taken over from a dead worker; whose they are (PLAT2)."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kefu.conftest import NOW
from kefu.intake import access, actions, catalogue, preview, queries, uploads, work
from kefu.intake.errors import EncodingUnknown, FileTooLarge, IntakeEnded, NoFile, SiteNeeded, TooManyIntakes, UploadGone
from kefu.intake.models import Intake
from kefu.kernel import imports
from kefu.kernel.errors import Invalid, NotFound
from kefu.kernel.models import AuditEntry, ImportRun
from kefu.parcels.models import Parcel
from kefu.people.errors import MissingPermission
from kefu.people.models import Staff

pytestmark = pytest.mark.django_db
HEAD = "运单号,收件人,收件电话,收件地址\n"


def row(number):
    return f"55800{number:09d},王小明,13812345678,南京市玄武区中山路18号\n"


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.KEFU_HOME = tmp_path


@pytest.fixture
def look(cast, ground):
    def make(content, *, kind="parcels", actor=cast.clerk, site=ground.station.pk):
        data = content if isinstance(content, bytes) else content.encode()
        path = uploads.keep(SimpleUploadedFile("运单.csv", data))
        return preview.look(actor=actor, kind=kind, path=path, site_id=site, now=NOW)

    return make


def long(count=actions.AT_ONCE + 250):
    return HEAD + "".join(row(number) for number in range(count))


def counts(found):
    return found.read, found.stored, found.present, found.refused


def test_a_look_stores_nothing_and_shows_nobody(look):
    found = look(HEAD + row(1) + "7.5E+13,,,\n")
    assert (found.read, found.good, found.complete, len(found.problems)) == (2, 1, True, 1)
    assert found.columns["waybill"] == "运单号"
    text = str(found.rows)
    assert "13812345678" not in text
    assert "王小明" not in text
    assert "中山路18号" not in text
    assert not Parcel.objects.exists()
    assert not ImportRun.objects.exists()


def test_a_short_file_is_taken_in_at_once_and_once(look, cast):
    found = look(HEAD + row(1) + row(2) + "x,,,\n")
    done = actions.start(actor=cast.clerk, ticket=found.ticket, now=NOW)
    assert (done.state, counts(done), done.total) == ("done", (3, 2, 0, 1), 3)
    assert actions.start(actor=cast.clerk, ticket=found.ticket, now=NOW).pk == done.pk
    again = actions.start(actor=cast.clerk, ticket=look(HEAD + row(1) + row(2) + "x,,,\n").ticket, now=NOW)
    assert counts(again) == (3, 0, 2, 1)
    assert Parcel.objects.count() == 2
    with pytest.raises(IntakeEnded):
        actions.stop(actor=cast.clerk, intake_id=done.pk, now=NOW)
    with pytest.raises(UploadGone):
        actions.resume(actor=cast.clerk, intake_id=done.pk)


def test_refused_rows_are_their_owners_and_written_down(look, cast):
    done = actions.start(actor=cast.clerk, ticket=look(HEAD + "x,,,\n").ticket, now=NOW)
    path = queries.refused_file(actor=cast.clerk, intake_id=done.pk, now=NOW)
    assert "x" in path.read_text("utf-8-sig").splitlines()[1]
    assert AuditEntry.objects.filter(action="import.refused_read", actor_id=cast.clerk.id).count() == 1
    for other in (cast.lead, cast.admin, cast.outsider):
        with pytest.raises(NotFound):
            queries.refused_file(actor=other, intake_id=done.pk, now=NOW)
        with pytest.raises(NotFound):
            access.get_for(other, done.pk)
        assert queries.page(other).rows == []
    clean = actions.start(actor=cast.clerk, ticket=look(HEAD + row(5)).ticket, now=NOW)
    with pytest.raises(NotFound):
        queries.refused_file(actor=cast.clerk, intake_id=clean.pk, now=NOW)


def test_a_long_file_is_the_workers(look, cast):
    waiting = actions.start(actor=cast.clerk, ticket=look(long()).ticket, now=NOW)
    assert (waiting.state, Parcel.objects.count()) == ("queued", 0)
    assert work.run_due(now=NOW, clock=lambda: NOW) == 1
    waiting.refresh_from_db()
    assert (waiting.state, counts(waiting), waiting.total) == ("done", (750, 750, 0, 0), 750)
    assert waiting.finished_at == NOW
    assert not uploads.path_of(waiting.folder, waiting.file_name).exists()
    assert work.run_due(now=NOW, clock=lambda: NOW) == 0


def test_stopped_in_the_middle_and_gone_on_with_it_is_the_same_as_at_once(look, cast):
    waiting = actions.start(actor=cast.clerk, ticket=look(long(1300)).ticket, now=NOW)
    seen = []

    def clock():
        # The second batch is not reached: somebody presses "stop" while the first one is stored.
        seen.append(Intake.objects.get(pk=waiting.pk).read)
        if seen[-1] == 0 and Parcel.objects.exists():
            actions.stop(actor=cast.clerk, intake_id=waiting.pk, now=NOW)
        return NOW

    work.run_due(now=NOW, clock=clock)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.stored, Parcel.objects.count()) == ("stopped", imports.BATCH, imports.BATCH)
    assert queries.may_resume(waiting)
    assert actions.resume(actor=cast.clerk, intake_id=waiting.pk).state == "queued"
    with pytest.raises(IntakeEnded):
        actions.resume(actor=cast.clerk, intake_id=waiting.pk)
    work.run_due(now=NOW, clock=lambda: NOW)
    waiting.refresh_from_db()
    assert (waiting.state, counts(waiting), Parcel.objects.count()) == ("done", (1300, 1300, 0, 0), 1300)


def test_a_dead_workers_file_is_taken_over_when_its_lease_has_run_out(look, cast):
    waiting = actions.start(actor=cast.clerk, ticket=look(long()).ticket, now=NOW)
    Intake.objects.filter(pk=waiting.pk).update(state="running", lease="dead", leased_until=NOW + work.LEASE)
    assert work.run_due(now=NOW, clock=lambda: NOW) == 0
    later = NOW + work.LEASE + timedelta(seconds=1)
    assert work.run_due(now=later, clock=lambda: later) == 1
    waiting.refresh_from_db()
    assert (waiting.state, waiting.stored) == ("done", 750)


@pytest.mark.parametrize(
    ("spoil", "failure"),
    [
        (lambda found: Staff.objects.filter(pk=found.actor_id).update(is_active=False), "person_gone"),
        (lambda found: Staff.objects.filter(pk=found.actor_id).update(role="trainer"), "missing_permission"),
        (lambda found: uploads.forget(uploads.path_of(found.folder, found.file_name)), "upload_gone"),
    ],
)
def test_what_changed_meanwhile_ends_a_file_with_words(look, cast, spoil, failure):
    waiting = actions.start(actor=cast.clerk, ticket=look(long()).ticket, now=NOW)
    spoil(waiting)
    work.run_due(now=NOW, clock=lambda: NOW)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.failure, Parcel.objects.count()) == ("failed", failure, 0)
    assert len(queries.failure(waiting)) > 5


def test_an_accident_is_said_and_can_be_gone_on_with(look, cast, monkeypatch):
    waiting = actions.start(actor=cast.clerk, ticket=look(long()).ticket, now=NOW)

    def broken(**_more):
        raise RuntimeError("disk")

    with monkeypatch.context() as context:
        context.setattr(imports, "run", broken)
        work.run_due(now=NOW, clock=lambda: NOW)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.failure) == ("failed", "error")
    assert "接着导入" in queries.failure(waiting)
    actions.resume(actor=cast.clerk, intake_id=waiting.pk)
    work.run_due(now=NOW, clock=lambda: NOW)
    waiting.refresh_from_db()
    assert waiting.state == "done"


def test_who_may_send_what(look, cast, ground):
    with pytest.raises(MissingPermission):
        look(HEAD + row(1), actor=cast.agent)
    with pytest.raises(NotFound):
        look(HEAD + row(1), site=ground.other_station.pk)
    with pytest.raises(NotFound):
        look(HEAD + row(1), kind="nothing")
    with pytest.raises(SiteNeeded):
        look("姓名,电话\n王,13812345678\n", kind="customers", actor=cast.agent, site=None)
    with pytest.raises(Invalid):
        look("颜色,大小\n红,大\n")
    with pytest.raises((EncodingUnknown, Invalid)):
        look(b"\xff\xfe\x00" * 50 + b"\x81")
    assert not list(uploads.path_of("x", "y").parent.parent.glob("*/*"))
    assert "scans" not in [one.key for one in queries.kinds(cast.agent)]
    assert "customers" in [one.key for one in queries.kinds(cast.agent)]
    assert not {"jddc", "conversations"} & {one.key for one in queries.kinds(cast.admin)}


def test_a_ticket_is_its_owners(look, cast):
    found = look(HEAD + row(1))
    with pytest.raises(NotFound):
        actions.start(actor=cast.manager, ticket=found.ticket, now=NOW)
    with pytest.raises(UploadGone):
        actions.start(actor=cast.clerk, ticket=found.ticket + "x", now=NOW)
    assert not Parcel.objects.exists()


def test_enough_is_enough(look, cast):
    for _number in range(actions.MOST_ACTIVE):
        actions.start(actor=cast.clerk, ticket=look(long() + row(9000 + _number)).ticket, now=NOW)
    with pytest.raises(TooManyIntakes):
        actions.start(actor=cast.clerk, ticket=look(HEAD + row(1)).ticket, now=NOW)
    assert Intake.objects.count() == actions.MOST_ACTIVE


def test_what_is_received(monkeypatch):
    for nothing in (None, SimpleUploadedFile("x.csv", b"")):
        with pytest.raises(NoFile):
            uploads.receive(nothing)
    monkeypatch.setattr(uploads, "MOST_BYTES", 3)
    with pytest.raises(FileTooLarge) as refused:
        uploads.receive(SimpleUploadedFile("x.csv", b"1234"))
    assert refused.value.status == 413


def test_old_rows_are_forgotten_not_those_on_their_way(look, cast):
    waiting = actions.start(actor=cast.clerk, ticket=look(long()).ticket, now=NOW)
    done = actions.start(actor=cast.clerk, ticket=look(HEAD + row(1)).ticket, now=NOW)
    assert work.forget_old(now=NOW + timedelta(days=31)) == 1
    assert list(Intake.objects.values_list("pk", flat=True)) == [waiting.pk]
    assert done.pk != waiting.pk


def test_every_kind_has_a_name_and_a_key_of_its_own():
    keys = [one.key for one in catalogue.KINDS]
    assert len(set(keys)) == len(keys)
    assert all(one.title and len(one.key) <= 40 for one in catalogue.KINDS)
    assert queries.title(Intake(kind="gone")) == "gone"


def test_a_look_names_columns_in_words_and_says_what_would_be_refused(look):
    head = "运单号,派件网点,寄递范围,付款方式\n"
    found = look(head + "55800000000001,,,\n55800000000002,没有这个网点,,\n55800000000003,,火星,\n55800000000004,,,赊账\nX,,,\n")
    assert (found.read, found.good) == (5, 1)
    assert [(one.row, one.reason) for one in found.problems] == [
        (3, "unknown_site"),
        (4, "unknown_scope"),
        (5, "unknown_payment"),
        (6, "bad_waybill"),
    ]
    assert {str(found.titles[field]) for field in found.columns} == {"运单号", "派件网点", "寄递范围", "付款方式"}
    scans = look("运单号,扫描类型,扫描时间\n55800000000001,派件,2026-11-22 09:00\n55800000000001,飞,2026-11-22 09:00\n", kind="scans")
    assert (scans.good, [one.reason for one in scans.problems]) == (1, ["unknown_code"])
