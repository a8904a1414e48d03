"""Tables and JSON lines as people save them; cells as Excel leaves them (PLAT2)."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from kefu.kernel import tabular
from kefu.kernel.cells import BadCell, amount_of, code_of, flag_of, moment_of, seconds_of, text_of
from kefu.kernel.encodings import detect_encoding
from kefu.kernel.errors import Invalid
from kefu.kernel.tabular import Column, Row, cells_of, map_columns, read_json_lines, read_table

CHINA = timezone(timedelta(hours=8))
NINE_THIRTY = datetime(2026, 3, 1, 9, 30, tzinfo=CHINA)
SIMPLE = "会话编号,角色,内容\nc1,客服,您好，请问有什么可以帮您\nc1,客户,我的快件还没有收到\n"
TRADITIONAL = "會話編號,角色,內容\nc1,客服,您好請問有什麼可以幫您的嗎\nc1,客戶,我的包裹還沒有收到請幫忙查詢\n"
COLUMNS = (
    Column("id", "会话编号", ("会话编号", "會話編號"), required=True),
    Column("text", "内容", ("内容", "內容"), required=True),
    Column("note", "备注", ("备注",)),
)


def write(tmp_path, content, encoding="utf-8", name="t.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("text", "written", "detected"),
    [
        (SIMPLE, "utf-8", "utf-8"),
        (SIMPLE, "utf-8-sig", "utf-8-sig"),
        (SIMPLE, "gbk", "gb18030"),
        (SIMPLE, "gb18030", "gb18030"),
        (SIMPLE, "utf-16", "utf-16"),
        (SIMPLE, "utf-16-le", "utf-16-le"),
        (SIMPLE, "utf-16-be", "utf-16-be"),
        (SIMPLE, "utf-32", "utf-32"),
        (TRADITIONAL, "big5", "big5hkscs"),
        (TRADITIONAL, "gbk", "gb18030"),
        ("id,text\n1,hello\n", "ascii", "utf-8"),
    ],
)
def test_encodings(tmp_path, text, written, detected):
    path = write(tmp_path, text, written)
    assert detect_encoding(path) == detected
    table = read_table(path)
    assert list(table.headings) == text.splitlines()[0].split(",")
    assert [list(row.cells) for row in table.rows()] == [line.split(",") for line in text.splitlines()[1:]]
    assert [row.number for row in table.rows()] == list(range(2, 2 + text.count("\n") - 1))


def test_one_wrong_byte_far_into_a_utf8_file_is_not_taken_for_gbk_silently(tmp_path):
    path = write(tmp_path, (SIMPLE * 20_000).encode() + b"\xff\xfe\xff\n")
    with pytest.raises(Invalid) as refused:
        read_table(path)
    assert refused.value.reason == "unknown_encoding"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty_file"),
        (b"\n\n  \n", "empty_file"),
        (b"\x00\x01\x02\x00\x00\xff" * 50, "not_text"),
        (b"PK\x03\x04 not a zip at all", "broken_excel"),
        (b"\xd0\xcf\x11\xe0 not a workbook", "broken_excel"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "not_a_table"),
    ],
)
def test_what_is_no_table(tmp_path, content, reason):
    with pytest.raises(Invalid) as refused:
        read_table(write(tmp_path, content))
    assert refused.value.reason == reason


def test_no_file_and_too_large(tmp_path, monkeypatch):
    with pytest.raises(Invalid) as refused:
        read_table(tmp_path / "none.csv")
    assert refused.value.reason == "no_file"
    path = write(tmp_path, SIMPLE)
    with pytest.raises(Invalid) as refused:
        tabular.check_file(path, most=10)
    assert refused.value.reason == "file_too_large"


@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
def test_delimiters_quotes_and_line_breaks_in_cells(tmp_path, mark):
    text = mark.join(["id", "text"]) + "\r\n\r\n" + mark.join(["1", f'"两行\n第二行{mark}""引号"""']) + "\r\n" + mark.join(["2", "x"])
    rows = list(read_table(write(tmp_path, text)).rows())
    assert rows[0].cells == ["1", f'两行\n第二行{mark}"引号"']
    assert [row.number for row in rows] == [3, 5]


def test_sep_line_of_excel_and_leading_blanks(tmp_path):
    table = read_table(write(tmp_path, "\n sep=;\nid;text\n1;好\n".replace(" sep", "sep")))
    assert table.headings == ("id", "text")
    assert [(row.number, list(row.cells)) for row in table.rows()] == [(4, ["1", "好"])]


def test_a_quote_that_never_closes_names_its_row(tmp_path, monkeypatch):
    monkeypatch.setattr(tabular, "MAX_CELL", 500)
    path = write(tmp_path, 'id,text\n1,好\n2,"' + "没有结束\n" * 200)
    with pytest.raises(Invalid) as refused:
        list(read_table(path).rows())
    assert (refused.value.reason, refused.value.params["row"]) == ("broken_row", 3)


def test_quotation_marks_are_text_when_asked(tmp_path):
    table = read_table(write(tmp_path, 'id\ttext\n1\t"他说\n2\t好"\n'), quoted=False, delimiter="\t")
    assert [list(row.cells) for row in table.rows()] == [["1", '"他说'], ["2", '好"']]


def test_columns_by_any_of_their_names(tmp_path):
    places = map_columns(["序号", " 会话编号（必填）", "内容*", "备 注"], COLUMNS)
    assert places == {"id": 1, "text": 2, "note": 3}
    assert cells_of(Row(1, ["1", "c1"]), places) == {"id": "c1"}
    with pytest.raises(Invalid) as refused:
        map_columns(["备注", "随便"], COLUMNS)
    assert refused.value.params["columns"] == "会话编号、内容"
    assert set(refused.value.fields) == {"id", "text"}


def test_excel(tmp_path):
    path = tmp_path / "t.xls.csv"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("空")
        sheet = book.add_worksheet("数据")
        sheet.write_row(2, 0, ["运单号", "时间", "重量", "备注"])
        sheet.write_datetime(3, 1, NINE_THIRTY.replace(tzinfo=None), book.add_format({"num_format": "yyyy-mm-dd hh:mm"}))
        sheet.write(3, 0, 50004090806944)
        sheet.write(3, 2, 1.5)
        sheet.write(4, 0, 773012345678901234)
        sheet.write(6, 0, "SF1234567890123")
        sheet.write(6, 1, 46082.5)
    table = read_table(path)
    assert table.headings == ("运单号", "时间", "重量", "备注")
    rows = list(table.rows())
    assert [row.number for row in rows] == [4, 5, 7]
    assert code_of(rows[0].cells[0]) == "50004090806944"
    assert moment_of(rows[0].cells[1], CHINA) == datetime(2026, 3, 1, 1, 30, tzinfo=UTC)
    assert amount_of(rows[0].cells[2]) == Decimal("1.5")
    with pytest.raises(BadCell, match="digits_lost"):
        code_of(rows[1].cells[0])
    assert moment_of(rows[2].cells[1], CHINA) == datetime(2026, 3, 1, 12, tzinfo=CHINA)


def test_empty_workbook(tmp_path):
    path = tmp_path / "t.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet()
    with pytest.raises(Invalid) as refused:
        read_table(path)
    assert refused.value.reason == "empty_file"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (" 0012 ", "0012"),
        ("'0012", "0012"),
        ('="0012"', "0012"),
        (1001.0, "1001"),
        (1001, "1001"),
        (None, ""),
        ("7.51235E+13", "digits_lost"),
        ("7.5e13", "digits_lost"),
        (7.5e15, "digits_lost"),
        (1.5, "digits_lost"),
        (date(2026, 3, 1), "date_in_code"),
        (NINE_THIRTY, "date_in_code"),
        ("E1234", "E1234"),
    ],
)
def test_codes(cell, code):
    if code in ("digits_lost", "date_in_code"):
        with pytest.raises(BadCell, match=code):
            code_of(cell)
    else:
        assert code_of(cell) == code


@pytest.mark.parametrize(
    "cell",
    [
        "2026-03-01 09:30",
        "2026-3-1 9:30:00",
        "2026/3/1 9:30",
        "2026.03.01 09:30:00.000",
        "2026年3月1日 9时30分",
        "2026年3月1日9:30:00",
        "2026-03-01T09:30:00+08:00",
        "2026-03-01T01:30:00Z",
        "2026-03-01T01:30:00.000Z",
        "2026/3/1 上午 9:30:00",
        "20260301093000",
        "20260301 093000",
        "２０２６－０３－０１ ０９：３０",
        "46082.3958333333",
        46082.3958333333,
        1772328600,
        "1772328600",
        1772328600000,
        NINE_THIRTY.replace(tzinfo=None),
        datetime(2026, 3, 1, 1, 30, tzinfo=UTC),
    ],
)
def test_moments(cell):
    assert moment_of(cell, CHINA) == NINE_THIRTY


@pytest.mark.parametrize(
    ("cell", "hour"),
    [("2026/3/1 下午 3:05:00", 15), ("2026/3/1 上午 12:05", 0), ("2026/3/1 下午 12:05", 12), ("2026/3/1 3:05 PM", 15), ("2026-03-01", 0)],
)
def test_halves_of_the_day(cell, hour):
    assert moment_of(cell, CHINA).hour == hour


@pytest.mark.parametrize("cell", ["昨天", "2026-13-01", "2026-02-30 09:00", "25:61", 12, True, "2026-03-01 25:00", "9" * 40, 1e300, "nan"])
def test_no_moments(cell):
    with pytest.raises(BadCell):
        moment_of(cell, CHINA)
    assert moment_of("", CHINA) is moment_of(None, CHINA) is None


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        ("01:05", 65),
        ("1:00:05.5", 3605.5),
        ("12.5", 12.5),
        (12.5, 12.5),
        (time(0, 1, 5), 65),
        (timedelta(minutes=2), 120),
        ("2026-03-01 09:30", None),
        (46082.4, None),
        ("", None),
        (None, None),
        ("明天", None),
        (-1, None),
    ],
)
def test_seconds(cell, seconds):
    assert seconds_of(cell) == seconds


def test_amounts_flags_and_texts():
    assert amount_of("￥1,234.50 元") == Decimal("1234.50")
    assert amount_of("１.５kg") == Decimal("1.5")
    assert amount_of("") is amount_of(None) is None
    for wrong in ("一百", "nan", "1.2.3", "Infinity"):
        with pytest.raises(BadCell):
            amount_of(wrong)
    assert [flag_of(cell) for cell in ("是", "Y", 1.0, True, "否", "", None, "无")] == [True] * 4 + [False] * 4
    with pytest.raises(BadCell):
        flag_of("也许")
    assert (text_of(12.0), text_of(1.5), text_of(None)) == ("12", "1.5", "")


def test_json_lines_and_a_broken_one(tmp_path, monkeypatch):
    monkeypatch.setattr(tabular, "MAX_LINE", 200)
    path = write(tmp_path, '{"a": 1}\n\n{"b": \n' + '{"c": "' + "长" * 500 + '"}\n' + "[" * 150 + "\n" + '{"d": "\u2028"}')
    lines = list(read_json_lines(path))
    assert [(line.number, line.broken) for line in lines] == [(1, False), (3, True), (4, True), (5, True), (6, False)]
    assert lines[0].value == {"a": 1}
    assert lines[-1].value == {"d": "\u2028"}


def test_json_lines_in_gbk(tmp_path):
    assert next(read_json_lines(write(tmp_path, '{"内容": "您好"}\n', "gbk"))).value == {"内容": "您好"}


@pytest.mark.parametrize("content", [b"\x00\x01\x02", b"\xff\xfea", b"\x00\x00\x00"])
def test_half_a_character_is_no_text(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.csv"
    path.write_bytes(content)
    with pytest.raises(Invalid) as refused:
        list(tabular.read_table(path).rows())
    assert refused.value.reason in ("not_text", "empty_file", "no_heading", "no_rows")
