"""Models of the partners app, by subject. Import them from here."""

from partners.models.absences import Absence
from partners.models.audit import (
    AccessRecord,
    AccountAct,
    AccountChange,
    AppendOnly,
    AppendOnlyError,
    AppendOnlyQuerySet,
    ConfigurationAct,
    ConfigurationChange,
)
from partners.models.banners import Banner
from partners.models.board import (
    LONGEST_REASON,
    LONGEST_TEXT,
    LONGEST_TITLE,
    BoardAudience,
    BoardPost,
    BoardReading,
    BoardWithdrawal,
)
from partners.models.contact import ClosedDay, OpeningHours, Partnership, SupportLine
from partners.models.limits import COUNTED_TO_THE_MINUTE, Limit, LimitKey, Unit
from partners.models.messages import (
    Audience,
    Channel,
    Contact,
    ErrorCode,
    Kind,
    Message,
    NotificationRule,
    ServiceState,
    State,
    Wording,
)
from partners.models.organisations import Agreement, Area, Dated, Organisation, Standing
from partners.models.people import Duty, Membership, User

__all__ = [
    "COUNTED_TO_THE_MINUTE",
    "LONGEST_REASON",
    "LONGEST_TEXT",
    "LONGEST_TITLE",
    "Absence",
    "AccessRecord",
    "AccountAct",
    "AccountChange",
    "Agreement",
    "AppendOnly",
    "AppendOnlyError",
    "AppendOnlyQuerySet",
    "Area",
    "Audience",
    "Banner",
    "BoardAudience",
    "BoardPost",
    "BoardReading",
    "BoardWithdrawal",
    "Channel",
    "ClosedDay",
    "ConfigurationAct",
    "ConfigurationChange",
    "Contact",
    "Dated",
    "Duty",
    "ErrorCode",
    "Kind",
    "Limit",
    "LimitKey",
    "Membership",
    "Message",
    "NotificationRule",
    "OpeningHours",
    "Organisation",
    "Partnership",
    "ServiceState",
    "Standing",
    "State",
    "SupportLine",
    "Unit",
    "User",
    "Wording",
]
