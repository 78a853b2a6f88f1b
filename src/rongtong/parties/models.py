"""Tables of parties. They constrain; actions write."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models

from rongtong.core.ids import new_id
from rongtong.parties.contracts import CheckResult, LicenceType, OrganisationKind, Role, SizeClass


def choices(enum: type) -> list[tuple[str, str]]:
    """An enum as a field's choices."""
    return [(member.value, member.value) for member in enum]  # type: ignore[attr-defined]  # any StrEnum iterates


class User(AbstractUser):
    """A person who logs in; what the person may do comes from memberships."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    display_name = models.CharField(max_length=100, blank=True)

    class Meta:
        db_table = "parties_user"


class Organisation(models.Model):
    """A firm, an institution, the operator or an authority: what public registers say, seen by everybody."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=16, choices=choices(OrganisationKind))
    name = models.CharField(max_length=200)
    region_code = models.CharField(max_length=6, blank=True)
    industry_code = models.CharField(max_length=8, blank=True)
    established_date = models.DateField(null=True)
    size_class = models.CharField(max_length=8, choices=choices(SizeClass), null=True)
    generated = models.BooleanField(default=False)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "parties_organisation"
        indexes = [models.Index(fields=["kind", "name"])]


class Identifier(models.Model):
    """An identifier of an organisation under a scheme; one organisation per (scheme, value)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="identifiers")
    scheme = models.CharField(max_length=40)
    value = models.CharField(max_length=80)
    check_result = models.CharField(max_length=16, choices=choices(CheckResult))

    class Meta:
        db_table = "parties_identifier"
        constraints = [models.UniqueConstraint(fields=["scheme", "value"], name="one_organisation_per_identifier")]


class LegalRepresentative(models.Model):
    """Who is registered as a firm's legal representative, by what source, as of which day. Append-only; the platform's to ask."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    source = models.CharField(max_length=40)
    as_of = models.DateField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "parties_legal_representative"
        indexes = [models.Index(fields=["organisation", "-as_of"], name="parties_representative_newest")]


class SizeDeclaration(models.Model):
    """What a firm said about its size from a day on: its own business, isolated. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="size_declarations")
    declared_date = models.DateField()
    staff = models.PositiveIntegerField(null=True)
    revenue_minor = models.BigIntegerField(null=True)
    assets_minor = models.BigIntegerField(null=True)
    size_class = models.CharField(max_length=8, choices=choices(SizeClass), null=True)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "parties_size_declaration"
        indexes = [models.Index(fields=["organisation", "-declared_date"])]


class Licence(models.Model):
    """A licence of an institution (持牌机构); once it has run out, the institution's products are suspended."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    institution = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="licences")
    type = models.CharField(max_length=16, choices=choices(LicenceType))
    number = models.CharField(max_length=60, unique=True)
    scope = models.JSONField(default=list)
    region_code = models.CharField(max_length=6, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField()
    withdrawn_date = models.DateField(null=True)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "parties_licence"
        constraints = [
            models.CheckConstraint(condition=models.Q(valid_to__gt=models.F("valid_from")), name="licence_lasts")
        ]


class Membership(models.Model):
    """A person's role in an organisation."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=16, choices=choices(Role))
    recorded_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "parties_membership"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role"],
                condition=models.Q(ended_at__isnull=True),
                name="one_live_membership_per_role",
            )
        ]


class ApiKey(models.Model):
    """A key of a partner's program; only the hash of the secret is kept. It lives no longer than its maker's role."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="api_keys")
    name = models.CharField(max_length=100)
    maker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    """Who made it; null for the platform's own jobs, and for keys from before it was kept."""
    secret_digest = models.CharField(max_length=64, unique=True)
    role = models.CharField(max_length=16, choices=choices(Role))
    recorded_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "parties_api_key"
