"""Migrations: complete, named, one kind of work each, and there is a way back."""

import ast
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations import RunPython, RunSQL

OURS = ("partners", "referrals")
ROOT = Path(__file__).resolve().parent.parent


def our_migrations():
    loader = MigrationExecutor(None).loader
    loader.load_disk()
    return [(key, migration) for key, migration in loader.disk_migrations.items() if key[0] in OURS]


@pytest.mark.django_db
def test_the_models_have_no_change_without_a_migration():
    call_command("makemigrations", "--check", "--dry-run", stdout=StringIO())


def test_every_migration_has_a_name_that_says_what_it_does():
    assert not [name for (_, name), _ in our_migrations() if "_auto_" in name or not name[5:]]


def test_data_and_schema_are_not_mixed():
    mixed = []
    for (app, name), migration in our_migrations():
        data = [op for op in migration.operations if isinstance(op, RunPython)]
        if data and len(data) != len(migration.operations):
            mixed.append(f"{app}.{name}")
    assert not mixed


def test_every_hand_written_operation_has_a_reverse():
    one_way = [
        f"{app}.{name}"
        for (app, name), migration in our_migrations()
        for op in migration.operations
        if isinstance(op, RunPython | RunSQL) and not op.reversible
    ]
    assert not one_way


def test_no_migration_imports_the_living_models():
    """A migration that imports today's models breaks when they change."""
    broken = [
        path.name
        for app in OURS
        for path in (ROOT / app / "migrations").glob("0*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module in {"partners.models", "referrals.models"}
    ]
    assert not broken


@pytest.mark.django_db(transaction=True)
def test_all_the_way_back_and_forth():
    latest = [key for key in MigrationExecutor(connection).loader.graph.leaf_nodes() if key[0] in OURS]
    try:
        MigrationExecutor(connection).migrate([("referrals", None)])
        assert "referrals_referral" not in connection.introspection.table_names()
    finally:
        MigrationExecutor(connection).migrate(latest)
    assert "referrals_referral" in connection.introspection.table_names()
