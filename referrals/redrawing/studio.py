"""The process that redraws one file. It is started for that file by `redraw`, and imports nothing of the project.

Reads the file from standard input; writes one line of JSON, then the new bytes, to standard output. The line is
`{"type": …, "pages": …}` or `{"refused": reason}`.
"""

import json
import resource
import sys
from collections.abc import Iterator
from io import BytesIO

MEMORY = 1_200_000_000  # bytes of addresses, libraries among them: 50 million dots take 150 million, twice while turned
SECONDS = 8  # of computing
MOST_PIXELS = 50_000_000
MOST_PAGES = 20
MOST_BYTES = 5_000_000
PAGE_PIXELS = 4_000_000  # of one page of a PDF: A4 at 150 dots an inch has 2.2 million
#: What is tried until the result is small enough: JPEG quality and longest side in dots, JPEG quality and dots an inch.
PICTURES = ((88, 5000), (80, 3500), (70, 2400))
PAGES = ((80, 150), (65, 120), (50, 100))


class Refused(Exception):
    """Raised with a reason that the parent has words for."""


def limit() -> None:
    """Bound what the process may take before it looks at a byte: memory, time, no files, no further processes."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(what, (most, most))


def kind_of(content: bytes) -> str:
    """Return what the first bytes say: 'JPEG', 'PNG' or 'PDF'. Raises Refused."""
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content.startswith(b"%PDF-"):
        return "PDF"
    brand = content[4:12]
    raise Refused("heic" if brand[:4] == b"ftyp" and brand[4:] in (b"heic", b"heix", b"mif1", b"hevc") else "kind")


def redraw_picture(content: bytes, kind: str) -> tuple[str, bytes, int]:
    """Return a picture drawn again: the right way up, without metadata, in plain colours."""
    with Image.open(BytesIO(content), formats=[kind]) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise Refused("pixels")
        opened.draft("RGB", (PICTURES[0][1],) * 2)  # a large JPEG is decoded at half its size: a quarter of the work
        opened.load()
        drawn = plain(ImageOps.exif_transpose(opened))
    if kind == "PNG":
        out = BytesIO()
        drawn.save(out, "PNG", compress_level=6)
        if out.tell() <= MOST_BYTES:
            return "image/png", out.getvalue(), 1
    for quality, longest in PICTURES:
        small = drawn.copy()
        small.thumbnail((longest, longest))
        out = BytesIO()
        small.save(out, "JPEG", quality=quality, optimize=False)
        if out.tell() <= MOST_BYTES:
            return "image/jpeg", out.getvalue(), 1
    raise Refused("dense")


def plain(picture: "Image.Image") -> "Image.Image":
    """Return the dots alone, on white where there were none: a new picture, with nothing of what came with the old."""
    if picture.mode.startswith("I"):  # 16 bits of grey
        picture = picture.convert("I").point(lambda dot: dot / 256).convert("L")
    ground = Image.new("RGB", picture.size, "white")
    if picture.mode in ("RGBA", "LA", "PA", "P") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        ground.paste(picture, mask=picture.getchannel("A"))
    else:
        ground.paste(picture.convert("RGB"))
    return ground


def redraw_pages(content: bytes) -> tuple[str, bytes, int]:
    """Return a PDF whose pages are images of those of `content`: no text, script, link, form or file is in it."""
    if b"%%EOF" not in content[-2048:]:
        raise Refused("damaged")  # cut short: pdfium would show the pages that it can find, and nobody would know
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).casefold() or "security" in str(error).casefold()
        raise Refused("locked" if locked else "damaged") from None
    if not len(document):
        raise Refused("damaged")
    document.init_forms()  # else what was filled in is not drawn; this pdfium is built without a script engine
    if len(document) > MOST_PAGES:
        raise Refused("pages")
    for quality, dots in PAGES:
        first, *others = drawn_pages(document, dots)
        out = BytesIO()
        first.save(out, "PDF", save_all=True, append_images=others, resolution=dots, quality=quality)
        if out.tell() <= MOST_BYTES:
            return "application/pdf", out.getvalue(), len(document)
    raise Refused("dense")


def drawn_pages(document: "pypdfium2.PdfDocument", dots: int) -> Iterator["Image.Image"]:
    """Draw each page at `dots` an inch, or with fewer where it is larger than a sheet of paper."""
    for page in document:
        width, height = page.get_size()
        if not (width > 0 and height > 0):
            raise Refused("damaged")
        scale = min(dots / 72, (PAGE_PIXELS / (width * height)) ** 0.5)
        if min(width, height) * scale < 1:
            raise Refused("damaged")
        yield page.render(scale=scale, rev_byteorder=True).to_pil().convert("RGB")


def main() -> None:
    """Redraw what is on standard input."""
    content = sys.stdin.buffer.read()
    try:
        kind = kind_of(content)
        made, drawn, pages = redraw_pages(content) if kind == "PDF" else redraw_picture(content, kind)
        head = {"type": made, "pages": pages}
    except Refused as refusal:
        head, drawn = {"refused": str(refusal)}, b""
    except MemoryError:
        head, drawn = {"refused": "pixels"}, b""
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        head, drawn = {"refused": "pixels"}, b""
    except (OSError, ValueError, SyntaxError, pypdfium2.PdfiumError):  # how Pillow and pdfium say that it is broken
        head, drawn = {"refused": "damaged"}, b""
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + drawn)


if __name__ == "__main__":
    import pypdfium2
    from PIL import Image, ImageOps

    limit()
    main()
