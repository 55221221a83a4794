"""Who works here: accounts and the one active membership that gives an account its role."""

import datetime
from functools import cached_property

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from partners.models.organisations import Organisation
from partners.roles import ADMIN_ROLES, ROLE_CHOICES, Permission, Role, may


class UserManager(BaseUserManager):
    """Makes accounts. There is no superuser: what an account may do is its membership's role."""

    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        """Create an account for `email`; without a usable password unless one is given.

        Raises ValueError when `email` is empty.
        """
        if not email:
            raise ValueError("An account needs an e-mail address.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, email):
        """Find an account whatever the case of the letters in its address."""
        return self.get(email__iexact=email)


class User(AbstractBaseUser):
    """An account: one person, one e-mail address. It can do nothing without an active membership."""

    email = models.EmailField("e-mail address", unique=True)
    full_name = models.CharField(max_length=120, blank=True)
    job_title = models.CharField(max_length=120, blank=True)
    phone = models.CharField("work phone", max_length=30, blank=True)
    is_active = models.BooleanField(
        "may sign in", default=True, help_text="Untick to suspend the account at once. Never delete one."
    )
    # When they last went through the recap before the referral form, or skipped it. It says nothing of any referral.
    recap_seen_at = models.DateTimeField(null=True, blank=True, editable=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        ordering = ["email"]
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_whatever_the_case")]

    def __str__(self):
        return f"Account {self.pk}"

    def get_full_name(self) -> str:
        """Return the name for the person's own pages and for colleagues."""
        return self.full_name or self.email

    def get_short_name(self) -> str:
        """Return the name for the account menu."""
        return self.get_full_name()

    @cached_property
    def membership(self) -> "Membership | None":
        """The active membership with its organisation, or None. Read once a request."""
        return self.memberships.active().select_related("organisation").first()

    @property
    def role(self) -> Role | None:
        """The role of the active membership; None when suspended, ended, or the organisation is closed."""
        membership = self.membership if self.is_active else None
        return Role(membership.role) if membership and membership.counts(timezone.localdate()) else None

    @property
    def organisation(self) -> Organisation | None:
        """The organisation of the active membership, or None."""
        return self.membership.organisation if self.membership else None

    # What django.contrib.admin asks of a user. The answers come from the role table alone; each ModelAdmin asks
    # for a Permission itself, so a model permission as such is never granted here.
    @property
    def is_staff(self) -> bool:
        """Whether the Django admin lets this person in."""
        return self.role in ADMIN_ROLES

    @property
    def is_superuser(self) -> bool:
        """Nobody is: there is no account above the table."""
        return False

    def may(self, permission: Permission) -> bool:
        """Return whether this person has `permission` now."""
        return may(self.role, permission)

    def has_perm(self, perm: str, obj=None) -> bool:
        """Django's model permissions are not used: every ModelAdmin asks the role table."""
        return False

    def has_perms(self, perm_list, obj=None) -> bool:
        """See `has_perm`."""
        return False

    def has_module_perms(self, app_label: str) -> bool:
        """Show an app in the admin to whoever the admin lets in; its models decide for themselves."""
        return self.is_staff


class MembershipQuerySet(models.QuerySet):
    """Sets of memberships."""

    def active(self):
        """Memberships that have not ended."""
        return self.filter(ended_at__isnull=True)

    def in_role(self, *roles: Role):
        """Active memberships of accounts that may sign in, in one of `roles`."""
        return self.active().filter(role__in=[r.value for r in roles], user__is_active=True)


class Membership(models.Model):
    """A person in an organisation, in one role, for a time. At most one is active."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=ROLE_CHOICES)
    started_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    invited_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    ended_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(ended_at__isnull=True),
                name="one_active_membership_each",
                violation_error_message="This person already has an active membership.",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=models.F("started_at")),
                name="membership_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(role__in=[value for value, _ in ROLE_CHOICES]), name="membership_role_is_known"
            ),
        ]

    def __str__(self):
        return f"{self.get_role_display()}, {self.organisation}"

    def counts(self, on: datetime.date) -> bool:
        """Return whether the membership gives its role on the local date `on`: not ended, organisation in force."""
        return self.ended_at is None and self.organisation.is_in_force(on)


class DutyQuerySet(models.QuerySet):
    """Sets of duty shifts."""

    def at(self, moment: datetime.datetime):
        """Shifts that cover the aware datetime `moment`."""
        return self.filter(starts_at__lte=moment, ends_at__gt=moment)


class Duty(models.Model):
    """A coordinator's time on duty. With nobody on duty, every coordinator is told: see `partners/cover.py`."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    objects = DutyQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at"]
        verbose_name = "shift"
        verbose_name_plural = "duty rota"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=models.F("starts_at")),
                name="duty_ends_after_start",
                violation_error_message="The shift must end after it starts.",
            )
        ]

    def __str__(self):
        return f"{timezone.localtime(self.starts_at):%-d %b %H:%M} to {timezone.localtime(self.ends_at):%-d %b %H:%M}"
