"""Addresses of the referrals app."""

from django.contrib import admin
from django.db import transaction
from django.urls import path

from referrals.admin.exporting import export
from referrals.admin.figures import figures, figures_of_period
from referrals.admin.importing import import_log
from referrals.admin.operational import operational
from referrals.admin.people import people
from referrals.views.answer import referral_answer
from referrals.views.attachments import attachment, referral_attach
from referrals.views.board_reports import board_report, board_report_pdf, board_reports
from referrals.views.can_we_refer import can_we_refer
from referrals.views.consent import record_consent
from referrals.views.dashboard import dashboard, dashboard_file
from referrals.views.hand_over import hand_over, hand_over_open
from referrals.views.hand_over_acts import hand_over_act
from referrals.views.inbox import inbox
from referrals.views.intake import intake_discard, intake_resume, intake_save, intake_start, intake_step
from referrals.views.message_link import message_link
from referrals.views.mine import my_referrals, organisation_referrals, referral_status
from referrals.views.nrm import nrm_sheet, nrm_stage
from referrals.views.nrm_edit import nrm_check, nrm_edit
from referrals.views.nrm_paper import nrm_pdf, nrm_print
from referrals.views.operation_people import operation_add, operation_circumstances, operation_person
from referrals.views.operations import operation_board, operation_change, operation_close, operation_new, operations
from referrals.views.paper import paper_receipt, paper_sheet, paper_start
from referrals.views.prompt_sheet import prompt_sheet_pdf
from referrals.views.recap import recap
from referrals.views.receipt import referral_receipt
from referrals.views.sending import intake_check, intake_declaration

urlpatterns = [
    path("refer/", intake_start, name="intake_start"),
    path("refer/on-paper.pdf", prompt_sheet_pdf, name="prompt_sheet"),
    path("refer/recap/", recap, name="recap"),
    path("refer/from-paper/", paper_start, name="paper_start"),
    path("refer/<uuid:draft_id>/sheet/", paper_sheet, name="paper_sheet"),
    path("refer/<uuid:draft_id>/typed-in/", paper_receipt, name="paper_receipt"),
    path("refer/<uuid:draft_id>/", intake_resume, name="intake_resume"),
    path("refer/<uuid:draft_id>/check/", intake_check, name="intake_check"),
    path("refer/<uuid:draft_id>/declaration/", intake_declaration, name="intake_declaration"),
    path("refer/<uuid:draft_id>/discard/", intake_discard, name="intake_discard"),
    path("refer/<uuid:draft_id>/<slug:step>/", intake_step, name="intake_step"),
    path("refer/<uuid:draft_id>/<slug:step>/save/", intake_save, name="intake_save"),
    path("inbox/", inbox, name="inbox"),
    path("inbox/<uuid:hand_over_id>/", hand_over, name="hand_over"),
    path("inbox/<uuid:hand_over_id>/open/", hand_over_open, name="hand_over_open"),
    path("inbox/<uuid:hand_over_id>/accept/", hand_over_act, {"act": "accept"}, name="hand_over_accept"),
    path("inbox/<uuid:hand_over_id>/report/", hand_over_act, {"act": "report"}, name="hand_over_report"),
    path("inbox/<uuid:hand_over_id>/ask/", hand_over_act, {"act": "ask"}, name="hand_over_ask"),
    path("inbox/<uuid:hand_over_id>/decline/", hand_over_act, {"act": "decline"}, name="hand_over_decline"),
    path("m/<uuid:message_id>/", message_link, name="message_link"),
    path("referrals/", my_referrals, name="my_referrals"),
    path("referrals/<uuid:referral_id>/", referral_status, name="referral_status"),
    path("referrals/<uuid:referral_id>/receipt/", referral_receipt, name="referral_receipt"),
    path("referrals/<uuid:referral_id>/consent/", record_consent, name="record_consent"),
    path("referrals/<uuid:referral_id>/answer/", referral_answer, name="referral_answer"),
    path("referrals/<uuid:referral_id>/attach/", referral_attach, name="referral_attach"),
    path("attachments/<uuid:attachment_id>/", attachment, name="attachment"),
    path("dashboard/reports/", board_reports, name="board_reports"),
    path("dashboard/reports/<slug:period>/", board_report, name="board_report"),
    path("dashboard/reports/<slug:period>.pdf", board_report_pdf, name="board_report_pdf"),
    path("nrm/can-we-refer/", can_we_refer, name="can_we_refer"),
    path("referrals/<uuid:referral_id>/nrm/", nrm_sheet, name="nrm_sheet"),
    path("referrals/<uuid:referral_id>/nrm/check/", nrm_check, name="nrm_check"),
    path("referrals/<uuid:referral_id>/nrm/print/", nrm_print, name="nrm_print"),
    path("referrals/<uuid:referral_id>/nrm/pdf/", nrm_pdf, name="nrm_pdf"),
    path("referrals/<uuid:referral_id>/nrm/stage/", nrm_stage, name="nrm_stage"),
    path("referrals/<uuid:referral_id>/nrm/<slug:step>/", nrm_edit, name="nrm_edit"),
    path("dashboard/", dashboard, name="dashboard"),
    path("dashboard/<slug:period>/", dashboard, name="dashboard_period"),
    path("dashboard/<slug:period>/<slug:key>.csv", dashboard_file, name="dashboard_file"),
    path("dashboard/<slug:period>/own/<slug:key>.csv", dashboard_file, {"own": True}, name="dashboard_own_file"),
    path("operations/", operations, name="operations"),
    path("operations/new/", operation_new, name="operation_new"),
    path("operations/<uuid:operation_id>/", operation_board, name="operation"),
    path("operations/<uuid:operation_id>/change/", operation_change, name="operation_change"),
    path("operations/<uuid:operation_id>/shared/", operation_circumstances, name="operation_circumstances"),
    path("operations/<uuid:operation_id>/people/add/", operation_add, name="operation_add"),
    path("operations/<uuid:operation_id>/people/<int:number>/", operation_person, name="operation_person"),
    path("operations/<uuid:operation_id>/close/", operation_close, name="operation_close"),
    path("admin/referrals/operational/", admin.site.admin_view(operational), name="triage_operational"),
    path("admin/figures/", admin.site.admin_view(figures), name="figures"),
    # The solver may take seconds: no transaction waits for it.
    path(
        "admin/figures/<slug:key>/",
        transaction.non_atomic_requests(admin.site.admin_view(figures_of_period)),
        name="figures_period",
    ),
    path("admin/referrals/people/", admin.site.admin_view(people), name="triage_people"),
    path("admin/referrals/export/", admin.site.admin_view(export), name="triage_export"),
    path("admin/referrals/import/", admin.site.admin_view(import_log), name="triage_import"),
    path("organisation/referrals/", organisation_referrals, name="organisation_referrals"),
]
