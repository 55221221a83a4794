"""The measurements measure what they say. How fast anything is, is no matter of a test: `make bench` tells."""

import pytest

from bench import queries
from bench.fields import pages_of
from bench.report import quantile, spread
from bench.sample import add_referrals
from bench.sites import intake_forms, limit_app
from bench.walk import ANSWERS, replay, replay_pages
from partners.models import Area
from referrals.forms.steps import STEPS
from referrals.models import Referral, ReferralSecret
from tests.conftest import LONG_AGO


@pytest.fixture
def district(cast):
    return Area.objects.create(code=ANSWERS["found"]["district"], name="Dacorum", starts_on=LONG_AGO)


def test_the_limit_app_has_every_field_of_the_intake(cast):
    forms = intake_forms()
    asked = {step: [told["name"] for told in fields] for step, fields in pages_of(forms).items()}
    assert list(asked) == [step.key for step in STEPS]
    assert asked == {step: [f"{step}-{name}" for name in form.control_names()] for step, form in forms.items()}


def test_the_limit_app_takes_the_answers_of_a_whole_referral(district, process_environment, monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", process_environment()["DATABASE_URL"])
    monkeypatch.setenv("BENCH_SCRATCH", str(tmp_path))
    with limit_app(["somebody"]) as (_, [browser]):
        form = browser.get("/form/").text
        assert all(f'name="{told["name"]}"' in form for told in pages_of(intake_forms())["contact"])
        replay(browser, "GPGP")
        replay_pages(browser, list(ANSWERS))
        browser.get("/form/")
        refused = browser.post("/form/", {"age-age_group": "forged"})
        assert refused.status == 200
        assert "forged is not one of the available choices" in refused.text


def test_no_page_of_the_intake_needs_more_than_its_queries(cast):
    counted = queries.count_steps(cast.officer)
    pages = {what for what in counted.queries if queries.SENDING not in what}
    assert {f"{method} {step.key}" for method in ("GET", "POST") for step in STEPS} <= pages
    assert max(counted.queries[what] for what in pages) <= queries.MOST_A_STEP


def test_the_coordinators_pages_need_no_more_queries_with_more_referrals(cast):
    counts = []
    for more in (10, 30):
        add_referrals(more)
        counts.append(queries.count_pages(cast.officer, cast.coordinator).queries)
    assert counts[0] == counts[1]
    assert counts[0]["GET the admin's list"] <= queries.MOST_LIST
    assert max(count for what, count in counts[0].items() if "a referral's page" in what) <= queries.MOST_PAGE


def test_referrals_in_bulk_are_whole_referrals(cast):
    add_referrals(5)
    assert Referral.objects.count() == ReferralSecret.objects.count() == 5
    assert all(row.secret.take_out()["person"]["given_names"] == "Testina" for row in Referral.objects.all())


def test_figures_tell_median_and_spread():
    assert spread([3.0, 1.0, 2.0]) == "2 (1–3)"
    assert quantile(range(100), 0.99) == 99
