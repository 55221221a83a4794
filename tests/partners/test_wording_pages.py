"""Wording in the admin: staff write the words of a message, see it exactly as it leaves, and get the standard words
back; what they write is text with a few fixed placeholders and never a template."""

import re

import pytest
from django.test import Client

from partners.delivery import drain
from partners.models import Channel, ConfigurationChange, Kind, Message, NotificationRule, Partnership, State, Wording
from partners.roles import Role
from partners.sms_parts import parts_of
from partners.wording import sample_of, standard_words
from partners.wording_rules import check_body, check_subject
from tests.conftest import submit_one
from tests.partners.settings_pages import address, form_of, save

ADD = address(Wording, "add")
BODY = "Thank you, it is here.\n\nKeep ((reference)).\n\nGo on: ((link))\n\nRing ((phone)) if it is urgent."


@pytest.fixture
def coordinator(cast, sign_in) -> Client:
    return sign_in(Client(), cast.coordinator)


def a_form(**changes) -> dict[str, str]:
    return {"kind": "receipt", "channel": "email", "subject": "Here: ((reference))", "body": BODY} | changes


def letter(page: str) -> str:
    found = re.search(r'<pre class="letter[^>]*>(.*?)</pre>', page, re.DOTALL)
    assert found
    return found[1]


def test_every_message_is_listed_with_the_words_it_leaves_with(coordinator, django_assert_max_num_queries):
    Wording.objects.create(kind=Kind.RECEIPT, subject="Ours ((reference))", body="((link))")
    NotificationRule.objects.create(kind=Kind.HEARTBEAT, audience="owner", channel=Channel.SMS)
    with django_assert_max_num_queries(15):
        page = coordinator.get(address(Wording)).content.decode()
    assert page.count('class="settings-list__row"') == len(Kind) + 3
    assert page.count("Your own words") == 1
    assert "E-mail: Ours K7P-4TX-9WM" in page
    assert "kind=heartbeat&amp;channel=sms" in page


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("channel", Channel)
def test_one_starts_from_the_standard_words_and_they_may_stay_as_they_are(coordinator, kind, channel):
    page = coordinator.get(ADD, {"kind": kind, "channel": channel})
    form = form_of(page)
    standard = standard_words(kind, channel)
    assert (form["subject"], form["body"]) == (standard.subject, standard.body)
    response = coordinator.post(f"{ADD}?kind={kind}&channel={channel}", form | {"_preview": "1"})
    assert "Nothing is saved yet" in response.content.decode(), response.context["errors"]


def test_the_preview_is_the_mail_as_it_leaves(cast, coordinator, sink, settings):
    Partnership.objects.update(phone="01632 960000")
    response = coordinator.post(ADD, a_form(_preview="1"))
    page = response.content.decode()
    assert not Wording.objects.exists()
    assert settings.DEFAULT_FROM_EMAIL.split("<")[0].strip() in page
    assert "Here: K7P-4TX-9WM" in page
    previewed = letter(page)

    assert coordinator.post(ADD, a_form(_save="1")).status_code == 302
    referral = submit_one(cast.officer)
    Message.objects.exclude(kind=Kind.RECEIPT).update(state=State.CANCELLED)
    drain()
    mail = sink.received[0].message
    assert mail["Subject"] == f"Here: {referral.reference}"

    def plain(text: str) -> str:
        return re.sub(r"/m/[0-9a-f-]{36}/", "/m/ID/", text).replace(referral.reference, "K7P-4TX-9WM").split()

    assert plain(mail.get_content()) == plain(previewed.replace("&#x27;", "'"))


def test_back_to_the_standard_words_with_one_act_and_the_history_keeps_ours(cast, coordinator):
    coordinator.post(ADD, a_form(_save="1"))
    own = Wording.objects.get()
    page = coordinator.get(address(Wording, own.pk, "change")).content.decode()
    assert "As it is now" in page
    assert "Back to the standard words" in page
    confirm = coordinator.get(address(Wording, own.pk, "delete")).content.decode()
    assert "We have your referral: K7P-4TX-9WM" in confirm
    assert coordinator.post(address(Wording, own.pk, "delete"), {"post": "yes"}).status_code == 302
    assert not Wording.objects.exists()
    removed, added = ConfigurationChange.objects.order_by("-at")
    assert (added.act, removed.act, removed.by) == ("added", "removed", cast.coordinator)
    assert ["Body", BODY, ""] in [
        [what, before.replace("\r\n", "\n"), after] for what, before, after in removed.changes
    ]


def test_a_change_of_words_keeps_old_and_new(coordinator):
    coordinator.post(ADD, a_form(_save="1"))
    own = Wording.objects.get()
    save(coordinator, own, subject="Got it", _save="1")
    assert ConfigurationChange.objects.first().changes == [["Subject", "Here: ((reference))", "Got it"]]
    page = coordinator.get(address(Wording, own.pk, "history")).content.decode()
    assert "Here: ((reference))" in page
    assert "Got it" in page


BAD = [
    ({"body": "Dear ((name)) ((link))"}, "((name)) is not known"),
    ({"body": "Dear ((name)) ((link))"}, "Nobody&#x27;s name ever stands in a message."),
    ({"body": "((unknown)) ((link))"}, "((unknown)) is not known"),
    ({"body": "(( link ))"}, "(( link )) is not known"),
    ({"body": "((link)) (("}, "There is (( without ))"),
    ({"body": "((lin\nk))"}, "There is (( without ))"),
    ({"body": "((((link))))"}, "is not known"),
    ({"body": "Thank you."}, "Put ((link)) where"),
    ({"body": "((link)) and ((link))"}, "Use ((link)) once"),
    ({"body": "Ring ((phone)) or ((link))"}, "Give ((link)) a line of its own"),
    ({"body": "((link)) " + "x" * 10_000}, "at most 2000 characters"),
    ({"body": "((link)) \x07"}, "cannot be seen (U+0007)"),
    ({"body": "((link)) \u202e"}, "cannot be seen (U+202E)"),
    ({"body": "((link)) \x00"}, "Null characters are not allowed"),
    ({"body": ""}, "This field is required"),
    ({"subject": "One\r\nBcc: thief@example.org"}, "in one line"),
    ({"subject": "One\nBcc: thief@example.org"}, "in one line"),
    ({"subject": "Go to ((link))"}, "((link)) cannot stand here"),
    ({"subject": "((phone))"}, "((phone)) cannot stand here"),
    ({"subject": "Dear ((full_name))"}, "((full_name)) is not known"),
    ({"subject": "x" * 121}, "at most 120 characters"),
    ({"kind": "no_such"}, "not one of the available choices"),
    ({"channel": "fax"}, "not one of the available choices"),
    ({"channel": "sms", "body": "((link)) " + "x" * 460}, "Send 3 at most."),
    ({"channel": "sms", "body": "Hi ((name)) ((link))"}, "((name)) is not known"),
    ({"channel": "sms", "body": "((link)) ŵ" + "x" * 200}, "4 text messages"),
]


@pytest.mark.parametrize(("changes", "words"), BAD)
@pytest.mark.parametrize("button", ["_preview", "_save"])
def test_what_cannot_leave_is_refused_in_words_and_stays_on_the_form(coordinator, changes, words, button):
    response = coordinator.post(ADD, a_form(**changes) | {button: "1"})
    page = response.content.decode()
    assert response.status_code == 200
    assert words in page
    assert "Nothing is saved yet" not in page
    assert not Wording.objects.exists()
    assert not ConfigurationChange.objects.exists()
    for name, typed in changes.items():
        assert response.context["adminform"].form[name].value() == typed


@pytest.mark.parametrize(
    "text",
    [
        "{{ settings.SECRET_KEY }}",
        "{% debug %}",
        "{% include 'base.html' %}",
        "<script>alert(1)</script>",
        "{0.__class__} %(link)s ${link}",
    ],
)
def test_it_is_text_and_never_a_template(coordinator, settings, text):
    response = coordinator.post(ADD, a_form(body=f"{text}\n((link))", subject=text, _preview="1"))
    page = response.content.decode()
    assert "Nothing is saved yet" in page
    escaped = text.replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#x27;")
    assert letter(page).startswith(escaped)
    assert "<script>alert(1)" not in page
    assert settings.SECRET_KEY not in page
    assert coordinator.post(ADD, a_form(body=f"{text}\n((link))", _save="1")).status_code == 302
    assert sample_of(Wording.objects.get()).body.startswith(text)


@pytest.mark.parametrize(
    ("text", "characters", "count", "unusual"),
    [
        ("", 0, 1, ""),
        ("a" * 160, 160, 1, ""),
        ("a" * 161, 161, 2, ""),
        ("a" * 306, 306, 2, ""),
        ("a" * 307, 307, 3, ""),
        ("€" * 80, 160, 1, ""),
        ("€" * 81, 162, 2, ""),
        ("a" * 152 + "€" + "a" * 152, 306, 3, ""),  # a part never ends within a character that counts twice
        ("ŵ" * 70, 70, 1, "ŵ"),
        ("ŵ" + "a" * 70, 71, 2, "ŵ"),
        ("“a”", 3, 1, "“”"),
        ("😀" * 35, 70, 1, "😀"),
        ("😀" * 36, 72, 2, "😀"),
        ("a\nb", 3, 1, ""),
    ],
)
def test_the_parts_of_a_text_message_are_counted_as_networks_do(text, characters, count, unusual):
    parts = parts_of(text)
    assert (parts.characters, parts.count, parts.unusual) == (characters, count, unusual)


def test_a_text_message_is_previewed_with_its_parts_and_has_no_subject(coordinator):
    form = a_form(channel="sms", subject="Left over", body="Ŵaymark: ((link))")
    page = coordinator.post(f"{ADD}?kind=receipt&channel=sms", form | {"_preview": "1"}).content.decode()
    assert re.search(r"\d+ characters: 1 text message\.|\d+ characters: 2 text messages\.", page)
    assert "Because of <bdi>Ŵ</bdi>" in page
    assert "Subject</dt>" not in page
    assert coordinator.post(ADD, form | {"_save": "1"}).status_code == 302
    assert Wording.objects.get().subject == ""


def test_two_people_who_write_the_same_message_do_not_make_two(coordinator):
    Wording.objects.create(kind=Kind.RECEIPT, body="((link))")
    response = coordinator.post(f"{ADD}?kind=receipt&channel=email", a_form(_save="1"))
    assert "already exists" in response.content.decode()
    assert Wording.objects.get().body == "((link))"


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.COORDINATOR, Role.SYSADMIN}))
def test_nobody_else_writes_them(cast, sign_in, role):
    who = {user.role: user for user in cast.people.values()}[role]
    assert sign_in(Client(), who).post(ADD, a_form()).status_code == 404
    assert sign_in(Client(), who).get(address(Wording)).status_code == 404


@pytest.mark.parametrize("kind", Kind)
def test_the_standard_words_keep_the_rules_that_staff_have_to_keep(kind):
    for channel in Channel:
        words = standard_words(kind, channel)
        check_body(words.body)
        check_subject(words.subject)
