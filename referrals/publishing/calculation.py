"""A period as it may be published, for the partnership and each organisation, from the book of true counts."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from partners.models import Area, Partnership
from referrals.disclosure.cells import ALL, Cells, Key
from referrals.disclosure.known import Known
from referrals.disclosure.protecting import Method
from referrals.disclosure.rules import STANDARD, STRICT, Rule
from referrals.models import Publication
from referrals.periods import Kind, Period
from referrals.published import Count, Counted, Figures, Scope
from referrals.publishing.ledger import Ledger
from referrals.publishing.shape import Printed, by_month
from referrals.publishing.tables import OF_AN_ORGANISATION, TOTAL, TrueTable, true_tables
from referrals.publishing.web import Place, Web, known_from_json
from referrals.statistics.categories import Districts
from referrals.statistics.counts import Counts

RULES = {rule.hide_below: rule for rule in (STANDARD, STRICT)}

#: What readers know of the cells of each family.
KnownByFamily = dict[str, dict[Key, Known]]
Webs = dict[str, Web]
#: A period, and the id of an organisation or None for the partnership.
Whose = tuple[Period, int | None]


@dataclass(frozen=True)
class Result:
    """The figures of a period for one scope, and what a reader of them knows."""

    period: Period
    organisation_id: int | None
    figures: Figures
    known: KnownByFamily


def rule_in_force() -> Rule:
    """Return the rule that the partnership has chosen."""
    return RULES[Partnership.current().figures_hide_below]


@dataclass
class Calculation:
    """Works out what may be shown of periods, one after the other: parts before what they are parts of.

    What it has worked out itself stands before what is in the database, so that a correction goes on from itself.
    """

    ledger: Ledger
    rule: Rule
    results: dict[Whose, Result] = field(default_factory=dict)
    _published: dict[Whose, KnownByFamily] = field(default_factory=dict)
    _true: dict[Whose, list[TrueTable]] = field(default_factory=dict)

    def work_out(self, period: Period, *, organisations: bool = True) -> list[Result]:
        """Return what may be published of `period`: the partnership's first, then each organisation's.

        Raises ProtectionFailed rather than showing what could be undone; CountsDisagree.
        """
        webs: Webs = {}
        self._hang_parts(webs, (period, None))
        ours = [self._protect(webs, (period, None))]
        if organisations and (whose := self._organisations(period)):
            beside = self._beside_organisations(period)
            for one in whose:
                mine = {family: web.copy() for family, web in beside.items()}
                self._hang_parts(mine, (period, one))
                ours.append(self._protect(mine, (period, one)))
        return ours

    def _beside_organisations(self, period: Period) -> Webs:
        """Return what of the partnership's figures an organisation has too: its lists. Their cells are linked with no
        other of the partnership's but through totals, which stay as they are published."""
        webs: Webs = {}
        self._hang_parts(webs, (period, None), only=OF_AN_ORGANISATION)
        self._hang_published(webs, (period, None), OF_AN_ORGANISATION)
        return webs

    def _organisations(self, period: Period) -> list[int]:
        """The organisations that referred or received anything in a quarter or a year."""
        if period.kind is Kind.MONTH:
            return []
        counted = self.ledger.of(period)
        return sorted(whose for whose, counts in counted.items() if whose is not None and counts.has_anything)

    def _protect(self, webs: Webs, whose: Whose) -> Result:
        period, place = whose[0], _place(whose)
        before, printed = self._hidden_before(whose), {}
        for table in self._tables(whose):
            web, cells = webs.setdefault(table.family, Web(self.rule)), table.cells()
            again = [key for key in cells.counts if (*place, key) in web.known]
            self._hang(web, whose, table)
            keep = [key for key in cells.counts if (table.family, key) in before and key not in again]
            if whose[1] is not None and 0 < cells.counts[ALL] < self.rule.hide_below:
                web.withhold(place, cells)
                printed[table.key] = Printed.of_nothing(table, cells, self.rule)
                continue
            method = Method.HIDING if table.is_step or not table.dimensions else None
            done = web.protect(place, again=again, keep_hidden=keep, method=method)
            printed[table.key] = Printed.of(table, done, len(place))
        known = {family: web.known_at(place) for family, web in webs.items()}
        figures = self._figures(whose, printed)
        result = Result(period, whose[1], figures, {family: cells for family, cells in known.items() if cells})
        self.results[whose] = result
        return result

    def _figures(self, whose: Whose, printed: Mapping[str, Printed]) -> Figures:
        period, organisation = whose
        tables = [one.as_table() for key, one in printed.items() if not one.table.is_step and key != TOTAL]
        if period.kind is Kind.MONTH:
            tables = [printed[TOTAL].as_table()]
        elif organisation is None:
            tables.insert(0, by_month(printed[TOTAL], self._months(period)))
        medians, words = self.ledger.medians(period).get(organisation, Counts()).medians, self.ledger.targets.words
        timings = [
            one.as_timing(words[key], medians.get(key), self.rule) for key, one in printed.items() if one.table.is_step
        ]
        scope = _scope(organisation)
        return Figures(period.slug, scope, self.rule.hide_below, self.rule.percent_base, tuple(tables), tuple(timings))

    def _months(self, period: Period) -> Iterator[tuple[Period, Count]]:
        """The months of a period that are published, with their totals as they are shown."""
        for month in period.months():
            known = self._known((month, None)).get(Counted.REFERRAL, {}).get(ALL)
            if known is not None:
                yield month, known.least if known.exact else None

    def _hang_parts(self, webs: Webs, whose: Whose, only: Collection[str] = ()) -> None:
        """Hang everything that is published of the parts of a period, and of their parts, into the webs."""
        for part in whose[0].parts():
            self._hang_parts(webs, (part, whose[1]), only)
            self._hang_published(webs, (part, whose[1]), only)

    def _hang_published(self, webs: Webs, whose: Whose, only: Collection[str] = ()) -> None:
        """Hang what is published of a period; `only` tables of these keys, where there are any."""
        for table in self._published_tables(whose):
            if not only or table.key in only:
                known = self._known(whose).get(table.family, {})
                self._hang(webs.setdefault(table.family, Web(self.rule)), whose, table, known)

    def _hang(self, web: Web, whose: Whose, table: TrueTable, known: Mapping[Key, Known] | None = None) -> None:
        """Hang one table: with its parts in time, and for an organisation with what all the others have."""
        (period, organisation), place, cells = whose, _place(whose), table.cells()
        web.add(place, cells, known)
        districts = Districts(period, self._areas)

        def now(key: Key) -> Key:
            is_district = isinstance(key, tuple) and key[0] == "district"
            return ("district", districts.now(key[1])) if is_district else key

        web.add_up(place, cells, self._parts(whose, table), now)
        if organisation is not None:
            web.take_out(_place((period, None)), place, (period.slug, f"all but {organisation}"), cells)

    def _parts(self, whose: Whose, table: TrueTable) -> Iterator[tuple[Place, Cells]]:
        """The same table of each part of the period that is published."""
        for part in whose[0].parts():
            for one in self._published_tables((part, whose[1])):
                if one.key == table.key:
                    yield _place((part, whose[1])), one.cells()

    def _published_tables(self, whose: Whose) -> list[TrueTable]:
        return self._tables(whose) if self._known(whose) else []

    def _tables(self, whose: Whose) -> list[TrueTable]:
        if whose not in self._true:
            period, organisation = whose
            counts = self.ledger.of(period).get(organisation, Counts())
            self._true[whose] = true_tables(period, _scope(organisation), counts, Districts(period, self._areas))
        return self._true[whose]

    def _known(self, whose: Whose) -> KnownByFamily:
        """What readers know of a period: by what was just worked out, else by what is published."""
        if whose in self.results:
            return self.results[whose].known
        if whose not in self._published:
            row = Publication.objects.in_force().of(whose[0]).filter(organisation=whose[1]).first()
            self._published[whose] = known_from_json(row.known) if row else {}
        return self._published[whose]

    def _hidden_before(self, whose: Whose) -> set[tuple[str, Key]]:
        """The cells, with their family, that an earlier version did not show as they were."""
        rows = Publication.objects.of(whose[0]).filter(organisation=whose[1])
        return {
            (family, key)
            for known in rows.values_list("known", flat=True)
            for family, cells in known_from_json(known).items()
            for key, one in cells.items()
            if not one.exact
        }

    @cached_property
    def _areas(self) -> list[Area]:
        return list(Area.objects.all())


def _scope(organisation_id: int | None) -> Scope:
    return Scope.PARTNERSHIP if organisation_id is None else Scope.ORGANISATION


def _place(whose: Whose) -> Place:
    period, organisation = whose
    return period.slug, "partnership" if organisation is None else f"organisation {organisation}"
