"""Chromium for the browser tests: Debian's own, driven by Playwright; no browser is downloaded.

`python -m config.runtime.browser install` installs it by apt where it is missing and we are root.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
# A screenshot without fonts shows boxes.
PACKAGES = ("chromium", "fonts-dejavu-core", "fonts-liberation")


def find_chromium() -> str:
    """The path of the browser: CHROMIUM of the environment, else the first on PATH; empty when there is none."""
    given = os.environ.get("CHROMIUM", "")
    if given:
        return given if Path(given).exists() else ""
    return next((found for found in map(shutil.which, NAMES) if found), "")


def install() -> None:
    """Install Chromium when it is missing and apt can; otherwise say what that means. Never fails: the tests decide."""
    if find_chromium():
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print("No chromium here: the browser tests will be left out (apt install chromium)", file=sys.stderr)
        return
    print("No chromium here: installing it by apt", flush=True)
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *PACKAGES]):
        subprocess.run(["apt-get", *command], env=quiet, stdout=subprocess.DEVNULL, check=False)


if __name__ == "__main__" and sys.argv[1:] == ["install"]:
    install()
