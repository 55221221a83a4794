"""What the pages of a draft say when it is typed in from paper: whose sheet it is, and when it was filled in."""

from typing import Any

from django.http import HttpRequest

from partners.formfields import in_words
from partners.models import Organisation, User
from referrals import drafts
from referrals.forms.paper import Sheet
from referrals.models import Draft


def sheet_of(content: drafts.Content) -> Sheet:
    """Return where the sheet of a draft that is typed in from paper comes from."""
    return Sheet(**content.paper)


def paper_note(draft: Draft, content: drafts.Content) -> dict[str, Any] | None:
    """Return the words of `referrals/paper_note.html`, None for a draft that is no sheet of paper."""
    if not draft.from_paper:
        return None
    sheet = sheet_of(content)
    return {
        "organisation": Organisation.objects.get(pk=sheet.organisation),
        "met_by": sheet.met_by,
        "filled": in_words(sheet.filled),
        "received": in_words(sheet.received),
        "draft": draft,
    }


def who_met_them(request: HttpRequest, draft: Draft, content: drafts.Content) -> User | None:
    """Return whose phone number and job title the form may offer: of a sheet of paper never the coordinator's."""
    if not draft.from_paper:
        return request.user
    account = sheet_of(content).account
    return User.objects.filter(pk=account).first() if account else None
