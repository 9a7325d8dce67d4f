"""Audits as CSV: what a spreadsheet would reckon is text."""

from __future__ import annotations

import csv
import io

import pytest
from tests.support.reports import audit as a_report

from tidegate.report.csv import audit


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_nothing_from_outside_is_a_formula(sign: str) -> None:
    text = f'{sign}1+1, "x"\n{sign}2'
    rows = list(csv.DictReader(io.StringIO(audit(a_report(text)))))
    assert {row["author"] for row in rows} == {f'\'{sign}1+1, "x" {sign}2'}
    assert not [cell for row in rows for cell in row.values() if cell.startswith(sign)]
