"""The addresses of the pages."""

from __future__ import annotations

from django.templatetags.static import static
from django.urls import path
from django.views.generic import RedirectView

from rongtong.portals.views import (
    agreements,
    bank_files,
    data,
    entries,
    evaluations,
    evidence,
    funder_desk,
    funder_products,
    gallery,
    loan_code,
    loans,
    operator,
    organisations,
    overdue,
    owner_applications,
    owner_consents,
    owner_home,
    owner_offers,
    owner_portrait,
    portfolio,
    public,
    registers,
    regulator,
    related_parties,
    rulebook,
    signatures,
    warnings,
)

app_name = "portals"

_public = [
    path("", public.home, name="home"),
    path("authorise", public.authorise, name="authorise"),
    path("theme", public.choose_theme, name="theme"),
    path("organisation", public.choose_organisation, name="organisation"),
    path("favicon.ico", RedirectView.as_view(url=static("rongtong/mark.svg")), name="favicon"),
    path("kept", public.kept_form, name="kept"),
    path("gallery", gallery.gallery, name="gallery"),
    path("c/<str:token>", loan_code.landing, name="loan_code"),
    path("check", agreements.check, name="check_document"),
    path("evidence/checkpoint", evidence.checkpoint, name="checkpoint"),
]
_owner = [
    path("overview", owner_home.home, name="owner_home"),
    path("portrait", owner_portrait.portrait, name="owner_portrait"),
    path("portrait/refresh", owner_portrait.refresh, name="owner_portrait_refresh"),
    path("consents", owner_consents.consents, name="owner_consents"),
    path("consents/new", owner_consents.grant, name="owner_consent_grant"),
    path("consents/<str:consent_id>", owner_consents.authorisation, name="owner_consent"),
    path("consents/<str:consent_id>/receipt", owner_consents.receipt, name="owner_consent_receipt"),
    path("consents/<str:consent_id>/change", owner_consents.change, name="owner_consent_change"),
    path("consents/<str:consent_id>/suspend", owner_consents.suspend, name="owner_consent_suspend"),
    path("consents/<str:consent_id>/resume", owner_consents.resume, name="owner_consent_resume"),
    path("consents/<str:consent_id>/revoke", owner_consents.revoke, name="owner_consent_revoke"),
    path("offers", owner_offers.offers, name="owner_offers"),
    path("offers/<str:offer_id>", owner_offers.offer, name="owner_offer"),
    path("offers/<str:offer_id>/apply", owner_offers.apply, name="owner_apply"),
    path("applications", owner_applications.applications, name="owner_applications"),
    path("applications/<str:application_id>", owner_applications.application, name="owner_application"),
    path("applications/<str:application_id>/accept", owner_applications.accept, name="owner_application_accept"),
    path("applications/<str:application_id>/withdraw", owner_applications.withdraw, name="owner_application_withdraw"),
    path("applications/<str:application_id>/object", owner_applications.objection, name="owner_application_objection"),
]
_loans = [
    path("loans", loans.loans, name="loans"),
    path("loans/<str:loan_id>/prepay", loans.prepay, name="prepay"),
    path("lines/<str:facility_id>/draw", loans.draw, name="draw"),
]
_funder = [
    path("desk", funder_desk.desk, name="funder_home"),
    path("cases", funder_desk.cases, name="funder_cases"),
    path("cases/<str:application_id>", funder_desk.case, name="funder_case"),
    path("cases/<str:application_id>/decide", funder_desk.decide, name="funder_case_decide"),
    path("cases/<str:application_id>/confirm", funder_desk.confirm, name="funder_case_confirm"),
    path("cases/<str:application_id>/answer", funder_desk.answer, name="funder_case_answer"),
    path("products", funder_products.products, name="funder_products"),
    path("products/<str:product_id>", funder_products.product, name="funder_product"),
    path("products/<str:product_id>/capacity", funder_products.set_capacity, name="funder_product_capacity"),
    path("products/<str:product_id>/code", funder_products.loan_code, name="funder_product_code"),
]
_portfolio = [
    path("portfolio", portfolio.portfolio, name="funder_portfolio"),
    path("portfolio/statements", bank_files.statement, name="funder_statement"),
    path("portfolio/payment-reports", bank_files.payment_report, name="funder_payment_report"),
    path("portfolio/entries", entries.entries, name="entries"),
    path("portfolio/entries/<str:entry_id>", entries.resolve, name="funder_entry_resolve"),
    path("loans/<str:loan_id>/instruction", loans.instruction, name="loan_instruction"),
]
_several = [
    path("agreements/<str:agreement_id>", agreements.agreement, name="agreement"),
    path("agreements/<str:agreement_id>/document", agreements.document, name="agreement_document"),
    path("agreements/<str:agreement_id>/sign", agreements.sign, name="agreement_sign"),
    path("loans/<str:loan_id>", loans.loan, name="loan"),
    path("warnings", warnings.tasks, name="warnings"),
    path("warnings/<str:task_id>", warnings.task, name="warning"),
    path("institutions", organisations.institutions, name="institutions"),
    path("institutions/<str:organisation_id>", organisations.institution, name="institution"),
    path("institutions/<str:organisation_id>/withdrawal", registers.withdraw_licence, name="institution_withdrawal"),
    path("organisations/<str:organisation_id>/members", registers.add_member, name="organisation_member"),
    path(
        "organisations/<str:organisation_id>/members/<str:user_id>/end",
        registers.end_member,
        name="organisation_member_end",
    ),
    path("related-parties", related_parties.related_parties, name="related_parties"),
    path("signatures", signatures.signatures, name="operator_signatures"),
    path("signatures/<str:consent_id>", signatures.check, name="operator_signature"),
    path("mandates/<str:mandate_id>", signatures.mandate, name="operator_mandate"),
    path("evaluations", evaluations.runs, name="evaluations"),
    path("evaluations/<str:as_of>", evaluations.cases, name="evaluation"),
    path("enterprises", organisations.enterprises, name="enterprises"),
    path("enterprises/<str:organisation_id>", organisations.enterprise, name="enterprise"),
    path("enterprises/<str:organisation_id>/size", registers.declare_size, name="enterprise_size"),
]
_operator = [
    path("today", operator.home, name="operator_home"),
    path("data", data.deliveries, name="data"),
    path("data/<str:batch_id>", data.delivery, name="batch"),
    path("overdue", overdue.overdue, name="overdue"),
    path("jobs/<int:job_id>/retry", overdue.retry, name="job_retry"),
    path("set-aside/<str:line_id>/retry", overdue.retry_line, name="set_aside_retry"),
    path("set-aside/<str:line_id>/settlement", overdue.settle_line, name="set_aside_settle"),
    path("health", operator.health, name="health"),
]
_regulator = [
    path("supervision", regulator.home, name="regulator_home"),
    path("decisions", regulator.decisions, name="regulator_decisions"),
    path("decisions/<str:decision_id>", regulator.decision, name="regulator_decision"),
    path("accesses", regulator.accesses, name="regulator_accesses"),
    path("classes", portfolio.classes, name="regulator_classes"),
    path("rulebook", rulebook.rules, name="rulebook"),
    path("evidence", evidence.evidence, name="evidence"),
    path("evidence/<str:subject>", evidence.bundle, name="evidence_bundle"),
]
urlpatterns = [*_public, *_owner, *_loans, *_funder, *_portfolio, *_several, *_operator, *_regulator]
