"""A partnership's spreadsheet log is carried over: all of it or nothing, with its days, in silence, and only once."""

import datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from partners.county.load import load_county
from partners.hours import LONDON
from partners.models import AccessRecord, Message
from referrals.models import Draft, ImportBatch, ImportedRow, Referral, ReferralEvent
from referrals.spreadsheet import NotReady, Unreadable, carry_over, check
from referrals.statuses import Status
from referrals.tasks import escalate_all, write_missing_messages
from referrals.workflow import NotAllowed, close, submit
from tests.conftest import a_submission, make_draft
from tests.referrals import log_sample

COUNTY = Path(__file__).resolve().parents[2] / "data" / "hertfordshire"
HEADER = ["Date received", "Organisation", "Name", "Age", "District", "Type", "Summary", "Address", "Outcome", "Closed"]
GOOD = ["3/2/2024", "Council", "Testperson, Ann / Zed", "34", "Northtown", "Labour", "Words", "1 Road", "NRM", "4/2/24"]


@pytest.fixture
def county(cast):
    """The cast, and the organisations and districts of the reference county beside them."""
    load_county(COUNTY, only_new=True)
    return cast


def a_log(*changes: dict, header=None) -> bytes:
    """A log with one row for each of `changes`, `{column: text}`."""
    header = header or HEADER
    rows = [dict(zip(HEADER, GOOD, strict=True)) | changed for changed in changes]
    cells = ([row.get(name, "") for name in header] for row in rows)
    return log_sample.as_csv([header, *cells], delimiter=",", encoding="utf-8")


def carried(content: bytes, cast) -> ImportBatch | None:
    return carry_over(content, name="log.csv", by=cast.coordinator)[0]


# --- The sample of 200 rows ------------------------------------------------------------------------------------------


def test_the_committed_sample_is_the_generated_one():
    assert log_sample.SAMPLE.read_bytes() == log_sample.as_csv()


@pytest.mark.parametrize("content", [log_sample.as_csv(), log_sample.as_xlsx(), log_sample.as_csv(encoding="utf-8")])
def test_a_log_of_200_rows_is_understood(county, content):
    report = check(content)
    assert report.errors == []
    assert (report.rows, report.blank, len(report.repeated), len(report.entries)) == (200, 9, 6, 194)
    assert report.header_row == 3
    assert ("Q “Lead's initials”", "not known; kept with the sealed location") in report.columns
    assert not Referral.objects.exists()


def test_the_three_formats_of_dates_say_the_same_days(county):
    chance = log_sample.random.Random(200)
    [log_sample.one_row(number, chance) for number in range(1, 4)]
    report = check(log_sample.as_csv())
    days = [entry.received for entry in report.entries]
    assert all(0 <= (day - log_sample.FIRST).days - 6 * number <= 4 for number, day in enumerate(days, 1))
    assert days == [entry.received for entry in check(log_sample.as_xlsx()).entries]


def test_it_is_carried_over_once_from_csv_and_never_again_from_xlsx(county):
    batch = carried(log_sample.as_csv(), county)
    assert (batch.rows, batch.blank, batch.repeated, batch.known, batch.carried_over) == (200, 9, 6, 0, 194)
    assert Referral.objects.count() == ImportedRow.objects.count() == 194
    assert carried(log_sample.as_csv(), county) is None
    again = check(log_sample.as_xlsx())
    assert len(again.known) == 200
    assert not again.may_be_carried_over
    assert carried(log_sample.as_xlsx(), county) is None
    assert (Referral.objects.count(), ImportBatch.objects.count()) == (194, 1)


def test_nobody_is_told_of_history_and_nothing_is_owed(county):
    carried(log_sample.as_csv(), county)
    assert Message.objects.count() == 0
    assert write_missing_messages(timezone.now()) == 0
    assert escalate_all(timezone.now()) == 0
    assert Message.objects.count() == 0


# --- What becomes of a row -------------------------------------------------------------------------------------------


def test_a_closed_row_keeps_its_days_and_says_that_it_was_entered_later(cast):
    carried(a_log({}), cast)
    referral = Referral.objects.get()
    assert referral.submitted_at == datetime.datetime(2024, 2, 3, 12, tzinfo=LONDON)
    assert referral.closed_at.date() == datetime.date(2024, 2, 4)
    assert (referral.status, referral.outcome, referral.feedback_band) == (Status.CLOSED, "nrm_submitted", "passed_on")
    assert (referral.organisation, referral.referrer, referral.owner) == (cast.council, *[cast.coordinator] * 2)
    assert (referral.district.code, referral.age_group, referral.exploitation) == (
        "northtown",
        "adult",
        ["forced-to-work"],
    )
    events = list(referral.events.all())
    assert [event.move for event in events] == ["submit", "start_triage", "close"]
    assert all(event.facts["quiet"] and event.facts["recorded_at"] for event in events)
    assert [event.at for event in events] == sorted({event.at for event in events})


def test_what_identifies_and_where_somebody_is_are_sealed_apart(cast):
    carried(a_log({"Odd column": "kept"}, header=[*HEADER, "Odd column"]), cast)
    referral = Referral.objects.get()
    secret, location = referral.secret.take_out(), referral.location.take_out()
    assert secret["person"] == {"given_names": "Ann", "family_name": "Testperson", "known_as": "Zed"}
    assert secret["account"] == {"what_was_seen": "Words"}
    assert location["where_now"] == {"address": "1 Road"}
    assert location["found"] == {"district": "northtown"}
    assert location["log"] == {"Odd column": "kept"}
    assert "1 Road" not in str(secret)


def test_no_table_shows_a_name_or_an_address_of_the_log(cast):
    carried(a_log({"Name": "Zebulina, Quokka / Wombatina", "Address": "Flat 9, Canary Wharf"}), cast)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT t::text FROM "{table}" t')  # noqa: S608 - names of our own tables
            printed = "\n".join(row[0] for row in cursor.fetchall()).casefold()
            found = [word for word in ("zebulina", "quokka", "wombatina", "canary", "log.csv") if word in printed]
            assert not found, table


def test_a_row_without_outcome_is_open_in_triage_with_whoever_brought_it(cast):
    report = check(a_log({"Outcome": "", "Closed": ""}))
    assert "open referral in triage" in report.notes[0].text
    carried(a_log({"Outcome": "", "Closed": ""}), cast)
    referral = Referral.objects.get()
    assert (referral.status, referral.owner) == (Status.IN_TRIAGE, cast.coordinator)
    assert escalate_all(timezone.now()) == 0


def test_an_outcome_without_a_day_closes_today_and_the_report_says_so(cast):
    content = a_log({"Closed": ""})
    assert "closed on the day of the import" in check(content).notes[0].text
    carried(content, cast)
    assert Referral.objects.get().closed_at.date() == timezone.localdate()


def test_a_duplicate_of_the_log_is_withdrawn(cast):
    carried(a_log({"Outcome": "Duplicate"}), cast)
    referral = Referral.objects.get()
    assert (referral.status, referral.withdrawal_reason) == (Status.WITHDRAWN, "duplicate")


def test_a_row_of_today_is_entered_too(cast):
    today = f"{timezone.localdate():%d/%m/%Y}"
    carried(a_log({"Date received": today, "Closed": today}), cast)
    assert Referral.objects.get().closed_at <= timezone.now()


def test_who_brought_it_and_from_which_row_it_came_is_kept(cast):
    content = a_log({}, {"Name": "Other, One"})
    batch = carried(content, cast)
    assert batch.by == cast.coordinator
    assert bytes(batch.content_hash) == check(content).content_hash
    assert [row.number for row in batch.imported.all()] == [2, 3]
    assert AccessRecord.objects.filter(user=cast.coordinator, action="submit").count() == 2


# --- All or nothing --------------------------------------------------------------------------------------------------


def test_one_wrong_row_in_the_middle_stops_all_of_it(cast):
    rows = [{"Name": f"Person, {number}", "Age": "34" if number != 5 else "ancient"} for number in range(10)]
    with pytest.raises(NotReady) as refused:
        carried(a_log(*rows), cast)
    assert [(finding.row, finding.column) for finding in refused.value.report.errors] == [(7, "Age")]
    assert not Referral.objects.exists()
    assert not ImportBatch.objects.exists()


def test_a_failure_of_the_system_in_the_middle_leaves_nothing(cast, monkeypatch):
    calls = []

    def fails_at_the_third(**given):
        calls.append(given)
        if len(calls) == 3:
            raise RuntimeError("the database went away")
        return submit(**given)

    monkeypatch.setattr("referrals.spreadsheet.carry.submit", fails_at_the_third)
    with pytest.raises(RuntimeError):
        carried(a_log(*({"Name": f"Person, {number}"} for number in range(5))), cast)
    assert len(calls) == 3
    assert not any(model.objects.exists() for model in (Referral, ReferralEvent, Draft, ImportBatch, ImportedRow))


def test_a_row_that_was_carried_over_is_known_in_a_longer_file(cast):
    carried(a_log({"Name": "Person, One"}), cast)
    report = check(a_log({"Name": "Person, Two"}, {"Name": "Person, One"}))
    assert (report.known, [entry.row for entry in report.entries]) == ([3], [2])
    assert carried(a_log({"Name": "Person, Two"}, {"Name": "Person, One"}), cast).known == 1
    assert Referral.objects.count() == 2


def test_a_row_that_has_changed_since_is_pointed_out(cast):
    header = ["Ref", *HEADER]
    carried(a_log({"Ref": "MS-1"}, header=header), cast)
    report = check(a_log({"Ref": "MS-1", "Outcome": "Safeguarding"}, header=header))
    assert ["carried over before, and the row has changed" in note.text for note in report.notes] == [True]


def test_only_a_coordinator_carries_over(cast):
    for who in (cast.officer, cast.lead, cast.sysadmin):
        with pytest.raises(NotAllowed):
            carry_over(a_log({}), name="log.csv", by=who)


# --- Faults, in plain words ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "column", "words"),
    [
        ({"Date received": "31/02/2024"}, "Date received", "no such day"),
        ({"Date received": "02/31/2024"}, "Date received", "the day comes first"),
        ({"Date received": ""}, "Date received", "must be filled in"),
        ({"Date received": "1/1/2099"}, "Date received", "lies ahead"),
        ({"Organisation": "Nobody knows"}, "Organisation", "give an alias"),
        ({"District": "Atlantis"}, "District", "Write one of: Northtown"),
        ({"Type": "Blue"}, "Type", "no kind of exploitation"),
        ({"Outcome": "Closed"}, "Outcome", "not how"),
        ({"Closed": "1/1/2024"}, "Closed", "before the one on which it came in"),
        ({"Outcome": ""}, "Closed", "no outcome"),
        ({"Summary": "=HYPERLINK(1)"}, "Summary", "formula"),
        ({"Summary": "x" * 9_000}, "Summary", "more than 8,000 characters"),
    ],
)
def test_a_fault_is_told_with_its_row_and_column(cast, changes, column, words):
    report = check(a_log({}, changes))
    assert [(finding.row, finding.column) for finding in report.errors] == [(3, column)]
    assert words in report.errors[0].text


def test_a_date_of_birth_that_contradicts_the_age_is_a_fault(cast):
    report = check(a_log({"DOB": "1/1/2015"}, header=[*HEADER, "DOB"]))
    assert "contradict" in report.errors[0].text


def test_an_alias_helps_where_the_log_has_its_own_word(cast):
    assert not check(a_log({"Organisation": "The Town Hall"}), aliases={"town hall": "council"}).errors


def test_the_report_repeats_nothing_of_a_cell(cast):
    content = a_log({"Age": "Zebulina", "District": "Zebulina", "Type": "labour Zebulina"}, {"Name": "Zebulina, Ann"})
    assert "zebulina" not in "\n".join(check(content).lines()).casefold()


# --- The command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def log_file(tmp_path):
    """A log with one good row."""
    path = tmp_path / "log.csv"
    path.write_bytes(a_log({}))
    return path


def run(*arguments) -> str:
    said = StringIO()
    call_command("import_log", *map(str, arguments), stdout=said)
    return said.getvalue()


def test_the_command_reports_and_changes_nothing_until_it_is_told_to(cast, log_file):
    said = run(log_file, "--by", cast.coordinator.email)
    assert "3 February 2024 · Council · Northtown · 18 or over · Forced labour · name kept sealed" in said
    assert "Nothing was changed" in said
    assert not Referral.objects.exists()
    assert "1 referrals were carried over" in run(log_file, "--by", cast.coordinator.email, "--commit")
    assert "This very file was carried over on" in run(log_file, "--by", cast.coordinator.email, "--commit")
    assert Referral.objects.count() == 1


def test_the_command_refuses_in_words(cast, log_file, tmp_path):
    with pytest.raises(CommandError, match="Only a coordinator"):
        run(log_file, "--by", cast.officer.email, "--commit")
    with pytest.raises(CommandError, match="no account"):
        run(log_file, "--by", "nobody@example.org", "--commit")
    with pytest.raises(CommandError, match="cannot be opened"):
        run(tmp_path / "nowhere.csv", "--by", cast.coordinator.email)
    log_file.write_bytes(a_log({"Age": "ancient"}))
    with pytest.raises(CommandError, match="put the errors right"):
        run(log_file, "--by", cast.coordinator.email, "--commit")
    log_file.write_bytes(b"MZ\x90\x00")
    with pytest.raises(CommandError, match="not a spreadsheet"):
        run(log_file, "--by", cast.coordinator.email)


# --- The workflow, and the database ----------------------------------------------------------------------------------


def test_silence_is_for_the_past_only(cast):
    with pytest.raises(ValueError, match="carried over"):
        submit(by=cast.coordinator, draft_id=make_draft(cast.coordinator).pk, submission=a_submission(), quiet=True)
    referral = submit(by=cast.officer, draft_id=make_draft(cast.officer).pk, submission=a_submission())
    ended = {"outcome": "no_contact", "band": "no_further_action"}
    with pytest.raises(ValueError, match="carried over"):
        close(referral_id=referral.pk, by=cast.coordinator, version=1, quiet=True, **ended)


def test_only_a_coordinator_submits_for_another_organisation(cast):
    draft = make_draft(cast.officer)
    with pytest.raises(NotAllowed):
        submit(by=cast.officer, draft_id=draft.pk, submission=a_submission(), on_behalf_of=cast.hospital)


def test_the_record_of_an_import_cannot_be_changed(cast):
    batch = carried(a_log({}), cast)
    for table in ("referrals_importbatch", "referrals_importedrow"):
        for act in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):  # noqa: S608 - names of our own tables
            with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
                connection.cursor().execute(act)
    fields = {"by": cast.coordinator, "name_hash": b"", "size": 1, "rows": 1, "blank": 0, "repeated": 0, "known": 0}
    for constraint, changed in [
        ("import_kind_is_known", {"kind": "exe", "carried_over": 1}),
        ("import_accounts_for_every_row", {"kind": "csv", "carried_over": 2}),
    ]:
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            ImportBatch.objects.create(content_hash=constraint.encode(), **fields, **changed)
    row = batch.imported.get()
    other = submit(by=cast.officer, draft_id=make_draft(cast.officer).pk, submission=a_submission())
    for match, changed in [("one_referral_of_a_row", {"number": 2, "row_hash": b"2"}), ("row_hash", {"number": 9})]:
        fields = {"batch": batch, "referral": other, "row_hash": row.row_hash} | changed
        with pytest.raises(IntegrityError, match=match), transaction.atomic():
            ImportedRow.objects.create(**fields)


def test_a_file_that_is_none_is_refused(cast):
    for content, words in [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n", "empty"),
        (b"MZ\x90\x00\x03", "not a spreadsheet"),
        (b"\x7fELF\x02", "not a spreadsheet"),
        (b"Just a line of text", "No row with column names"),
        (b"Date received,Name,Age\n1/1/2024,A,4\n", "no column “Referring organisation”"),
        (b"Date received,Organisation,Name,DOB,Date of birth\n", "both about"),
        (b"x" * 5_000_001, "larger than 5 MB"),
    ]:
        with pytest.raises(Unreadable, match=words):
            check(content)
