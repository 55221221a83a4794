"""The house as drawn (docs/architecture.md): who may import whom, how large a thing may grow, who writes a status."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parent.parent
APPS = ("charts", "partners", "awareness", "referrals", "config")
LONGEST_MODULE, LONGEST_FUNCTION = 300, 40
VAGUE_NAMES = {"utils", "util", "common", "core", "services", "helpers", "misc", "managers"}

#: Inside `referrals`: a layer imports from its own and lower numbers only.
LAYERS = {
    "codes": 0, "statuses": 0, "submission": 0, "references": 0, "identifiers": 0, "disclosure": 0, "person_keys": 0,
    "pathways": 0, "pathway_words": 0, "nrm_form": 0, "handover_states": 0, "nrm_stages": 0, "limited_views": 0,
    "redrawing": 0, "note_codes": 0, "attachment_kinds": 0, "dashboard": 0, "periods": 0, "published": 0,
    "querysets": 1, "queue_order": 1, "attachment_sets": 1,
    "cover": 1, "exclusion": 1, "entered": 1,
    "models": 2,
    "disclose": 3, "statistics": 3, "matching": 3, "person_index": 3, "export": 3, "typesetting": 3, "holdings": 3,
    "case_words": 3,
    "notifications": 4,
    "workflow": 5,
    "drafts": 6, "tasks": 6, "forms": 6, "sheet_case": 6, "case_pdf": 6, "spreadsheet": 6, "hand_on": 6,
    "prompt_sheet": 6, "recap": 6, "publishing": 6, "board_report": 6,
    "templatetags": 7,
    "admin": 8, "views": 8, "management": 8,
    "urls": 9,
    "apps": 9,
}  # fmt: skip


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def modules(*apps_: str) -> Iterator[Path]:
    for app in apps_ or APPS:
        yield from (p for p in sorted((ROOT / app).rglob("*.py")) if "migrations" not in p.parts)


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    yield from (n for n in ast.walk(tree_of(path)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def named(paths: list, root: Path = ROOT) -> list[str]:
    return [str(p.relative_to(root)) if isinstance(p, Path) else p for p in paths]


@pytest.mark.parametrize(
    ("app", "forbidden"),
    [
        ("charts", {"partners", "awareness", "referrals", "config", "tests", "django"}),
        ("partners", {"awareness", "referrals", "config", "tests"}),
        ("awareness", {"referrals", "config", "tests"}),
        ("referrals", {"config", "tests"}),
        ("config", {"tests"}),
    ],
)
def test_imports_between_apps_run_one_way(app, forbidden):
    broken = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(app)
        for name in imported(path)
        if name.split(".")[0] in forbidden
    ]
    assert not broken


def layer(module: str) -> int | None:
    parts = module.split(".")
    return LAYERS[parts[1]] if parts[0] == "referrals" and len(parts) > 1 else None


def test_every_room_of_referrals_has_its_floor():
    rooms = {p.relative_to(ROOT / "referrals").parts[0].removesuffix(".py") for p in modules("referrals")}
    assert rooms - {"__init__"} <= set(LAYERS)


def test_imports_inside_referrals_run_downwards():
    broken = []
    for path in modules("referrals"):
        room = path.relative_to(ROOT / "referrals").parts[0].removesuffix(".py")
        if room == "__init__":
            continue
        for name in imported(path):
            target = layer(name)
            if target is not None and target > LAYERS[room]:
                broken.append(f"{path.relative_to(ROOT)} imports {name}")
    assert not broken


def test_pure_modules_know_neither_orm_nor_request():
    rooms = [ROOT / "referrals" / name for name, floor in LAYERS.items() if floor == 0]
    pure = [path for room in rooms for path in [room.with_suffix(".py"), *sorted(room.rglob("*.py"))]]
    pure += [ROOT / "partners" / "roles.py", ROOT / "partners" / "hours.py"]
    broken = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in pure
        if path.exists()
        for name in imported(path)
        if name.split(".")[0] == "django" or name.startswith(("partners.models", "referrals.models"))
    ]
    assert not broken


def test_no_import_is_relative_or_hidden_in_a_function():
    broken = []
    for path in modules():
        hidden = [n for f in functions(path) for n in ast.walk(f) if isinstance(n, ast.Import | ast.ImportFrom)]
        relative = [n for n in ast.walk(tree_of(path)) if isinstance(n, ast.ImportFrom) and n.level]
        broken += [f"{path.relative_to(ROOT)}:{n.lineno}" for n in hidden + relative]
    assert not broken


def test_a_module_stays_under_300_lines():
    assert not named([p for p in modules() if len(p.read_text().splitlines()) >= LONGEST_MODULE])


def test_a_function_stays_under_40_lines():
    long = [
        f"{path.relative_to(ROOT)}:{f.lineno} {f.name} has {f.end_lineno - f.lineno + 1} lines"
        for path in modules()
        for f in functions(path)
        if f.end_lineno - f.lineno + 1 >= LONGEST_FUNCTION
    ]
    assert not long


def test_no_module_has_a_name_that_says_nothing():
    assert not named([p for p in modules() if p.stem in VAGUE_NAMES])


def test_every_module_and_public_function_says_what_it_is():
    silent = [
        str(p.relative_to(ROOT)) for p in modules() if p.read_text().strip() and not ast.get_docstring(tree_of(p))
    ]
    for path in modules():
        for node in tree_of(path).body:
            named_thing = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if named_thing and not ast.get_docstring(node):
                silent.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert not silent


def writes_status(node: ast.AST) -> bool:
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return any(isinstance(t, ast.Attribute) and t.attr == "status" for t in targets)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "update":
        return any(k.arg == "status" for k in node.keywords)
    return False


def test_only_the_workflow_writes_a_status():
    broken = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in modules("partners", "awareness", "referrals")
        if "workflow" not in path.parts
        for node in ast.walk(tree_of(path))
        if writes_status(node)
    ]
    assert not broken


def test_there_are_no_signals_of_our_own():
    forbidden = ("django.dispatch", "django.db.models.signals", "django.core.signals")
    assert not [f"{p.relative_to(ROOT)}" for p in modules() for n in imported(p) if n.startswith(forbidden)]


def test_referrals_leave_no_trace_on_partners_models():
    """Keys into `partners` have no reverse name: nobody can walk from an account to its cases past the choke point."""
    broken = [
        f"{model.__name__}.{f.name}"
        for model in apps.get_app_config("referrals").get_models()
        for f in model._meta.get_fields()
        if isinstance(f, models.ForeignKey)
        and f.related_model._meta.app_label == "partners"
        and f.remote_field.related_name != "+"
    ]
    assert not broken


READS_PAST_THE_CHOKE_POINT = {
    "referrals/workflow",  # locks the row; `locked()` itself starts at visible_to
    "referrals/querysets.py",
    "referrals/tasks.py",  # the system's own rounds
    "referrals/models",
    "referrals/management",
    "referrals/publishing/ledger.py",  # counts all of them, and keeps nothing of one
    "referrals/holdings.py",  # counts all that somebody must hand on; what is shown of it starts at visible_to(reader)
}


def test_every_read_of_a_referral_starts_at_visible_to():
    """`Referral.objects` is followed by `visible_to`, outside the rooms that act for the system itself."""
    broken = []
    for path in modules("awareness", "referrals"):
        place = str(path.relative_to(ROOT))
        if any(place.startswith(room) for room in READS_PAST_THE_CHOKE_POINT):
            continue
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
                inner = node.value
                whose = inner.value.id if isinstance(inner.value, ast.Name) else ""
                manager = whose == "Referral" and inner.attr in {"objects", "_base_manager", "_default_manager"}
                if manager and node.attr != "visible_to":
                    broken.append(f"{place}:{node.lineno} Referral.{inner.attr}.{node.attr}")
    assert not broken


def test_mail_leaves_only_through_the_outbox_and_sign_in():
    # The demo's page only reads mail that the sink has kept.
    allowed = {"partners/delivery.py", "partners/channels.py", "partners/sign_in.py", "partners/views/demo.py"}
    words = {"send_mail", "EmailMessage", "EmailMultiAlternatives", "smtplib"}
    broken = []
    for path in modules():
        place = str(path.relative_to(ROOT))
        names = {n.id for n in ast.walk(tree_of(path)) if isinstance(n, ast.Name)} | set(imported(path))
        if names & words and place not in allowed:
            broken.append(place)
    assert not [p for p in broken if not p.startswith("config/")]


def test_the_safe_string_doors_are_few_and_known():
    doors = {
        str(p.relative_to(ROOT))
        for p in modules()
        for n in ast.walk(tree_of(p))
        if isinstance(n, ast.Name) and n.id in {"mark_safe", "SafeString"}
    }
    assert doors <= {"partners/formlayout.py", "partners/templatetags/govuk.py", "awareness/content/markdown.py"}


def test_only_a_drawing_says_of_itself_that_it_is_safe():
    """`__html__` is the same door by another name: charts/svg.py writes each drawing itself, every text escaped."""
    doors = {str(p.relative_to(ROOT)) for p in modules() for f in functions(p) if f.name == "__html__"}
    assert doors == {"charts/svg.py"}
    makers = {
        str(p.relative_to(ROOT))
        for p in modules()
        for n in ast.walk(tree_of(p))
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == "Svg"
    }
    assert makers == {"charts/svg.py"}


def test_tasks_take_no_arguments():
    """A broker message is never the only record of work, so it carries none (security, 3.3)."""
    broken = [
        f"{path.relative_to(ROOT)}:{f.name}"
        for path in modules()
        if path.name == "tasks.py"
        for f in functions(path)
        if any("task" in ast.unparse(d) for d in f.decorator_list) and (f.args.args or f.args.kwonlyargs)
    ]
    assert not broken
