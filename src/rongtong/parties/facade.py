"""The door of parties."""

from rongtong.parties.actions.add_membership import RoleUnsuited, add_membership
from rongtong.parties.actions.create_user import UserMalformed, create_user
from rongtong.parties.actions.declare_size import SizeMalformed, declare_size
from rongtong.parties.actions.end_membership import end_membership
from rongtong.parties.actions.issue_api_key import ApiKeyExists, ApiKeysTooMany, issue_api_key
from rongtong.parties.actions.note_legal_representatives import note_legal_representatives
from rongtong.parties.actions.recover_login import UserUnknown, recover_login
from rongtong.parties.actions.register_enterprises import IdentifierMalformed, IdentifierTaken, register_enterprises
from rongtong.parties.actions.register_institution import LicenceMalformed, LicenceTaken, register_institution
from rongtong.parties.actions.revoke_api_key import ApiKeyUnknown, revoke_api_key
from rongtong.parties.actions.seat import platform, regulator
from rongtong.parties.actions.withdraw_licence import LicenceUnknown, WithdrawalMalformed, withdraw_licence
from rongtong.parties.queries.legal_representatives import legal_representatives
from rongtong.parties.queries.licences import (
    expiring_licences,
    licence_in_force,
    licences_of,
    suspended_institutions,
)
from rongtong.parties.queries.memberships import (
    MembershipMissing,
    RoleMissing,
    actor_of_membership,
    actor_of_request,
    api_keys_of,
    choose_membership,
    members_of,
    membership_of_request,
    memberships_of,
    person_behind,
    require_action,
    require_membership,
    role_titles,
    username_taken,
)
from rongtong.parties.queries.organisations import (
    OrganisationUnknown,
    by_identifier,
    institutions,
    organisation,
    organisation_seen,
    organisations,
    search_organisations,
    size_class,
    size_declaration,
    tell_relations,
)
from rongtong.parties.rules.identifiers import (
    check_bank_account,
    check_lei,
    check_org_code,
    check_resident_id,
    check_uscc,
    suggest_uscc,
    uscc_check_character,
)
from rongtong.parties.rules.role_actions import MAY, Action, may

__all__ = [
    "MAY",
    "Action",
    "ApiKeyExists",
    "ApiKeyUnknown",
    "ApiKeysTooMany",
    "IdentifierMalformed",
    "IdentifierTaken",
    "LicenceMalformed",
    "LicenceTaken",
    "LicenceUnknown",
    "MembershipMissing",
    "OrganisationUnknown",
    "RoleMissing",
    "RoleUnsuited",
    "SizeMalformed",
    "UserMalformed",
    "UserUnknown",
    "WithdrawalMalformed",
    "actor_of_membership",
    "actor_of_request",
    "add_membership",
    "api_keys_of",
    "by_identifier",
    "check_bank_account",
    "check_lei",
    "check_org_code",
    "check_resident_id",
    "check_uscc",
    "choose_membership",
    "create_user",
    "declare_size",
    "end_membership",
    "expiring_licences",
    "institutions",
    "issue_api_key",
    "legal_representatives",
    "licence_in_force",
    "licences_of",
    "may",
    "members_of",
    "membership_of_request",
    "memberships_of",
    "note_legal_representatives",
    "organisation",
    "organisation_seen",
    "organisations",
    "person_behind",
    "platform",
    "recover_login",
    "register_enterprises",
    "register_institution",
    "regulator",
    "require_action",
    "require_membership",
    "revoke_api_key",
    "role_titles",
    "search_organisations",
    "size_class",
    "size_declaration",
    "suggest_uscc",
    "suspended_institutions",
    "tell_relations",
    "uscc_check_character",
    "username_taken",
    "withdraw_licence",
]

PLANNED = {
    "check_bank_account": "records",
}
"""What nothing outside of the tests calls yet, each with the capability that will."""
