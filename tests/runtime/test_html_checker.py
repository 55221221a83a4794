"""The Nu HTML checker finds what is wrong, and only the package that was checked becomes the checker."""

import os
import tarfile

import pytest

from config.runtime import html_checker

PAGE = "<!doctype html><html lang=en><title>A page</title><h1>A page</h1>{}</html>"


@pytest.fixture
def checked(tmp_path):
    def faults(body: str) -> list[str]:
        (tmp_path / "page.html").write_text(PAGE.format(body))
        try:
            return html_checker.faults_of(tmp_path)
        except html_checker.NoChecker:
            if os.environ.get("CI"):
                raise
            return pytest.skip(html_checker.MISSING)

    return faults


def test_a_valid_page_has_no_faults_and_a_wrong_one_is_named_with_its_line(checked):
    assert checked("<p>All is well.</p>") == []
    [fault] = checked('<p id="a"></p><p id="a"></p>')[:1]
    assert fault.startswith("page.html:1: error: Duplicate ID")


def test_without_the_checker_one_is_told_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr(html_checker, "JAR", tmp_path / "nothing.jar")
    with pytest.raises(html_checker.NoChecker, match="html_checker install"):
        html_checker.faults_of(tmp_path)


def test_another_package_of_that_name_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(html_checker, "JAR", tmp_path / "vnu.jar")
    package = tmp_path / "vnu-jar.tgz"
    with tarfile.open(package, "w:gz"):
        pass
    with pytest.raises(ValueError, match="hash differs"):
        html_checker.unpack(package)
    assert not html_checker.JAR.exists()
