"""Forms that somebody filled in: answers of an invented adult and an invented child, and how a browser posts them."""

from typing import Any

from referrals import drafts
from referrals.forms.steps import BY_KEY
from referrals.models import Draft

ADULT: dict[str, dict[str, Any]] = {
    "danger": {"immediate_danger": "no"},
    "age": {"age_group": "adult", "rough_age": "early twenties"},
    "person": {
        "given_names": "Zebulina",
        "family_name": "Testperson",
        "known_as": "Quokkaman",
        "date_of_birth": "1999-03-27",
        "gender": "female",
        "nationality": "Ruritanian",
    },
    "exploited_as_child": {"exploited_as_child": "no"},
    "found": {
        "district": "northtown",
        "found_address": "The car wash by the canal",
        "found_on": "2026-01-20",
        "people_met": "2",
    },
    "setting": {"setting": "car_wash"},
    "signs": {"themes": ["control", "work"]},
    "signs_control": {"indicators": ["G03", "G05"]},
    "signs_work": {"indicators": ["G26"]},
    "account": {"what_was_seen": "A man answered for her.", "what_was_said": "“I must ask him first.”"},
    "exploitation": {"kinds": ["forced-to-work", "other"], "exploitation_other": "Told to marry"},
    "risk": {"still_in_it": "no", "still_at_risk": "not_known"},
    "consent": {"nrm": "not_asked", "beacon": "given", "msvcc": "not_asked", "police": "wants_time", "capacity": "no"},
    "consent_details": {
        "explained_by": "me",
        "explained_on": "2026-01-21",
        "explained_language": "English",
        "interpreter": "none_needed",
        "privacy_notice_given": "yes",
    },
    "contact": {
        "channels": ["phone", "post"],
        "phone_number": "07700 900123",
        "phone_voicemail": "no",
        "post_address": "Care of the day centre",
        "safe_times": "Mornings",
    },
    "where_now": {"whereabouts": "temporary", "address": "Flat 9, Canary Wharf", "postcode": "ZZ9 9ZZ"},
    "communication": {"interpreter_needed": "yes", "language": "Ruritanian", "interpreter_gender": "woman"},
    "dependants": {"has_dependants": "yes", "dependants_details": "One child, 4, with her sister"},
    "do_not_share": {
        "keep_from": "yes",
        "organisations": ["hospital"],
        "why": "The man who drives her has a brother on the ward",
    },
    "referrer": {
        "referrer_phone": "01632 960201",
        "referrer_job_title": "Housing officer",
        "standin_name": "Stan Din",
        "standin_email": "stan.din@council.example.org",
    },
}

CHILD = {key: given for key, given in ADULT.items() if key not in ("exploited_as_child", "consent", "signs_work")} | {
    "age": {"age_group": "child", "rough_age": "14"},
    "person": {"given_names": "Zebulon", "date_of_birth": "2012-05-01"},
    "children_services": {"contacted": "yes", "council_name": "Testshire", "contacted_on": "2026-01-20"},
    "signs": {"themes": ["control", "child"]},
    "signs_child": {"indicators": ["CH05", "CH11"]},
    "childs_wishes": {"wishes": "To go to school", "beacon": "given"},
}


def as_posted(key: str, given: dict[str, Any]) -> dict[str, Any]:
    """What a browser posts for the answers `given` of the step `key`."""
    posted = {}
    for name, value in given.items():
        if hasattr(BY_KEY[key].form.base_fields[name].widget, "widgets_names"):
            year, month, day = value.split("-")
            posted |= {f"{name}_day": day, f"{name}_month": month, f"{name}_year": year}
        else:
            posted[name] = value
    return posted


def fill(draft: Draft, answers: dict[str, dict[str, Any]]) -> drafts.Content:
    """Put `answers` into a draft as if each page had been saved once; return its content."""
    content = drafts.read(draft)
    for key, given in answers.items():
        page = drafts.find(draft_id=draft.pk, by=draft.user, locked=False)
        drafts.save_answers(
            draft=page, content=content, step=key, given=given, typed={}, version=content.version(key), by=draft.user
        )
    draft.refresh_from_db()
    return content
