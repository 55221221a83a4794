"""Two coordinators do something to one board report in the same moment: one does it, the other is told."""

import pytest

from referrals.board_report import acts
from referrals.models import BoardReport, Publication
from tests.faults.test_racing_leavers import behind
from tests.referrals.test_board_report import QUARTER, WORDS, issued, published

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def draft(cast) -> BoardReport:
    """A draft with words, on a quarter that is published."""
    published()
    row = acts.begin(by=cast.coordinator, period=QUARTER)
    return acts.write(by=cast.coordinator, report_id=row.pk, edition=1, texts=WORDS)


def test_of_two_who_issue_at_once_one_does(cast, draft):
    results = behind(lambda: issued(draft, cast.coordinator), lambda: issued(draft, cast.coordinator2))
    assert isinstance(results[0], acts.Refused)
    assert "issued meanwhile" in str(results[0])
    assert BoardReport.objects.get().issued_by == cast.coordinator


def test_words_that_wait_for_an_issue_are_refused(cast, draft):
    late = {"report_id": draft.pk, "edition": draft.edition, "texts": {"summary": "Too late"}}
    results = behind(lambda: issued(draft, cast.coordinator), lambda: acts.write(by=cast.coordinator2, **late))
    assert isinstance(results[0], acts.Refused)
    assert BoardReport.objects.get().commentary == WORDS


def test_an_issue_that_waits_for_words_is_refused(cast, draft):
    new = {"report_id": draft.pk, "edition": draft.edition, "texts": {"summary": "Newer"}}
    results = behind(lambda: acts.write(by=cast.coordinator2, **new), lambda: issued(draft, cast.coordinator))
    assert isinstance(results[0], acts.Refused)
    assert not BoardReport.objects.get().is_issued


def test_two_who_begin_at_once_write_one_draft(cast):
    published()
    both = [lambda who=who: acts.begin(by=who, period=QUARTER) for who in (cast.coordinator, cast.coordinator2)]
    results = behind(*both)
    assert results == [BoardReport.objects.get()]
    assert Publication.objects.count() == 1
