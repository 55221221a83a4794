"""The partnership's spreadsheet log, carried over (issue 4, point 10): `check` is the dry run, `carry_over` does it."""

from referrals.spreadsheet.carry import NotReady, carry_over
from referrals.spreadsheet.check import check
from referrals.spreadsheet.entries import Entry, Finding
from referrals.spreadsheet.reading import MOST_BYTES, MOST_ROWS, Unreadable
from referrals.spreadsheet.report import Report
from referrals.spreadsheet.values import Unclear

__all__ = [
    "MOST_BYTES",
    "MOST_ROWS",
    "Entry",
    "Finding",
    "NotReady",
    "Report",
    "Unclear",
    "Unreadable",
    "carry_over",
    "check",
]
