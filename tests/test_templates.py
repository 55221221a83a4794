"""Templates: they compile, the strict policy holds in them, and nothing in a title or an address names a person."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
WORDINGS = sorted((ROOT / "templates" / "emails").glob("*.txt"))
IDS = [str(path.relative_to(ROOT / "templates")) for path in TEMPLATES]

each_template = pytest.mark.parametrize("path", TEMPLATES, ids=IDS)


@each_template
def test_it_compiles(path):
    assert get_template(str(path.relative_to(ROOT / "templates")))


@each_template
def test_it_has_no_inline_style_script_or_handler(path):
    """The content security policy would block it: the page would silently lose a part."""
    text = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.DOTALL)
    assert not re.findall(r"<[^>]*\sstyle\s*=", text)
    assert not re.findall(r"<[^>]*\son[a-z]+\s*=", text)
    assert not re.findall(r"<style\b", text)
    scripts = re.findall(r"<script\b[^>]*>", text)
    assert all("src=" in script or "nonce=" in script for script in scripts)


@each_template
def test_it_trusts_no_text(path):
    assert not re.findall(r"\|\s*safe\b|{%\s*autoescape\s+off|\|\s*safeseq\b", path.read_text())


@each_template
def test_every_form_that_changes_something_carries_a_token(path):
    for form in re.findall(r"<form\b[^>]*method=\"post\".*?</form>", path.read_text(), flags=re.DOTALL | re.IGNORECASE):
        assert "csrf_token" in form or "{% crispy" in form


@each_template
def test_no_title_holds_what_somebody_typed(path):
    personal = re.compile(r"given_names|family_name|known_as|answers|secret|narrative|full_name|user\.email")
    for block in re.findall(r"{% block (?:page_)?title %}(.*?){% endblock", path.read_text(), flags=re.DOTALL):
        assert not personal.search(block)


@each_template
def test_nothing_is_loaded_from_elsewhere(path):
    assert not re.findall(r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=\"(?:https?:)?//", path.read_text())


@pytest.mark.parametrize("path", WORDINGS, ids=[path.name for path in WORDINGS])
def test_a_message_is_not_a_template_and_uses_known_placeholders_only(path):
    text = path.read_text()
    assert "{{" not in text
    assert "{%" not in text
    assert set(re.findall(r"\(\((.*?)\)\)", text)) <= {
        "reference",
        "link",
        "partnership",
        "service",
        "phone",
        "opening",
    }
