"""Wording: every kind has calm standard words, staff words win, and neither is ever a template."""

import datetime
import re
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from partners.hours import LONDON
from partners.models import Audience, Channel, Kind, Message, OpeningHours, Partnership, SupportLine, Wording
from partners.wording import DIRECTORY, fill, link_to, words_for

#: What no message may say or promise (design, principle 2; facts, 5).
FORBIDDEN = re.compile(
    r"beacon|police|slavery|traffick|exploit|victim|child|danger|\bnrm\b|home office|reception|"
    r"help is on|will call you|immediately|asap",
    re.IGNORECASE,
)
VALUES = {
    "reference": "TEST234",
    "link": "https://x.example.org/m/1/",
    "partnership": "Us",
    "service": "It",
    "phone": "",
}


def a_message(cast, kind=Kind.RECEIPT, **fields) -> Message:
    return Message(kind=kind, user=cast.officer, event_id=uuid.uuid4(), **({"reference": "TEST234"} | fields))


@pytest.mark.parametrize("kind", Kind.values)
def test_every_kind_says_who_writes_what_to_do_and_where(cast, kind, settings):
    settings.SITE_URL = "https://referrals.example.org"
    Partnership.objects.update(phone="01632 960000")
    message = a_message(cast, kind, reference="K7P-4TX-9WM")
    words = words_for(message)
    assert words.body.count(f"https://referrals.example.org/m/{message.id}/") == 1
    assert "Test Partnership" in words.body
    assert "Ring us: 01632 960000" in words.body
    assert "((" not in words.subject + words.body
    assert 0 < len(words.subject) <= 60
    assert max(len(line) for line in words.body.splitlines()) < 400


@pytest.mark.parametrize("kind", Kind.values)
def test_every_kind_can_be_written_without_a_reference_and_a_phone(cast, kind):
    words = words_for(a_message(cast, kind, reference=""))
    assert words.subject
    assert "/m/" in words.body
    assert "Ring us" not in words.body


@pytest.mark.parametrize("kind", sorted(set(Kind.values) - {Kind.INVITATION}))
def test_no_message_says_what_it_is_about_or_promises_what_is_not_ours(cast, kind):
    Partnership.objects.update(name="P", service_name="S")
    for channel in Channel.values:
        words = words_for(a_message(cast, kind, channel=channel))
        assert not FORBIDDEN.findall(words.subject + words.body)


@pytest.mark.parametrize("kind", Kind.values)
def test_a_text_message_is_short(cast, kind):
    words = words_for(a_message(cast, kind, channel=Channel.SMS))
    assert words.subject == ""
    assert "/m/" in words.body
    assert len(words.body) < 306


def test_there_is_no_wording_for_a_kind_that_is_gone():
    kinds = {path.name.split(".")[0] for path in DIRECTORY.glob("*.*.txt")}
    assert kinds == set(Kind.values)


def test_the_partnerships_own_words_win(cast):
    Wording.objects.create(kind=Kind.RECEIPT, subject="Got ((reference))", body="Look: ((link))\nTa, ((partnership))")
    words = words_for(a_message(cast))
    assert words.subject == "Got TEST234"
    assert words.body.startswith("Look: http")
    assert "Ta, Test Partnership" in words.body


def test_own_words_for_one_channel_leave_the_other_alone(cast):
    Wording.objects.create(kind=Kind.RECEIPT, channel=Channel.SMS, body="Short ((link))")
    assert "Short" not in words_for(a_message(cast)).body
    assert words_for(a_message(cast, channel=Channel.SMS)).body.startswith("Short")


def test_own_words_without_a_link_get_one(cast):
    Wording.objects.create(kind=Kind.RECEIPT, body="Thank you.")
    words = words_for(a_message(cast))
    assert "/m/" in words.body
    assert words.subject == "We have your referral: TEST234"


def test_own_words_are_never_a_template(cast):
    Wording.objects.create(kind=Kind.RECEIPT, body="{{ settings.SECRET_KEY }} {% include 'base.html' %} ((link))")
    assert "{{ settings.SECRET_KEY }} {% include 'base.html' %}" in words_for(a_message(cast)).body


def test_a_value_is_not_read_for_placeholders_again(cast):
    Partnership.objects.update(name="((link))")
    assert words_for(a_message(cast)).body.count("/m/") == 1


def test_own_words_with_an_unknown_placeholder_are_refused_and_never_stop_a_message(cast):
    wording = Wording(kind=Kind.RECEIPT, subject="x", body="((name)) ((link))")
    with pytest.raises(ValidationError):
        wording.full_clean()
    wording.save()
    assert words_for(a_message(cast)).subject == "We have your referral: TEST234"


def test_a_subject_is_one_line_whatever_was_typed(cast):
    Wording.objects.create(kind=Kind.RECEIPT, subject="One\r\nBcc: two@example.org", body="((link))")
    assert words_for(a_message(cast)).subject == "One Bcc: two@example.org"


def test_a_line_whose_placeholder_has_no_value_is_left_out():
    assert fill("a\n\nring ((phone))\n\nb ((reference))", VALUES) == "a\n\nb TEST234"
    assert fill("((reference)) ((reference))", VALUES) == "TEST234 TEST234"


def test_the_link_is_the_one_that_the_site_answers(cast, settings):
    message = a_message(cast)
    assert link_to(message) == settings.SITE_URL + reverse("message_link", args=[message.id])


# ---- When the organisation that is asked answers again --------------------------------------------------------------

SATURDAY_NIGHT = datetime.datetime(2026, 11, 28, 22, tzinfo=LONDON)
MONDAY_NOON = datetime.datetime(2026, 11, 30, 12, tzinfo=LONDON)
OURS = "Your line is closed now. It opens Monday at 08:00."
THEIRS = "The organisation is closed now. It opens Monday at 08:00."
#: The messages that have a line for it.
SAY_WHEN = {
    Kind.HAND_OVER_OFFERED, Kind.HAND_OVER_CHASED, Kind.HAND_OVER_UNANSWERED, Kind.HAND_OVER_RING,
    Kind.HAND_OVER_ANSWERED, Kind.PASSED_ON,
}  # fmt: skip


@pytest.fixture
def nine_to_five(cast):
    """The hospital, with a line that is not answered at week-ends."""
    line = SupportLine.objects.create(
        slug="x", name="X", purpose="other", phone="01632 960 123", organisation=cast.hospital
    )
    for weekday in range(5):
        OpeningHours.objects.create(line=line, weekday=weekday, opens=datetime.time(8), closes=datetime.time(20))
    return cast.hospital


@pytest.mark.parametrize("kind", sorted(SAY_WHEN))
@pytest.mark.parametrize(("audience", "line"), [("receiving_organisation", OURS), ("referrer", THEIRS)])
def test_a_closed_organisation_is_said_to_open_next(cast, nine_to_five, kind, audience, line):
    message = a_message(cast, kind, about=nine_to_five, audience=audience)
    assert line in words_for(message, SATURDAY_NIGHT).body.splitlines()
    assert "closed" not in words_for(message, MONDAY_NOON).body


def test_messages_that_have_nothing_to_do_with_it_do_not_say_so(cast, nine_to_five):
    for kind in set(Kind) - SAY_WHEN:
        words = words_for(a_message(cast, kind, about=nine_to_five, audience="owner"), SATURDAY_NIGHT)
        assert "is closed now" not in words.body


def test_a_mailbox_and_a_person_are_told_of_their_own_line(cast, nine_to_five):
    first = Audience.FIRST_RESPONDER
    to_person = Message(kind=Kind.HAND_OVER_OFFERED, user=cast.nurse, audience=first)
    to_mailbox = Message(kind=Kind.HAND_OVER_OFFERED, organisation=nine_to_five, contact="mailbox", audience=first)
    for message in (to_person, to_mailbox):
        assert OURS in words_for(message, SATURDAY_NIGHT).body


def test_nothing_is_said_of_an_organisation_whose_hours_are_not_known(cast):
    message = a_message(cast, Kind.PASSED_ON, about=cast.council, audience="referrer")
    assert "closed" not in words_for(message, SATURDAY_NIGHT).body


@pytest.mark.parametrize("kind", sorted(SAY_WHEN))
def test_nothing_reads_as_if_somebody_stood_by_while_it_is_closed(cast, nine_to_five, kind):
    """Facts, 5.3: only the footer speaks of emergencies, and says that this is not the way."""
    message = a_message(cast, kind, about=nine_to_five, audience="referrer")
    body = words_for(message, SATURDAY_NIGHT).body.split("\n--\n")[0]
    assert not re.search(r"emergenc|out.of.hours|24.hours|24/7|urgent|999|on call", body, re.IGNORECASE)


def test_own_words_may_say_it_too(cast, nine_to_five):
    Wording(kind=Kind.PASSED_ON, subject="x", body="Asked. ((opening))\n((link))").full_clean()
    Wording.objects.create(kind=Kind.PASSED_ON, body="Asked.\n((opening))\n((link))")
    message = a_message(cast, Kind.PASSED_ON, about=nine_to_five, audience="referrer")
    assert THEIRS in words_for(message, SATURDAY_NIGHT).body
