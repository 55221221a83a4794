"""What is given out of a file is a new picture of it: nothing that was hidden in it, and nothing that can act."""

import io
import os

import pypdfium2
import pytest
from PIL import Image
from pypdf import PdfReader

from referrals import redrawing
from referrals.redrawing import MOST_SENT, REFUSALS, CannotRedraw, redraw
from tests.referrals.files_sent import (
    CANARY_CAMERA,
    HEIC,
    HTML,
    SVG,
    dots_of,
    huge,
    names_in,
    pdf,
    photo,
    picture,
    png,
)

RED, BLUE, WHITE = (220, 0, 0), (0, 0, 255), (255, 255, 255)


def near(found: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    """Whether two colours are the same to the eye: JPEG is not exact."""
    return all(abs(one - other) < 24 for one, other in zip(found, wanted, strict=True))


def test_a_photo_loses_where_it_was_taken_and_whose_phone_it_was():
    came = photo()
    assert Image.open(io.BytesIO(came)).getexif().get_ifd(0x8825), "otherwise this proves nothing"
    made = redraw(came)
    assert (made.content_type, made.pages) == ("image/jpeg", 1)
    shown = Image.open(io.BytesIO(made.content))
    assert not shown.getexif()
    assert set(shown.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert CANARY_CAMERA.encode() not in made.content
    assert CANARY_CAMERA.encode("utf-16-le") not in made.content


def test_a_photo_that_was_held_upright_stands_upright():
    shown = dots_of(redraw(photo(320, 200, turned=True)).content)
    assert shown.size == (200, 320)
    assert near(shown.getpixel((180, 20)), RED)
    assert near(shown.getpixel((20, 300)), WHITE)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16"])
def test_a_png_of_every_kind_is_drawn_without_its_comment(mode):
    made = redraw(png(mode))
    assert made.content_type == "image/png"
    assert CANARY_CAMERA.encode() not in made.content
    assert near(dots_of(made.content).getpixel((300, 180)), WHITE)


def test_a_jpeg_for_print_is_drawn_in_the_colours_of_a_screen():
    out = io.BytesIO()
    picture().convert("CMYK").save(out, "JPEG")
    assert near(dots_of(redraw(out.getvalue()).content).getpixel((20, 20)), RED)


def test_a_pdf_becomes_images_of_its_pages_and_nothing_else():
    came = pdf(pages=2)
    assert {"/JS", "/EmbeddedFile", "/AP"} & names_in(came), "otherwise this proves nothing"
    made = redraw(came)
    assert (made.content_type, made.pages) == ("application/pdf", 2)
    read = PdfReader(io.BytesIO(made.content))
    assert [page.extract_text() for page in read.pages] == ["", ""]
    dangerous = {
        "/JS",
        "/JavaScript",
        "/OpenAction",
        "/AA",
        "/EmbeddedFiles",
        "/AcroForm",
        "/Annots",
        "/Names",
        "/Author",
    }
    assert not names_in(made.content) & dangerous
    for word in (b"canary", b"Canary", CANARY_CAMERA.encode()):
        assert word not in made.content


def test_a_page_of_a_pdf_shows_what_it_showed_and_what_was_filled_in():
    shown = dots_of(redraw(pdf()).content)
    scale = shown.width / 595
    assert shown.width == pytest.approx(595 * 150 / 72, abs=2)
    assert near(shown.getpixel((int(150 * scale), int((842 - 625) * scale))), (255, 0, 0))
    assert near(shown.getpixel((int(120 * scale), int((842 - 420) * scale))), BLUE)


def test_a_file_that_is_two_things_becomes_one():
    both = photo() + b"<script>alert(1)</script>" + b"PK\x03\x04" + pdf()
    made = redraw(both)
    assert made.content_type == "image/jpeg"
    for word in (b"<script", b"PK\x03\x04", b"%PDF"):
        assert word not in made.content


#: By name, because two processes collect the tests and a locked PDF is never the same twice.
REFUSED = {
    "nothing": (b"", "empty"),
    "too large": (b"x" * (MOST_SENT + 1), "large"),
    "svg": (SVG, "kind"),
    "html": (HTML, "kind"),
    "html before a pdf": (HTML + pdf(), "kind"),
    "a program": (b"MZ" + bytes(500), "kind"),
    "gif": (b"GIF89a" + bytes(50), "kind"),
    "heic": (HEIC, "heic"),
    "noise": (b"\xff\xd8\xff" + bytes(500), "damaged"),
    "a cut photo": (photo(1200, 900)[:4000], "damaged"),
    "a cut png": (png()[:200], "damaged"),
    "a cut pdf": (pdf()[:-600], "damaged"),
    "an empty pdf": (b"%PDF-1.7\n%%EOF", "damaged"),
    "a locked pdf": (pdf(password="secret"), "locked"),
    "too many pages": (pdf(pages=21), "pages"),
    "a bomb": (huge(), "pixels"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_redrawn_is_refused_with_a_sentence(what):
    content, reason = REFUSED[what]
    with pytest.raises(CannotRedraw) as refusal:
        redraw(content)
    assert (refusal.value.reason, refusal.value.text) == (reason, REFUSALS[reason])


def test_the_pdf_library_is_built_without_a_script_engine():
    assert not set(pypdfium2.version.PDFIUM_INFO.flags) & {"V8", "XFA"}


def test_a_page_as_large_as_a_wall_is_drawn_with_a_bounded_number_of_dots():
    shown = dots_of(redraw(pdf(width=14_400, height=14_400)).content)
    assert shown.width * shown.height <= 4_010_000


def test_a_large_photo_is_made_smaller_until_it_fits():
    out = io.BytesIO()
    Image.effect_noise((2900, 2200), 120).convert("RGB").save(out, "JPEG", quality=70)
    assert len(out.getvalue()) < MOST_SENT
    made = redraw(out.getvalue())
    assert len(made.content) <= MOST_SENT


@pytest.mark.parametrize("seed", range(6))
def test_noise_behind_a_good_beginning_is_refused_and_never_a_crash(seed):
    noise = os.urandom(4000)
    for beginning, end in ((b"\xff\xd8\xff\xe0", b"\xff\xd9"), (b"\x89PNG\r\n\x1a\n", b""), (b"%PDF-1.4\n", b"%%EOF")):
        with pytest.raises(CannotRedraw):
            redraw(beginning + noise + end)


STUDIOS = {
    "for ever": ("while True: pass", "costly"),
    "asleep": ("import time; time.sleep(60)", "costly"),
    "memory": ("x = bytearray(4_000_000_000)", "damaged"),
    "another process": ("import os; os.abort()", "costly"),
    "no answer": ("", "damaged"),
    "no JSON": ("print('[1]')", "damaged"),
    "a lie about the bytes": ('print(\'{"type": "image/png", "pages": 1}\'); print(\'<script>\')', "damaged"),
    "a lie": ('print(\'{"type": "text/html", "pages": 1}\'); print(\'<script>\')', "damaged"),
    "half an answer": ('print(\'{"type": "image/jpeg", "pages": 1}\')', "damaged"),
}


@pytest.mark.parametrize("what", STUDIOS)
def test_a_process_that_goes_wrong_is_ended_and_the_file_refused(what, monkeypatch, tmp_path):
    """Whatever a file could make a library do, the parent bounds it and believes nothing that it cannot check."""
    act, reason = STUDIOS[what]
    studio = tmp_path / "studio.py"
    limits = redrawing.STUDIO.read_text().split('if __name__ == "__main__":')[0].replace("SECONDS = 8", "SECONDS = 1")
    studio.write_text(f"{limits}\nlimit()\n{act}\n")
    monkeypatch.setattr(redrawing, "STUDIO", studio)
    monkeypatch.setattr(redrawing, "SECONDS", 3)
    with pytest.raises(CannotRedraw) as refusal:
        redraw(photo())
    assert refusal.value.reason == reason


def test_the_process_has_neither_the_keys_nor_a_file_to_write_to(monkeypatch, tmp_path):
    tell = (
        "import json, os\n"
        "file = os.open(sys.argv[0] + '.written', os.O_CREAT | os.O_WRONLY)\n"
        "try: wrote = os.write(file, b'x')\n"
        "except OSError: wrote = 0\n"
        "sys.stdout.buffer.write(json.dumps({'refused': 'empty' if wrote or os.environ.get('SECRET_KEY') "
        "or os.environ.get('SEALING_KEYS') else 'heic'}).encode() + b'\\n')\n"
    )
    studio = tmp_path / "studio.py"
    limits = redrawing.STUDIO.read_text().split('if __name__ == "__main__":')[0]
    studio.write_text(f"import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n{limits}\nlimit()\n{tell}")
    monkeypatch.setattr(redrawing, "STUDIO", studio)
    monkeypatch.setenv("SECRET_KEY", "x")
    with pytest.raises(CannotRedraw) as refusal:
        redraw(photo())
    assert refusal.value.reason == "heic"
