"""The people of the demonstration, as data. All invented; the fixture that loads them reads this list too."""

from dataclasses import dataclass
from ipaddress import ip_address
from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings
from django.http import HttpRequest

from partners.roles import Role

COUNCIL = "dacorum-borough-council"
HOSPITAL = "west-hertfordshire-teaching-hospitals-nhs-trust"
TEAM = "hertfordshire-modern-slavery-partnership-team"
VICTIM_CARE = "beacon-victim-care-centre"
POLICE = "hertfordshire-constabulary"
COUNTY = "hertfordshire-county-council"
CHILDREN = "hertfordshire-childrens-services"
CHARITY = "shiva-foundation"


@dataclass(frozen=True)
class DemoPerson:
    """One invented person: who they are, where they work and what a visitor can try as them."""

    key: str  # in the address of the button
    label: str  # on the button
    comes_for: str  # beside it: what this person does here
    full_name: str
    job_title: str
    role: Role
    organisation: str  # slug

    @property
    def email(self) -> str:
        """Return the address of the account, `<first>.<last>@<organisation>.example.org`."""
        return f"{self.full_name.lower().replace(' ', '.')}@{self.organisation}.example.org"


DEMO_PEOPLE = (
    DemoPerson(
        "officer",
        "Council officer",
        "Log a referral, save it half-way, see what became of it.",
        "Olive Officer",
        "Housing enforcement officer",
        Role.REFERRER,
        COUNCIL,
    ),
    DemoPerson(
        "nurse",
        "Nurse",
        "Log a referral from a ward, start on a phone and finish on a desktop.",
        "Nina Nurse",
        "Emergency department nurse",
        Role.REFERRER,
        HOSPITAL,
    ),
    DemoPerson(
        "lead",
        "Organisation lead",
        "See the council's referrals and what the council is asked to take; invite a colleague, end an account.",
        "Lena Lead",
        "Safeguarding lead",
        Role.LEAD,
        COUNCIL,
    ),
    DemoPerson(
        "coordinator",
        "Coordinator",
        "Work the queue: take a referral, ask a question, close it; see every message.",
        "Cora Coordinator",
        "Partnership coordinator",
        Role.COORDINATOR,
        TEAM,
    ),
    DemoPerson(
        "coordinator-2",
        "Second coordinator",
        "The colleague on the other desk: see who has taken what.",
        "Colin Coordinator",
        "Partnership coordinator",
        Role.COORDINATOR,
        TEAM,
    ),
    DemoPerson(
        "beacon",
        "Beacon worker",
        "Log a referral at the victim care centre; work what is handed over to it.",
        "Bea Beacon",
        "Victim care worker",
        Role.RESPONDER,
        VICTIM_CARE,
    ),
    DemoPerson(
        "police",
        "Police first responder",
        "Log a referral for the police; work what is handed over to them.",
        "Frank Firstresponder",
        "Detective constable",
        Role.RESPONDER,
        POLICE,
    ),
    DemoPerson(
        "council-responder",
        "Council first responder",
        "Fill in the NRM answer sheet for the council, from a colleague's referral.",
        "Rhoda Responder",
        "Community safety officer",
        Role.RESPONDER,
        COUNCIL,
    ),
    DemoPerson(
        "children",
        "Children's services worker",
        "Work what is handed over about somebody under 18.",
        "Chip Childcare",
        "Duty social worker",
        Role.RESPONDER,
        CHILDREN,
    ),
    DemoPerson(
        "county",
        "County duty officer",
        "Take hand-overs for the county council; open a reception centre.",
        "Connie County",
        "Duty officer",
        Role.RESPONDER,
        COUNTY,
    ),
    DemoPerson(
        "viewer",
        "Partner viewer",
        "See what a partner sees without cases: figures only.",
        "Vera Viewer",
        "Programme manager",
        Role.VIEWER,
        CHARITY,
    ),
    DemoPerson(
        "auditor",
        "Auditor",
        "See who looked at what, and whether every message left.",
        "Aude Auditor",
        "Information governance auditor",
        Role.AUDITOR,
        TEAM,
    ),
    DemoPerson(
        "administrator",
        "Administrator",
        "Look after organisations, accounts, wording and the message queue.",
        "Ada Admin",
        "System administrator",
        Role.SYSADMIN,
        TEAM,
    ),
)


@dataclass(frozen=True)
class DemoPost:
    """One post on the message board. With `days_ago` it is carried over and nobody is told; without, they are."""

    key: str  # its id is made from it, so that a second load finds it
    title: str
    text: str
    by: str  # a key of DEMO_PEOPLE, as in `read_by`
    days_ago: int = 0
    urgent: bool = False
    organisations: tuple[str, ...] = ()  # slugs; none for all
    read_by: tuple[str, ...] = ()
    withdrawn: str = ""  # why

    @property
    def id(self) -> UUID:
        """Return the id of the post."""
        return uuid5(NAMESPACE_URL, f"https://demo.example.org/board/{self.key}")


DEMO_POSTS = (
    DemoPost(
        "car-washes",
        "Hand car washes: what we have seen this autumn",
        "Several hand car washes near railway stations have changed hands since the summer. In each, the new people "
        "sleep on site, are moved every two or three weeks and say that somebody else keeps their papers.\n\n"
        "What helps: ask where somebody sleeps and who has their papers, out of hearing of the others. Log one "
        "referral for each person, also when you are not sure. Please do not visit a site on your own.",
        "coordinator",
        days_ago=12,
        read_by=("officer", "lead", "nurse", "beacon", "police", "children"),
    ),
    DemoPost(
        "fire-exercise",
        "Exercise on opening a reception centre",
        "We practise opening a reception centre with the county duty officers. Places are free.",
        "coordinator-2",
        days_ago=6,
        withdrawn="The exercise is put off. We write again when there is a new day.",
    ),
    DemoPost(
        "night-shelters",
        "Job offers at night shelters: tell your teams today",
        "Men in a van have offered kitchen work with a room to people outside night shelters, in two towns this week. "
        "Those who went were taken to another county and not paid.\n\n"
        "Please tell everybody who works with people without a home, today. Whoever is offered such work can ring the "
        "modern slavery helpline at any hour. In danger, ring 999.",
        "coordinator",
        urgent=True,
        organisations=(COUNCIL, HOSPITAL, VICTIM_CARE, POLICE, COUNTY, CHILDREN, CHARITY),
        read_by=("nurse",),
    ),
)

DEMO_BY_KEY = {person.key: person for person in DEMO_PEOPLE}


def is_demo(request: HttpRequest) -> bool:
    """Return whether this is a demonstration asked for from this very machine. Elsewhere its pages do not exist."""
    try:
        return settings.DEMO and ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
