"""What crosses the door of parties: ids, kinds, roles and the shapes of organisations and people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

OrganisationId = NewType("OrganisationId", UUID)
UserId = NewType("UserId", UUID)
ApiKeyId = NewType("ApiKeyId", UUID)


class OrganisationKind(StrEnum):
    """What an organisation is on the platform."""

    ENTERPRISE = "enterprise"
    """A firm that seeks financing (企业)."""
    INSTITUTION = "institution"
    """A licensed lender, factor, guarantor or insurer (资金方、增信方)."""
    ANCHOR = "anchor"
    """A core enterprise (核心企业)."""
    OPERATOR = "operator"
    """Whoever runs the platform (平台运营)."""
    REGULATOR = "regulator"
    """An authority that supervises (监管)."""


class Role(StrEnum):
    """What a person does for an organisation."""

    OWNER = "owner"
    BOOKKEEPER = "bookkeeper"
    FUNDER = "funder"
    OPERATOR = "operator"
    REGULATOR = "regulator"


ROLES_OF: dict[OrganisationKind, tuple[Role, ...]] = {
    OrganisationKind.ENTERPRISE: (Role.OWNER, Role.BOOKKEEPER),
    OrganisationKind.INSTITUTION: (Role.FUNDER,),
    OrganisationKind.ANCHOR: (),
    OrganisationKind.OPERATOR: (Role.OPERATOR,),
    OrganisationKind.REGULATOR: (Role.REGULATOR,),
}
"""What people may do for an organisation of each kind."""


class IdentifierScheme(StrEnum):
    """Where an identifier comes from; an imported data set has a scheme of its own name."""

    USCC = "uscc"
    """Unified social credit code (统一社会信用代码, GB 32100-2015)."""
    ORG_CODE = "org_code"
    """Organisation code (组织机构代码, GB 11714-1997)."""
    LEI = "lei"
    """Legal entity identifier (ISO 17442)."""
    PLATFORM = "rongtong"
    """The platform's own seats: `operator`, `regulator`."""
    LENDER = "rongtong.lender"
    """The platform's code of an institution."""


class CheckResult(StrEnum):
    """How an identifier checks: some early pilot codes are legal but fail the check, so this is no boolean."""

    VALID = "VALID"
    FORMAT_ERROR = "FORMAT_ERROR"
    CHECK_MISMATCH = "CHECK_MISMATCH"
    UNCHECKED = "UNCHECKED"
    """The scheme has no check."""


class SizeClass(StrEnum):
    """Size by 工信部联企业〔2011〕300号."""

    LARGE = "large"
    MEDIUM = "medium"
    SMALL = "small"
    MICRO = "micro"


class LicenceType(StrEnum):
    """What a licensed institution may do."""

    BANK = "bank"
    MICRO_LENDER = "micro_lender"
    FACTOR = "factor"
    LEASING = "leasing"
    GUARANTOR = "guarantor"


@dataclass(frozen=True, slots=True)
class Identifier:
    """One identifier of an organisation and how it checked."""

    scheme: str
    value: str
    check: CheckResult


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence: valid from its first day to, and not including, `valid_to`; region and scope as GB/T 2260 prefix and product kinds."""

    type: LicenceType
    number: str
    scope: tuple[str, ...]
    region_code: str
    valid_from: date
    valid_to: date
    withdrawn_date: date | None = None
    """The day on which the authority withdrew it, if it did."""

    def in_force(self, on: date) -> bool:
        """Whether it covers a day."""
        return self.valid_from <= on < min(self.valid_to, self.withdrawn_date or self.valid_to)


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation as other domains see it."""

    id: OrganisationId
    kind: OrganisationKind
    name: str
    identifiers: tuple[Identifier, ...]
    region_code: str
    """GB/T 2260, six digits; empty where unknown."""
    industry_code: str
    """GB/T 4754-2017: section letter and division, such as `C33`; empty where unknown."""
    established_date: date | None
    size_class: SizeClass | None
    generated: bool
    """Whether it comes from the simulator: every figure about it is labelled so."""

    def identifier(self, scheme: str) -> str | None:
        """The value under a scheme."""
        return next((one.value for one in self.identifiers if one.scheme == scheme), None)


@dataclass(frozen=True, slots=True)
class LegalRepresentative:
    """The legal representative of a firm (法定代表人), who said so, and as of which day."""

    organisation_id: OrganisationId
    name: str
    source: str
    """`registration` for the business register, else who noted it."""
    as_of: date


@dataclass(frozen=True, slots=True)
class EnterpriseDraft:
    """An enterprise to be registered; `identifiers` as (scheme, value), the first one decides whether it is known already."""

    name: str
    identifiers: tuple[tuple[str, str], ...]
    region_code: str = ""
    industry_code: str = ""
    established_date: date | None = None
    staff: int | None = None
    revenue_minor: int | None = None
    assets_minor: int | None = None
    legal_representative: str = ""
    """As the business register names the person; empty where it was not asked."""
    generated: bool = False


@dataclass(frozen=True, slots=True)
class OrganisationPage:
    """One page of a search."""

    items: tuple[Organisation, ...]
    total: int
    page: int
    page_size: int


@dataclass(frozen=True, slots=True)
class SizeDeclaration:
    """What a firm said about its size, from a day on; what it was at the signing of a contract stays answerable."""

    organisation_id: OrganisationId
    declared_date: date
    staff: int | None
    revenue_minor: int | None
    """Revenue of the last year, in fen."""
    assets_minor: int | None
    """Total assets at the end of the last year, in fen."""
    size_class: SizeClass | None


@dataclass(frozen=True, slots=True)
class Membership:
    """A person's role in an organisation, or a partner's program with the role of its key."""

    user_id: UserId
    """The person; for a program, the id of its key."""
    organisation_id: OrganisationId
    organisation_name: str
    organisation_kind: OrganisationKind
    role: Role
    person_name: str = ""
    by_key: bool = False
    """Whether it is a program that came with an API key."""
    maker_id: UserId | None = None
    """The person who made the key; None where that was not kept."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A program's key as it is listed: never the secret."""

    id: ApiKeyId
    organisation_id: OrganisationId
    name: str
    role: Role
    recorded_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class IssuedApiKey:
    """A key at the moment it is made: the only time that its secret is shown."""

    key: ApiKey
    secret: str
