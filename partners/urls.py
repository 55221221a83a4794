"""Addresses of the partners app. Of allauth only what is used: no sign-up, no password, no change of address."""

from django.urls import path

from partners.access import own_account, public
from partners.views import audit, board, changes, demo, machines, ops, people, second_factor, sign_in

urlpatterns = [
    # In and out
    path("account/sign-in/", public(sign_in.SignInView.as_view()), name="account_login"),
    path("account/sign-in/code/", public(sign_in.CodeView.as_view()), name="account_confirm_login_code"),
    path("account/sign-in/passkey/", public(sign_in.PasskeySignInView.as_view()), name="mfa_login_webauthn"),
    path("account/sign-out/", public(sign_in.SignOutView.as_view()), name="account_logout"),
    path("account/signed-out/", sign_in.signed_out, name="signed_out"),
    path("account/stay/", sign_in.stay, name="stay"),
    # One's own second step and sessions. Changing a second step asks for it again.
    path("account/security/", own_account(second_factor.SecurityView.as_view()), name="mfa_index"),
    path("account/sessions/", own_account(second_factor.SessionsView.as_view()), name="usersessions_list"),
    path("account/second-step/", second_factor.second_factor, name="second_factor"),
    path("account/second-step/code/", own_account(second_factor.ShowCodeView.as_view()), name="mfa_reauthenticate"),
    path(
        "account/second-step/passkey/",
        own_account(second_factor.ShowPasskeyView.as_view()),
        name="mfa_reauthenticate_webauthn",
    ),
    path("account/app/", own_account(second_factor.SetUpAppView.as_view()), name="mfa_activate_totp"),
    path("account/app/remove/", own_account(second_factor.RemoveAppView.as_view()), name="mfa_deactivate_totp"),
    path("account/passkeys/", own_account(second_factor.PasskeysView.as_view()), name="mfa_list_webauthn"),
    path("account/passkeys/new/", own_account(second_factor.SetUpPasskeyView.as_view()), name="mfa_add_webauthn"),
    path(
        "account/passkeys/<int:pk>/remove/",
        own_account(second_factor.RemovePasskeyView.as_view()),
        name="mfa_remove_webauthn",
    ),
    path(
        "account/recovery-codes/",
        own_account(second_factor.RecoveryCodesView.as_view()),
        name="mfa_view_recovery_codes",
    ),
    path(
        "account/recovery-codes/new/",
        own_account(second_factor.NewRecoveryCodesView.as_view()),
        name="mfa_generate_recovery_codes",
    ),
    # The people of an organisation
    path("organisation/people/", people.people, name="people"),
    path("organisation/people/invite/", people.invite, name="invite"),
    path("organisation/people/<int:membership_id>/", people.person, name="person"),
    path("organisation/people/<int:membership_id>/role/", people.change_role, name="change_role"),
    path("organisation/people/<int:membership_id>/end/", people.end_membership, name="end_membership"),
    # The message board
    path("board/", board.board, name="board"),
    path("board/<uuid:post_id>/", board.board_post, name="board_post"),
    # The message queue
    path("ops/", ops.message_queue, name="message_queue"),
    path("ops/send-now/", ops.send_now, name="send_now"),
    path("ops/messages/<uuid:message_id>/send-again/", ops.send_message_again, name="send_message_again"),
    path("ops/metrics", ops.outbox_metrics, name="outbox_metrics"),
    # The auditor's page
    path("audit/", audit.access_log, name="access_log"),
    path("audit/settings/", changes.settings_changes, name="settings_changes"),
    # For machines
    path("healthz", machines.healthz, name="healthz"),
    path("theme.css", machines.theme_css, name="theme"),
    path("csp-report/", machines.csp_report, name="csp_report"),
    # The demonstration
    path("demo/", demo.demo, name="demo"),
    path("demo/sign-in/<slug:key>/", demo.demo_sign_in, name="demo_sign_in"),
    path("demo/mail/", demo.demo_mail, name="demo_mail"),
    path("demo/mail/<slug:name>/", demo.demo_mail_message, name="demo_mail_message"),
]
