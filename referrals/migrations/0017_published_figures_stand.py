"""The database keeps what was counted, published and done about it; of a publication only that another followed is added,
once."""

from django.db import migrations

APPEND_ONLY = ("referrals_periodcounts", "referrals_figureact", "referrals_openband")
TABLE = "referrals_publication"
WRITTEN_ONCE = (
    "id, kind, starts, organisation_id, version, figures_json, reason, counts_number, computed_at, published_at, "
    "published_by_id"
)


def guard(table: str, name: str, when: str) -> migrations.RunSQL:
    """Return the operation that refuses changes of `table`, and its reverse."""
    return migrations.RunSQL(
        f"CREATE TRIGGER {table}_{name} BEFORE {when} EXECUTE FUNCTION refuse_change()",
        f"DROP TRIGGER {table}_{name} ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0016_published_figures"),
        ("partners", "0002_append_only_access_records"),
    ]
    operations = [
        *(guard(table, "append_only", f"UPDATE OR DELETE ON {table} FOR EACH ROW") for table in APPEND_ONLY),
        guard(TABLE, "written_once", f"DELETE OR UPDATE OF {WRITTEN_ONCE} ON {TABLE} FOR EACH ROW"),
        guard(
            TABLE,
            "followed_once",
            f"UPDATE OF superseded_at ON {TABLE} FOR EACH ROW WHEN (OLD.superseded_at IS NOT NULL)",
        ),
    ]
