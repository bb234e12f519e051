"""Cells as people write them, read one by one."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pytest

from etl import datum
from etl.clean import codes, values
from etl.pack import load_pack

PACK = load_pack()
ABOUT = PACK.markers["about"]


@pytest.mark.parametrize(
    ("cell", "value", "rule"),
    [
        (1200, "1200", None),
        ("1200", "1200", None),
        ("１２００．５", "1200.5", "number.full_width"),
        ("1,234,567.8", "1234567.8", "number.thousands"),
        ("1200㎡", "1200", "number.unit_in_cell"),
        ("1200平方米", "1200", "number.unit_in_cell"),
        ("1.2万平方米", "12000.0", "number.unit_in_cell"),
        ("3亩", "2000.0001", "number.unit_in_cell"),
        ("约1200", "1200", "number.about"),
        ("1200左右", "1200", "number.about"),
        ("12OO", None, "number.unknown_unit"),
        ("详见附件", None, "number.unreadable"),
        ("1200余平方米", "1200", "number.about"),
        ("约1.2万平方米左右", "12000.0", "number.about"),
        ("≥1,200.50㎡", "1200.50", "number.about"),
        ("不少于1200", "1200", "number.about"),
        ("1200(含地下室)", "1200", "number.note_in_cell"),
        ("(1200)", None, "number.unreadable"),
        ("1.2万", "12000.0", "number.unit_in_cell"),
        ("3公顷", "30000", "number.unit_in_cell"),
        ("一千二百", "1200", "number.chinese"),
        ("壹仟贰佰平方米", "1200", "number.chinese"),
        ("三百点五㎡", "300.5", "number.chinese"),
        ("约一千二", "1200", "number.about"),
        ("两万", "20000", "number.chinese"),
        ("一亿二千万", "120000000", "number.chinese"),
        ("一万零五十", "10050", "number.chinese"),
        ("三楼办公室", None, "number.unknown_unit"),
        ("一二百", None, "number.unreadable"),
        ("万达广场", None, "number.unreadable"),
        ("9" * 14, None, "number.too_large"),
        ("1200。5", "1200.5", "number.full_width"),
        ("1200米²", "1200", "number.unit_in_cell"),
        ("2亩3分", "1533.333410", "number.unit_in_cell"),
        ("两亩三分", "1533.333410", "number.chinese"),
        ("2亩3分5厘", "1566.666745", "number.unit_in_cell"),
        ("2亩13分", None, "number.unknown_unit"),
        ("1.5亩3分", None, "number.unknown_unit"),
        ("3分", None, "number.unknown_unit"),
    ],
)
def test_numbers_with_units_and_marks(cell: object, value: str | None, rule: str | None) -> None:
    read = values.read_number(cell, factor=Decimal(1), units=PACK.units["m2"], about=ABOUT)
    assert (None if read.value is None else str(read.value), read.rule) == (value, rule)


@pytest.mark.parametrize(
    ("cell", "value", "rule"),
    [
        ("三层", 3, "number.chinese"),
        ("地上十二层", None, "number.unreadable"),
        ("十二", 12, "number.chinese"),
        ("二十一人", 21, "number.chinese"),
        ("12人", 12, "number.unit_in_cell"),
        ("3.5", None, "number.not_whole"),
        ("12名", 12, "number.unit_in_cell"),
        ("6F", 6, "number.unit_in_cell"),
    ],
)
def test_counts(cell: object, value: int | None, rule: str | None) -> None:
    read = values.read_integer(cell, units=PACK.units["count"], about=ABOUT)
    assert read == values.Read(value, rule)


@pytest.mark.parametrize(
    ("cell", "value", "rule"),
    [
        ("12.5万元", "125000.0", "number.unit_in_cell"),
        ("￥1,200元整", "1200", "number.full_width"),
        ("人民币叁佰万元整", "3000000", "number.chinese"),
        ("0.3亿元", "30000000.0", "number.unit_in_cell"),
    ],
)
def test_money(cell: object, value: str, rule: str) -> None:
    read = values.read_number(cell, factor=Decimal(1), units=PACK.units["yuan"], about=ABOUT)
    assert (str(read.value), read.rule) == (value, rule)


@pytest.mark.parametrize(
    ("cell", "value", "rule"),
    [
        ("租用", True, None),
        ("是（租用）", True, "boolean.sign"),
        ("v", True, None),
        ("×", False, None),
        ("x", False, None),
        ("自有", False, None),
        ("部分", None, "boolean.unreadable"),
    ],
)
def test_yes_and_no(cell: object, value: bool | None, rule: str | None) -> None:
    marks = PACK.markers
    assert values.read_boolean(cell, yes=marks["yes"], no=marks["no"]) == values.Read(value, rule)


@pytest.mark.parametrize(
    ("cell", "value", "rule"),
    [
        ("自用", "own", None),
        ("自用、本单位使用", "own", None),
        ("自用/出租", None, "enum.several"),
        ("出租和出借", None, "enum.several"),
        ("自用/别的", None, "enum.unknown"),
    ],
)
def test_words_of_a_list(cell: object, value: str | None, rule: str | None) -> None:
    words = {"自用": "own", "本单位使用": "own", "出租": "let", "出借": "lent"}
    read = values.read_enum(cell, synonyms=words)
    assert (read.value, read.rule) == (value, rule)


def test_a_unit_in_the_cell_overrules_the_header() -> None:
    read = values.read_number("5㎡", factor=Decimal(10000), units=PACK.units["m2"], about=ABOUT)
    assert read.value == 5


@pytest.mark.parametrize(
    ("cell", "value", "rule"),
    [
        (1998, 1998, None),
        ("1998年", 1998, None),
        ("1998年左右", 1998, "year.about"),
        ("80年代", 1980, "year.decade"),
        ("2013.1", 2013, "year.from_date"),
        (43831, 2020, "year.from_date"),
        (dt.date(2001, 5, 1), 2001, None),
        ("很早", None, "year.unreadable"),
        ("二〇一三年", 2013, "year.chinese"),
        ("二○一三", 2013, "year.chinese"),
        ("八十年代", 1980, "year.decade"),
        ("20世纪70年代", 1970, "year.decade"),
        ("上世纪90年代末", 1990, "year.decade"),
        ("98年", 1998, "year.two_digits"),
        ("08", 2008, "year.two_digits"),
        ("约1998年", 1998, "year.about"),
        ("大约二〇〇八年左右", 2008, "year.about"),
        ("2013年1月", 2013, "year.from_date"),
        ("2005年底", 2005, "year.about"),
        ("二〇〇五年上半年", 2005, "year.about"),
        ("99.12.31", 1999, "year.from_date"),
        ("1998、2005", None, "year.unreadable"),
        ("1998年建，2005年改造", 1998, "year.of_building"),
        ("一九九八年建成（2005年装修、2010年加固）", 1998, "year.of_building"),
        ("1998年建、2005年建", None, "year.unreadable"),
        ("1998年，2005年改造", None, "year.unreadable"),
        ("1998年重建", None, "year.unreadable"),
        ("2005年改造", None, "year.unreadable"),
    ],
)
def test_years(cell: object, value: int | None, rule: str | None) -> None:
    assert values.read_year(cell, about=ABOUT) == values.Read(value, rule)


@pytest.mark.parametrize(
    ("cell", "value", "rule"),
    [
        ("2013-1-1", dt.date(2013, 1, 1), None),
        ("2013年1月5日", dt.date(2013, 1, 5), None),
        ("2013.1", dt.date(2013, 1, 1), "date.no_day"),
        ("20130105", dt.date(2013, 1, 5), None),
        ("43831", dt.date(2020, 1, 1), "date.serial"),
        ("19990", None, "date.unreadable"),
        ("1e999999999", None, "date.unreadable"),
        (19990.0, dt.date(1954, 9, 23), "date.serial"),
        (43831.0, dt.date(2020, 1, 1), "date.serial"),
        ("2013年1月", dt.date(2013, 1, 1), "date.no_day"),
        ("201305", dt.date(2013, 5, 1), "date.no_day"),
        ("2013年", dt.date(2013, 1, 1), "date.no_month"),
        (2013.1, dt.date(2013, 1, 1), "date.month_uncertain"),
        (2013.05, dt.date(2013, 5, 1), "date.no_day"),
        ("二〇一三年十二月五日", dt.date(2013, 12, 5), None),
        ("约2013年5月", dt.date(2013, 5, 1), "date.about"),
        ("4/6/2025", dt.date(2025, 4, 6), "date.month_first"),
        ("4/16/2025", dt.date(2025, 4, 16), None),
        ("16/4/2025", dt.date(2025, 4, 16), "date.day_first"),
        ("2013-02-30", None, "date.unreadable"),
        ("2013-13-1", None, "date.unreadable"),
        ("2013年 1 月 5 日", dt.date(2013, 1, 5), None),
        ("2013 . 1 . 5", dt.date(2013, 1, 5), None),
        ("2013。1。5", dt.date(2013, 1, 5), None),
        ("2013—01—05", dt.date(2013, 1, 5), None),
        ("2013年元月5号", dt.date(2013, 1, 5), None),
        ("2013-01-05 08:30:00", dt.date(2013, 1, 5), None),
        ("１３年１月５日", dt.date(2013, 1, 5), "year.two_digits"),
        ("99.12.31", dt.date(1999, 12, 31), "year.two_digits"),
        ("2013年1月底", dt.date(2013, 1, 1), "date.no_day"),
        ("2013年第一季度", dt.date(2013, 1, 1), "date.no_month"),
        ("99.13.31", None, "date.unreadable"),
    ],
)
def test_dates(cell: object, value: dt.date | None, rule: str | None) -> None:
    assert values.read_date(cell, about=ABOUT) == values.Read(value, rule)


@pytest.mark.parametrize(
    ("cell", "value", "rule"),
    [
        (320402.0, "320402", None),
        ("320402.0", "320402", "code.number"),
        ("320411 001002 GB00012 F00010001", "320411001002GB00012F00010001", "code.spaces"),
        (9.13204e17, None, "code.scientific"),
        ("9.13E+17", None, "code.scientific"),
        ("3.20402E+05", "320402", "code.number"),
        ("3.2040200E+5", "320402", "code.number"),
        ("3E12", "3E12", None),
        ("'0012", "0012", None),
    ],
)
def test_codes(cell: object, value: str | None, rule: str | None) -> None:
    assert values.read_code(cell) == values.Read(value, rule)


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("91350100M000100Y43", None),
        ("9131000063159284XQ", None),
        ("91350100M000100Y4Z", "credit_code.character"),
        ("91350211M0000XUF46", "credit_code.check_digit"),
        ("9135021", "credit_code.length"),
    ],
)
def test_credit_codes(code: str, fault: str | None) -> None:
    assert codes.credit_code_fault(code) == fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("苏(2020)常州市不动产权第0012345号", None),
        ("常房权证字第00123456号", None),
        ("常国用(2008)第0123456号", None),
        ("办理中", "certificate.no_number"),
        ("12345", "certificate.form"),
    ],
)
def test_certificates(text: str, fault: str | None) -> None:
    assert codes.certificate_fault(text) == fault


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("苏(2020)常州市不动产权第0000123号、苏(2020)常州市不动产权第0000124号", 2),
        ("常房权证字第1号；常房权证字第2号 常房权证字第3号", 3),
        ("苏(2020) 常州市不动产权第0000123号", 1),
        ("苏(2020)常州市不动产权第0000123号、0000124", 1),
        ("常房权证字第1号、办理中", 1),
        ("苏(2020)常州市不动产权第0001号、0002号", 1),
        ("苏(2020)常州市不动产权第0001号、第0002号", 1),
        ("房权证1号/2号", 1),
        ("一号、二号", 1),
        ("无证", 1),
        ("", 1),
    ],
)
def test_a_cell_has_several_certificates_only_where_each_is_whole(text: str, count: int) -> None:
    assert len(codes.certificate_numbers(text)) == count


def test_offset_datums_come_back_to_where_they_were() -> None:
    places = np.array([[119.97, 31.81], [120.0, 31.75], [119.48, 31.42], [119.57, 31.74]])
    gcj = datum.to_gcj02(places)
    # Published pairs, to a ten-millionth of a degree of rounding.
    assert np.abs(gcj[0] - [119.974741, 31.807948]).max() < 1e-6
    assert np.abs(datum.from_gcj02(gcj) - places).max() < 1e-9
    baidu = datum.gcj02_to_bd09(gcj)
    assert np.abs(baidu[3] - [119.581537, 31.743526]).max() < 1e-6
    assert np.abs(datum.bd09_to_gcj02(baidu) - gcj).max() < 1e-9


def test_metres_of_the_local_system_with_and_without_zone_number() -> None:
    transform = datum.to_storage("EPSG:4549")
    assert transform is not None
    metres = np.array([[40497159.376, 3520784.648]])
    metres[:, 0] = datum.without_zone(metres[:, 0])
    assert np.abs(transform(metres) - [119.97, 31.81]).max() < 1e-7
