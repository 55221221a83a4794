"""Two coordinators act on one case, whatever the act: the second is told what changed, and loses nothing typed.

The acts are those of the code: a new one is tried as soon as it is there. Races of threads are in `tests/faults`.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from partners.models import Message
from partners.roles import Role
from referrals import workflow
from referrals.admin.actions import ACTS
from referrals.handover_states import RevokeReason
from referrals.models import HandOver, LinkKind, Referral
from referrals.pathways import Pathway
from referrals.submission import ConsentGiven
from tests.conftest import make_person, submit_one
from tests.referrals.handing import handed, in_the_nrm, silent, taken, with_a_question
from tests.referrals.test_admin_case import address, text_of
from tests.referrals.test_attachments import attached
from tests.referrals.typing_in import WORDS, typed_into

#: Acts that write nothing to a case: there is nothing to be lost or overwritten.
WRITE_NOTHING = {
    "link-to": "asks which other referral, and goes on to the act that links",
    "duplicate": "asks which other referral, and goes on to the act that merges",
    "amend": "asks which page of questions, and goes on to it: its races are in test_admin_amending.py",
    "pdf": "prints the case as it stands now",
}
#: What the address of a page says before it asks.
ASKED_BEFORE = {"hand-over": "?pathway=police"}


def under_way(cast) -> Referral:
    """In triage with organisations: a question, one that does not answer, the NRM, a link and an exclusion."""
    referral, other = taken(cast), submit_one(cast.nurse)
    make_person("sergeant", Role.RESPONDER, cast.constabulary)
    in_the_nrm(cast, referral)
    with_a_question(cast, handed(cast, referral, cast.beacon), cast.beacon_worker)
    silent(handed(cast, referral, cast.constabulary, Pathway.POLICE))
    attached(referral, cast.officer)
    workflow.link(referral_id=referral.pk, other_id=other.pk, kind=LinkKind.FAMILY, by=cast.coordinator, note="Sisters")
    workflow.exclude(referral_id=referral.pk, organisation=cast.hospital, reason="A relative", by=cast.coordinator2)
    return referral


def alone_in_triage(cast) -> Referral:
    """Taken, and nobody has it but the coordinator; there is another referral."""
    submit_one(cast.nurse)
    return taken(cast)


def unread(cast) -> Referral:
    """Sent, and not yet taken."""
    return submit_one(cast.officer)


def closed(cast) -> Referral:
    """At its end."""
    referral = taken(cast)
    return workflow.close(
        referral_id=referral.pk, outcome="no_contact", band="passed_on", by=cast.coordinator, version=referral.version
    )


STAGES: list[Callable[..., Referral]] = [alone_in_triage, under_way, unread, closed]


def parts_of(referral: Referral) -> Iterator[Any]:
    """The id of everything that an act could be done to: nothing, each row about the referral, another referral."""
    yield None
    for model in apps.get_app_config("referrals").get_models():
        if any(field.name == "referral" for field in model._meta.fields):
            yield from model.objects.filter(referral=referral).values_list("pk", flat=True)
    yield from apps.get_model("referrals", "Link").objects.of(referral).values_list("pk", flat=True)
    yield from Referral.objects.exclude(pk=referral.pk).values_list("pk", flat=True)


def reached(cast, slug: str) -> tuple[Referral, str]:
    """A referral on which the act is possible now, and the address of its page."""
    what = ACTS[slug]
    for stage in STAGES:
        referral = stage(cast)
        for part_id in parts_of(referral):
            subject = what.find(referral, cast.coordinator, part_id)
            if subject is not None and what.is_possible(referral, subject):
                part = f"{part_id}/" if part_id else ""
                return Referral.objects.get(pk=referral.pk), address(referral, slug) + part + ASKED_BEFORE.get(slug, "")
    pytest.fail(f"no stage of a case on which {slug!r} can be done: add one to STAGES")


def says_something_new(cast, referral: Referral) -> str:
    """B records what the person says now; return what A should read of it."""
    given = [ConsentGiven(kind="contact_phone", state="given")]
    workflow.record_consents(referral_id=referral.pk, given=given, by=cast.coordinator2)
    return "recorded what the person agrees to"


def ends_it(cast, referral: Referral) -> str:
    """B withdraws the referral, or reopens it when it has ended."""
    if not referral.is_open:
        workflow.reopen(referral_id=referral.pk, by=cast.coordinator2, version=referral.version)
        return "reopened it"
    workflow.withdraw(referral_id=referral.pk, reason="logged_in_error", by=cast.coordinator2, version=referral.version)
    return "withdrew it"


def everything() -> dict[str, list]:
    """Every row about referrals and every message, as it stands."""
    models = [*apps.get_app_config("referrals").get_models(), Message]
    return {model.__name__: sorted(map(repr, model.objects.values_list())) for model in models}


def kept_in(form, typed: dict[str, Any]) -> dict[str, Any]:
    """What the page still holds of what was typed, by the names under which it was posted. No browser keeps a file."""
    names = {bound.html_name for bound in form.visible_fields()}
    return {name: form.data.getlist(name) for name in typed if name in names or name.rpartition("_")[0] in names}


@pytest.fixture
def coordinator(cast, sign_in) -> Client:
    """The browser of A."""
    return sign_in(Client(), cast.coordinator)


@pytest.mark.parametrize("change", [says_something_new, ends_it])
@pytest.mark.parametrize("slug", [slug for slug in ACTS if slug not in WRITE_NOTHING])
def test_whatever_a_coordinator_does_a_colleague_who_was_faster_is_told_of(cast, coordinator, slug, change):
    referral, page = reached(cast, slug)
    form = coordinator.get(page).context["form"]
    typed = typed_into(form)
    posted = typed | {name: form[name].value() for name in ("version", "seen")}
    news = change(cast, referral)
    before = everything()

    told = coordinator.post(page, posted)
    assert told.status_code == 409
    words = text_of(told)
    assert "This referral changed while you had it open" in words
    assert f"{cast.coordinator2.full_name} {news}" in words
    assert re.search(r"\d{1,2} [A-Z][a-z]+ \d{4}, \d\d:\d\d", words)
    again = told.context["form"]
    files = [value for value in typed.values() if isinstance(value, SimpleUploadedFile)]
    expected = {name: _as_list(value) for name, value in typed.items() if value not in files}
    assert kept_in(again, expected) == expected
    assert told.content.decode().count(WORDS) == list(typed.values()).count(WORDS)
    assert everything() == before

    for file in files:  # it is chosen again
        file.seek(0)
    second = coordinator.post(page, typed | {name: again[name].value() for name in ("version", "seen")})
    if second.status_code == 302:
        assert everything() != before
    else:
        assert everything() == before
        why = text_of(second)
        assert "This can no longer be done" in why or "There is a problem" in why, why


def _as_list(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


@pytest.mark.parametrize("slug", sorted(WRITE_NOTHING))
def test_an_act_that_is_left_out_there_writes_nothing_to_the_case(cast, coordinator, slug):
    referral, page = reached(cast, slug)
    before = everything()
    other = Referral.objects.exclude(pk=referral.pk).first()
    answer = coordinator.post(
        page, {"version": referral.version, "reference": other.reference, "purpose": "For the case conference"}
    )
    assert answer.status_code in (200, 302)
    assert everything() == before


def test_a_hand_over_that_was_opened_meanwhile_says_by_whom_and_when(cast, coordinator):
    row = handed(cast, taken(cast), cast.beacon)
    page = f"{address(row.referral, 'revoke')}{row.pk}/"
    form = coordinator.get(page).context["form"]
    workflow.open_hand_over(hand_over_id=row.pk, by=cast.beacon_worker)
    posted = {name: form[name].value() for name in ("version", "seen")} | {"reason": "safety"}
    told = coordinator.post(page, posted)
    assert told.status_code == 409
    assert f"{cast.beacon_worker.full_name} opened it for Beacon" in text_of(told)
    assert HandOver.objects.get(pk=row.pk).is_open
    again = told.context["form"]
    posted |= {name: again[name].value() for name in ("version", "seen")}
    done = coordinator.post(page, posted)
    assert done.status_code == 302
    assert HandOver.objects.get(pk=row.pk).revoke_reason == RevokeReason.SAFETY


@pytest.mark.parametrize("seen", ["", "abc", "-1", "9" * 30])
def test_a_forged_version_of_the_referral_is_never_a_crash(cast, coordinator, seen):
    row = handed(cast, taken(cast), cast.beacon)
    data = {"version": row.version, "seen": seen, "reason": "safety"}
    assert coordinator.post(f"{address(row.referral, 'revoke')}{row.pk}/", data).status_code in (200, 302, 409)
