"""The database keeps an attachment as it was added: it is only ever removed once, and sealed under a new key.

The content is ciphertext, which no compression makes smaller: PostgreSQL is told not to try.
"""

from django.db import migrations

TABLE, CONTENT = "referrals_attachment", "referrals_attachmentcontent"
WRITTEN_ONCE = "id, referral_id, number, submit_key, kind, content_type, pages, size, sha256, at, by_id"

OPERATIONS = [
    (
        f"CREATE TRIGGER {CONTENT}_append_only BEFORE UPDATE OR DELETE ON {CONTENT} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"DROP TRIGGER {CONTENT}_append_only ON {CONTENT}",
    ),
    (
        f"CREATE TRIGGER {TABLE}_written_once BEFORE DELETE OR UPDATE OF {WRITTEN_ONCE} ON {TABLE} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"DROP TRIGGER {TABLE}_written_once ON {TABLE}",
    ),
    (
        f"CREATE TRIGGER {TABLE}_removed_once BEFORE UPDATE OF removed_at, removed_by_id, removal_reason ON {TABLE} "
        "FOR EACH ROW WHEN (OLD.removed_at IS NOT NULL) EXECUTE FUNCTION refuse_change()",
        f"DROP TRIGGER {TABLE}_removed_once ON {TABLE}",
    ),
    (
        f"ALTER TABLE {CONTENT} ALTER COLUMN ciphertext SET STORAGE EXTERNAL",
        f"ALTER TABLE {CONTENT} ALTER COLUMN ciphertext SET STORAGE EXTENDED",
    ),
]


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0011_attachments"),
        ("partners", "0002_append_only_access_records"),
    ]
    operations = [migrations.RunSQL(forwards, backwards) for forwards, backwards in OPERATIONS]
