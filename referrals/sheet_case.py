"""The answer sheet of one case: opened for a person, with the record of that, and laid out by `nrm_form`."""

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from partners.models import User
from referrals.disclose import open_sheet
from referrals.models import NrmCase
from referrals.nrm_form import Answers, Branch, Case, FirstResponder, Sheet, Unresolved, may_copy, sheet, unresolved
from referrals.workflow import newest_consents

#: The whole system counts its days in England (partners/hours.py); a first responder elsewhere corrects it.
NATION = "england"


@dataclass(frozen=True)
class OpenSheet:
    """A case whose sealed parts are open, and what its first responder has answered and judged so far."""

    nrm: NrmCase
    case: Case = field(repr=False)
    given: Answers = field(repr=False)
    resolved: frozenset[str] = frozenset()
    home_office_reference: str = field(default="", repr=False)
    #: ISO dates by key: since when the case says otherwise than an answer that the first responder gave before.
    amended: dict[str, str] = field(default_factory=dict)

    @cached_property
    def sheet(self) -> Sheet:
        """The pages of the form that this case leads through."""
        return sheet(self.case, self.given)

    @cached_property
    def hits(self) -> list[Unresolved]:
        """Words of a duty to notify that may identify the person, judged or not."""
        return unresolved(self.sheet, ())

    @cached_property
    def waiting(self) -> list[Unresolved]:
        """The hits that nobody has judged."""
        return [hit for hit in self.hits if hit.mark not in self.resolved]

    @cached_property
    def may_copy(self) -> bool:
        """Whether the sheet may leave this system: copied, printed, as a PDF."""
        return may_copy(self.sheet, self.resolved)

    @property
    def reference(self) -> str:
        """The case reference."""
        return self.case.reference


def find_nrm(referral_id: UUID, *, by: User) -> NrmCase:
    """Return the NRM case whose sheet `by` may open, closed, with all that a sheet needs, in one query.

    Raises NrmCase.DoesNotExist.
    """
    rows = NrmCase.objects.visible_to(by).select_related(
        "referral__secret", "referral__location", "referral__district", "first_responder", "organisation"
    )
    return rows.get(pk=referral_id)


def open_case(nrm: NrmCase, *, by: User) -> OpenSheet:
    """Open the sheet of `nrm` for `by` and record it. Raises `partners.sealing.CannotOpen`; nothing was seen then."""
    secret, location, kept = open_sheet(nrm, by=by)
    referral = nrm.referral
    case = Case(
        branch=Branch(nrm.branch),
        reference=referral.reference,
        age_group=referral.age_group,
        secret=secret,
        location=location,
        exploitation=referral.exploitation,
        indicators=referral.indicators,
        consents=newest_consents(referral),
        organisation=nrm.organisation.nrm_name or nrm.organisation.name,
        district=referral.district.name if referral.district else "",
        nation=NATION,
        first_responder=_responder(nrm),
    )
    given, resolved = kept.get("given", {}), kept.get("resolved", [])
    number, amended = kept.get("home_office_reference", ""), kept.get("amended", {})
    return OpenSheet(nrm, case, given, frozenset(resolved), number, amended)


def kept_marks(opened: OpenSheet, chosen: Collection[str]) -> list[str]:
    """Return the marks in `chosen` that belong to a hit on the sheet as it stands; forged and outdated ones go."""
    return sorted({hit.mark for hit in opened.hits} & set(chosen))


def _responder(nrm: NrmCase) -> FirstResponder:
    """Return the named first responder; the shared mailbox of the organisation stands in for them."""
    person = nrm.first_responder
    first, _, last = person.full_name.strip().rpartition(" ")
    return FirstResponder(first, last, person.job_title, person.phone, person.email, nrm.organisation.role_mailbox)
