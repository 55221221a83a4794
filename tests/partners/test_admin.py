"""The admin of organisations, people, messages and settings: who gets in, and what they can and cannot do there."""

import datetime

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from awareness.models import Figure, Inconsistency
from partners import accounts
from partners.models import (
    AccountChange,
    Agreement,
    Area,
    ClosedDay,
    Duty,
    Kind,
    Limit,
    Membership,
    Message,
    NotificationRule,
    Organisation,
    Partnership,
    State,
    SupportLine,
    User,
    Wording,
)
from partners.roles import Permission, Role
from tests.conftest import submit_one

MODELS = [
    Organisation,
    Area,
    Limit,
    Partnership,
    SupportLine,
    ClosedDay,
    NotificationRule,
    Wording,
    Duty,
    User,
    Membership,
    Message,
]
NO_ADMIN = ["officer", "lead", "responder", "viewer", "auditor"]


@pytest.fixture
def coordinator(cast, sign_in) -> Client:
    """The coordinator's browser."""
    return sign_in(Client(), cast.coordinator)


@pytest.fixture
def sysadmin(cast, sign_in) -> Client:
    """The administrator's browser."""
    return sign_in(Client(), cast.sysadmin)


def address(model, *parts) -> str:
    return "/".join(["", "admin", "partners", model._meta.model_name, *map(str, parts), ""])


def form_of(response) -> dict:
    """What a browser would post back from a change form that nobody touched."""
    data = {}
    forms = [
        response.context["adminform"].form,
        *(f for fs in response.context["inline_admin_formsets"] for f in fs.formset),
    ]
    forms += [fs.formset.management_form for fs in response.context["inline_admin_formsets"]]
    for form in forms:
        for bound in form:
            if (value := bound.value()) is not None and value is not False:
                data[bound.html_name] = value
    return data


# ---- Who gets in ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", NO_ADMIN)
@pytest.mark.parametrize(
    "path", ["", "partners/organisation/", "partners/user/", "referrals/referral/", "no/such/page/"]
)
def test_for_everybody_else_there_is_no_admin(cast, sign_in, who, path):
    client = sign_in(Client(), cast.people[who])
    assert client.get(f"/admin/{path}").status_code == 404


def test_a_stranger_is_sent_to_the_one_sign_in_page(db):
    response = Client().get("/admin/partners/organisation/", follow=True)
    chain = [url for url, _ in response.redirect_chain]
    assert chain[-1].startswith("/account/sign-in/")
    assert "next=/admin/partners/organisation/" in chain[-1]


def test_an_emailed_code_alone_does_not_open_it(cast, sign_in):
    client = sign_in(Client(), cast.coordinator, second_factor=False)
    assert client.get("/admin/").headers["Location"].startswith("/account/second-step/")


@pytest.mark.parametrize("who", ["coordinator", "sysadmin"])
@pytest.mark.parametrize("model", MODELS)
def test_coordinators_and_administrators_see_every_list_and_form(cast, sign_in, who, model):
    submit_one(cast.officer)
    Wording.objects.create(kind=Kind.RECEIPT, body="Thank you: ((reference))")
    SupportLine.objects.create(slug="line", name="Line", purpose="other", phone="01632 960 123")
    ClosedDay.objects.create(day=datetime.date(2026, 12, 24))
    now = timezone.now()
    Duty.objects.create(user=cast.coordinator, starts_at=now, ends_at=now + datetime.timedelta(hours=8))
    client = sign_in(Client(), cast.people[who])
    row = model._default_manager.first()
    assert client.get(address(model), follow=True).status_code == 200
    assert client.get(address(model, row.pk, "change")).status_code == 200
    assert client.get(address(model, row.pk, "history")).status_code == 200


@pytest.mark.parametrize("path", ["", "{id}/change/", "{id}/open/", "{id}/ask/", "{id}/take/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_administrator_finds_no_referral(cast, sysadmin, referral, path, method):
    response = getattr(sysadmin, method)("/admin/referrals/referral/" + path.format(id=referral.pk))
    assert response.status_code == 404


def test_the_first_page_shows_referrals_to_coordinators_only(cast, coordinator, sysadmin, referral):
    assert "Need me now" in coordinator.get("/admin/").content.decode()
    page = sysadmin.get("/admin/").content.decode()
    assert "Need me now" not in page
    assert "/admin/referrals/" not in page
    assert "Organisations" in page


def test_the_figures_of_the_first_page_lead_to_what_they_count(cast, coordinator):
    submit_one(cast.officer, priority="immediate")
    submit_one(cast.officer)
    response = coordinator.get("/admin/")
    for label, figure, url in [
        ("Need me now", 2, "/admin/referrals/referral/?show=now"),
        ("Immediate danger", 1, "/admin/referrals/referral/?priority=immediate"),
        ("Unread", 2, "/admin/referrals/referral/?status=unread"),
        ("Overdue", 0, "/admin/referrals/referral/?status=overdue"),
        ("All open", 2, "/admin/referrals/referral/"),
    ]:
        number = f'<span class="figures__number">{figure}</span>'
        expected = f'<a href="{url}">{number} <span class="figures__label">{label}</span></a>'
        assert expected in response.content.decode()
        assert coordinator.get(url).context["cl"].result_count == figure


def test_every_page_says_how_the_messages_stand(cast, coordinator, referral):
    assert "Oldest unsent message" in coordinator.get(address(Organisation)).content.decode()
    Message.objects.update(state=State.DEAD, last_error="recipient")
    page = coordinator.get(address(Wording)).content.decode()
    assert f"{Message.objects.count()} could not be delivered" in page


def test_packages_bring_no_pages_of_their_own():
    assert {model.__module__.split(".")[0] for model in admin.site._registry} == {"partners", "awareness", "referrals"}


def test_every_page_asks_the_role_table():
    for model_admin in admin.site._registry.values():
        assert isinstance(model_admin.view_permission, Permission)
        assert model_admin.get_actions(None) == {}
        inlines = model_admin.inlines
        assert all(isinstance(inline.view_permission, Permission) for inline in inlines)


def test_only_settings_can_be_removed_never_records():
    removable = {model for model, page in admin.site._registry.items() if page.delete_permission is not None}
    assert removable == {ClosedDay, Duty, Figure, Inconsistency, Wording}


@pytest.mark.parametrize(
    "model", [Organisation, Area, Limit, Partnership, SupportLine, NotificationRule, User, Membership, Message]
)
def test_a_record_has_no_address_to_delete_it(cast, coordinator, referral, model):
    SupportLine.objects.create(slug="line", name="Line", purpose="other", phone="01632 960 123")
    row = model._default_manager.first()
    assert coordinator.post(address(model, row.pk, "delete"), {"post": "yes"}).status_code == 404
    assert (
        coordinator.post(address(model), {"action": "delete_selected", "_selected_action": row.pk}).status_code != 500
    )
    assert model._default_manager.filter(pk=row.pk).exists()


# ---- Organisations and settings -------------------------------------------------------------------------------------


def test_an_organisation_is_added_with_its_standing(cast, coordinator):
    data = form_of(coordinator.get(address(Organisation, "add")))
    data |= {
        "name": "Test Housing Association",
        "slug": "test-housing",
        "kind": "housing",
        "email_domains": "housing.example.org,homes.example.org",
        "starts_on": "2026-01-01",
        "standings-0-kind": "section_52",
        "agreements-0-signed_on": "2026-01-02",
        "agreements-0-review_on": "2027-01-02",
    }
    response = coordinator.post(address(Organisation, "add"), data)
    assert response.status_code == 302, response.context["errors"]
    made = Organisation.objects.get(slug="test-housing")
    assert made.email_domains == ["housing.example.org", "homes.example.org"]
    assert made.has_standing("section_52", timezone.localdate())
    assert made.agreements.get().review_on == datetime.date(2027, 1, 2)


def test_an_organisation_ends_on_a_day(cast, coordinator):
    data = form_of(coordinator.get(address(Organisation, cast.hospital.pk, "change")))
    data |= {"ends_on": "2026-01-31", "successor": cast.council.pk, "read_what_hangs": "on"}
    assert coordinator.post(address(Organisation, cast.hospital.pk, "change"), data).status_code == 302
    cast.hospital.refresh_from_db()
    assert cast.hospital.ends_on == datetime.date(2026, 1, 31)
    page = coordinator.get(address(Organisation), {"in_force": "ended"})
    assert list(page.context["cl"].result_list) == [cast.hospital]
    assert "Ended 31 Jan 2026" in page.content.decode()


def test_a_last_day_before_the_first_is_refused_in_words(cast, coordinator):
    data = form_of(coordinator.get(address(Organisation, cast.hospital.pk, "change"))) | {"ends_on": "2001-01-01"}
    response = coordinator.post(address(Organisation, cast.hospital.pk, "change"), data)
    assert "The last day cannot be before the first." in response.content.decode()


def test_organisations_are_found_by_name_and_kind(cast, coordinator):
    assert list(coordinator.get(address(Organisation), {"q": "hosp"}).context["cl"].result_list) == [cast.hospital]
    by_kind = coordinator.get(address(Organisation), {"kind__exact": "district_council"})
    assert list(by_kind.context["cl"].result_list) == [cast.council]


def test_an_agreement_that_is_due_for_review_says_so(cast, coordinator):
    signed = datetime.date(2020, 1, 1)
    Agreement.objects.create(organisation=cast.council, signed_on=signed, review_on=datetime.date(2021, 1, 1))
    assert "Review overdue since 1 Jan 2021" in coordinator.get(address(Organisation)).content.decode()


def test_the_partnership_is_one_row_that_can_only_be_changed(cast, coordinator):
    Partnership.objects.all().delete()
    response = coordinator.get(address(Partnership))
    assert response.headers["Location"] == address(Partnership, 1, "change")
    data = form_of(coordinator.get(address(Partnership, 1, "change"))) | {"name": "Another county", "answer_days": 3}
    assert coordinator.post(address(Partnership, 1, "change"), data).status_code == 302
    assert (Partnership.current().name, Partnership.current().answer_days) == ("Another county", 3)
    assert coordinator.get(address(Partnership, "add")).status_code == 404


def test_an_organisation_that_opens_centres_needs_a_mailbox(cast, coordinator):
    change = address(Organisation, cast.council.pk, "change")
    data = form_of(coordinator.get(change)) | {"opens_reception_centre": "on", "nrm_name": "The Council of Test"}
    response = coordinator.post(change, data | {"role_mailbox": ""})
    assert "An organisation that opens reception centres needs a shared mailbox." in response.content.decode()
    assert coordinator.post(change, data).status_code == 302
    cast.council.refresh_from_db()
    assert (cast.council.opens_reception_centre, cast.council.name_in_nrm_form) == (True, "The Council of Test")


def test_only_coordinators_are_offered_for_the_duty_rota(cast, coordinator):
    field = coordinator.get(address(Duty, "add")).context["adminform"].form.fields["user"]
    assert set(field.queryset) == {cast.coordinator, cast.coordinator2}
    assert field.label_from_instance(cast.coordinator) == f"{cast.coordinator.full_name} ({cast.coordinator.email})"


def test_messages_are_read_and_never_written(cast, coordinator, referral):
    message = Message.objects.first()
    page = coordinator.get(address(Message)).content.decode()
    assert "Waiting to be sent" in page
    assert referral.reference in page
    assert coordinator.post(address(Message, message.pk, "change"), {"state": "sent"}).status_code == 404
    message.refresh_from_db()
    assert message.state == State.PENDING


# ---- People ---------------------------------------------------------------------------------------------------------


def test_the_accounts_show_who_is_what_and_where_with_few_queries(cast, coordinator, django_assert_max_num_queries):
    with django_assert_max_num_queries(15):
        page = coordinator.get(address(User)).content.decode()
    for user in cast.people.values():
        assert user.full_name in page
    assert "Frontline professional" in page


def test_accounts_are_filtered_by_role_and_searched_by_organisation_only(cast, coordinator):
    def found(**question) -> set:
        return set(coordinator.get(address(User), question).context["cl"].result_list)

    assert found(role="auditor") == {cast.auditor}
    accounts.end_membership(by=cast.sysadmin, membership=cast.nurse.membership)
    assert found(role="none") == {cast.nurse}
    assert cast.officer in found(q="council")
    assert found(q=cast.officer.full_name) == set()
    assert found(q=cast.officer.email) == set()


def test_an_invitation_makes_an_account_and_a_message(cast, coordinator):
    data = {
        "full_name": "New Colleague",
        "email": "new.colleague@hospital.example.org",
        "organisation": cast.hospital.pk,
        "role": "lead",
    }
    assert coordinator.post(address(User, "add"), data).status_code == 302
    user = User.objects.get(email="new.colleague@hospital.example.org")
    assert (user.role, user.organisation) == (Role.LEAD, cast.hospital)
    assert Message.objects.filter(user=user, kind=Kind.INVITATION).exists()


def test_an_invitation_to_a_strange_domain_is_refused_and_keeps_what_was_typed(cast, coordinator):
    data = {"full_name": "New", "email": "new@elsewhere.example.org", "organisation": cast.hospital.pk, "role": "lead"}
    response = coordinator.post(address(User, "add"), data)
    assert "The address must end with @hospital.example.org" in response.content.decode()
    assert response.context["form"]["full_name"].value() == "New"


def test_an_account_is_suspended_and_let_in_again(cast, coordinator):
    assert "can do nothing here" in coordinator.get(address(User, cast.nurse.pk, "do", "suspend")).content.decode()
    assert coordinator.post(address(User, cast.nurse.pk, "do", "suspend")).status_code == 302
    cast.nurse.refresh_from_db()
    assert not cast.nurse.is_active
    page = coordinator.get(address(User, cast.nurse.pk, "change")).content.decode()
    assert f"Account suspended by {cast.coordinator.full_name}" in page
    assert coordinator.post(address(User, cast.nurse.pk, "do", "restore")).status_code == 302
    cast.nurse.refresh_from_db()
    assert cast.nurse.is_active


def test_a_second_step_is_reset_after_a_page_that_says_to_ring_first(cast, coordinator):
    assert "Ring the person first" in coordinator.get(address(User, cast.lead.pk, "do", "reset")).content.decode()
    assert coordinator.post(address(User, cast.lead.pk, "do", "reset")).status_code == 302
    assert AccountChange.objects.get(user=cast.lead).act == "second_step_reset"


@pytest.mark.parametrize("act", ["suspend", "restore", "reset", "promote"])
def test_nobody_does_anything_to_their_own_account(cast, sysadmin, act):
    assert sysadmin.post(address(User, cast.sysadmin.pk, "do", act)).status_code == 404
    assert coordinator_role(cast.sysadmin) == Role.SYSADMIN


def coordinator_role(user: User) -> Role | None:
    return User.objects.get(pk=user.pk).role


def test_an_administrator_does_not_make_themselves_a_coordinator(cast, sysadmin):
    own = address(Membership, cast.sysadmin.membership.pk, "do", "role")
    response = sysadmin.post(own, {"role": "coordinator"})
    assert "Nobody can change this for themselves" in response.content.decode()
    assert coordinator_role(cast.sysadmin) == Role.SYSADMIN


def test_a_role_is_changed_by_a_new_membership(cast, coordinator):
    old = cast.nurse.membership
    assert coordinator.post(address(Membership, old.pk, "do", "role"), {"role": "lead"}).status_code == 302
    old.refresh_from_db()
    assert old.ended_by == cast.coordinator
    assert coordinator_role(cast.nurse) == Role.LEAD


def test_a_membership_ends_after_a_page_that_says_what_follows(cast, coordinator):
    end = address(Membership, cast.nurse.membership.pk, "do", "end")
    assert "signed out everywhere" in coordinator.get(end).content.decode()
    assert coordinator.post(end).status_code == 302
    assert coordinator_role(cast.nurse) is None
    assert coordinator.get(end).status_code == 404
    assert Membership.objects.filter(user=cast.nurse).count() == 1


def test_the_last_lead_of_an_organisation_ends_only_when_that_is_known(cast, coordinator):
    end = address(Membership, cast.lead.membership.pk, "do", "end")
    assert "Tick the box to confirm" in coordinator.post(end).content.decode()
    assert coordinator.post(end, {"last_lead": "on"}).status_code == 302
    assert coordinator_role(cast.lead) is None


def test_the_page_of_an_account_has_its_memberships_and_no_field_for_the_address(cast, coordinator):
    response = coordinator.get(address(User, cast.nurse.pk, "change"))
    assert "Hospital" in response.content.decode()
    data = form_of(response) | {"full_name": "Renamed", "email": "thief@elsewhere.example.org", "is_active": ""}
    assert coordinator.post(address(User, cast.nurse.pk, "change"), data).status_code == 302
    nurse = User.objects.get(pk=cast.nurse.pk)
    assert (nurse.full_name, nurse.email, nurse.is_active) == ("Renamed", cast.nurse.email, True)


def test_the_history_of_the_admin_names_nobody(cast, coordinator):
    change = address(User, cast.nurse.pk, "change")
    coordinator.post(change, form_of(coordinator.get(change)) | {"full_name": "Renamed"})
    entry = LogEntry.objects.get()
    assert entry.object_repr == f"Account {cast.nurse.pk}"
    assert "Renamed" not in entry.change_message


def test_the_title_of_a_page_names_nobody(cast, coordinator):
    page = coordinator.get(address(User, cast.nurse.pk, "change")).content.decode()
    title = page[page.index("<title>") : page.index("</title>")]
    assert cast.nurse.full_name not in title
    assert cast.nurse.email not in title
