"""What figures are counted by: complete lists of exclusive groups, so that the same rows always stand, zeros too.

Groups, because the intake's lists are longer than a county's numbers can bear: every row more makes more cells that are
under five (facts, 5.5 B and 6). Nationality is sealed and is not counted at all.
"""

from collections.abc import Iterable

from partners.models import Area
from referrals.codes import AGE_GROUPS, NOT_KNOWN
from referrals.handover_states import DECLINE_LABELS, DeclineReason
from referrals.pathways import PATHWAY_LABELS
from referrals.periods import Period
from referrals.published import Category
from referrals.statuses import OUTCOME_LABELS

NOT_SAID, SEVERAL = "not_said", "several"

#: Group of exploitation: its words, and the boxes of the intake that belong to it (facts, 2.8).
EXPLOITATION_GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "labour": ("Labour exploitation", ("forced-to-work", "wages-taken")),
    "sexual": ("Sexual exploitation", ("prostitution", "child-exploitation", "taken-somewhere")),
    "criminal": ("Criminal exploitation", ("forced-to-commit-crime", "forced-to-commit-fraud")),
    "domestic": ("Domestic servitude", ("unpaid-household-work",)),
    "other": ("Other exploitation", ("organs-removed", "other")),
}
EXPLOITATION = (
    *(Category(code, label) for code, (label, _) in EXPLOITATION_GROUPS.items()),
    Category(SEVERAL, "More than one kind"),
    Category(NOT_SAID, "Not said"),
)

#: Group of settings: its words, and the settings that belong to it.
SETTING_GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "home": ("Private homes", ("home",)),
    "food": ("Farms, food and restaurants", ("farm", "restaurant")),
    "building": ("Building sites, factories and warehouses", ("construction", "factory")),
    "services": ("Car washes, nail bars and cleaning", ("car_wash", "nail_bar", "cleaning")),
    "lodging": ("Hotels, hostels and holiday lets", ("hotel", "hostel")),
    "illegal": ("Places where sex or drugs are sold", ("brothel", "cannabis")),
    "public": ("Health, care, schools and custody", ("health", "care", "school", "custody")),
    "street": ("Street, transport and online", ("street", "online")),
    "other": ("Somewhere else", ("other",)),
    NOT_KNOWN: ("Not known", (NOT_KNOWN,)),
}
SETTING = tuple(Category(code, label) for code, (label, _) in SETTING_GROUPS.items())

AGE_GROUP = tuple(Category(code, label) for code, label in AGE_GROUPS)
PATHWAY = tuple(Category(code.value, label) for code, label in PATHWAY_LABELS.items())
OUTCOME = tuple(Category(code.value, label) for code, label in OUTCOME_LABELS.items())
DECLINE_REASON = tuple(Category(code.value, label) for code, label in DECLINE_LABELS.items())

#: Of the reasons to decline, those that say that the county has nobody for it. Danger and "another reason" do not.
WANTING = (
    DeclineReason.NO_CAPACITY,
    DeclineReason.NOT_OUR_AREA,
    DeclineReason.NOT_OUR_REMIT,
    DeclineReason.THRESHOLD,
    DeclineReason.CANNOT_REACH,
)

ELSEWHERE = Category("elsewhere", "Outside the county, or not known")


class Districts:
    """The districts there are on the last day of a period, and which of them a district that has ended became.

    Figures of a year in which councils were merged are shown by the councils of its end.
    """

    def __init__(self, period: Period, areas: Iterable[Area]) -> None:
        """`areas`: all there ever were."""
        known = {area.pk: area for area in areas}
        districts = [area for area in known.values() if area.kind == Area.Kind.DISTRICT]
        there = [area for area in districts if area.is_in_force(period.ends)]
        self.categories = (*(Category(area.code, area.name) for area in there), ELSEWHERE)
        self._now = {area.code: self._follow(area, known, period) for area in known.values()}

    def now(self, code: str) -> str:
        """Return the code of the category in which a referral from the district `code` is counted."""
        return self._now.get(code, ELSEWHERE.code)

    @staticmethod
    def _follow(area: Area, known: dict[int, Area], period: Period) -> str:
        seen: set[int] = set()
        while not area.is_in_force(period.ends) and area.successor_id in known and area.pk not in seen:
            seen.add(area.pk)
            area = known[area.successor_id]
        return area.code if area.kind == Area.Kind.DISTRICT and area.is_in_force(period.ends) else ELSEWHERE.code
