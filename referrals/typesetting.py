"""Setting a document as a tagged PDF (PDF/UA-1, checked by the compiler). Nothing is written to disk.

The templates are ours and fixed; what people typed reaches them as JSON, as text to be set and never as markup.
"""

import json
import re
import unicodedata
from functools import cache
from pathlib import Path

import typst
from django.conf import settings

TEMPLATES = Path(settings.BASE_DIR) / "templates" / "typst"
NO_GLYPH = re.compile(r'the text "(?P<sign>.*?)" could not be displayed', re.DOTALL)
PLACEHOLDER = "?"
MOST_SCRIPTS = 20


class CannotTypeset(Exception):
    """Raised when no PDF could be made. It carries nothing of what was to be printed."""


@cache
def _fonts() -> typst.Fonts:
    """The compiler's own fonts first, then those of the host, for scripts the former do not have. Read once."""
    return typst.Fonts()


def typeset(template: str, content: dict) -> bytes:
    """Return the PDF that the file `template` of templates/typst/ makes of `content`, its `sys.inputs.data`.

    A PDF for everybody holds no sign without a font. A script that no font here has is set as question marks, and
    `content["unprintable"]` is true. Raises CannotTypeset.
    """
    text, left_out = json.dumps(content | {"unprintable": False}, ensure_ascii=False), False
    for _ in range(MOST_SCRIPTS):
        try:
            return _compile(TEMPLATES / template, text)
        except typst.TypstError as error:
            found = NO_GLYPH.search(str(error).replace("`", ""))
            if found is None:
                break
            text = _without(found["sign"], text)
            if not left_out:
                text, left_out = text.replace('"unprintable": false', '"unprintable": true'), True
    raise CannotTypeset


def _compile(template: Path, text: str) -> bytes:
    made = typst.Compiler(template, root=TEMPLATES, font_paths=_fonts(), sys_inputs={"data": text})
    return made.compile(format="pdf", pdf_standards=["ua-1"])


def _without(sign: str, text: str) -> str:
    """Return `text` with every sign of the script of `sign` replaced; one at a time would take a compile each."""
    scripts = {_script(char) for char in sign if not char.isascii()}
    return "".join(PLACEHOLDER if not char.isascii() and _script(char) in scripts else char for char in text)


def _script(char: str) -> str:
    return unicodedata.name(char, "?").partition(" ")[0]
