"""Files that people send, and files that somebody sends who means harm. All made here."""

import io
import zlib
from itertools import chain

from PIL import Image, ImageDraw
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, RectangleObject, StreamObject
from pypdf.generic import TextStringObject as Text

CANARY_CAMERA = "Zebulina's phone"
CANARY_GPS = (51.0, 13.0, 37.125)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(400)


def picture(width: int = 320, height: int = 200) -> Image.Image:
    """A picture whose upper left quarter is red, on white."""
    drawn = Image.new("RGB", (width, height), "white")
    ImageDraw.Draw(drawn).rectangle((0, 0, width // 2 - 1, height // 2 - 1), fill=(220, 0, 0))
    return drawn


def photo(width: int = 320, height: int = 200, *, turned: bool = False) -> bytes:
    """A JPEG as a phone writes it: its owner's name, a place and a comment in it; `turned` as when held upright."""
    exif = Image.Exif()
    exif[0x010F], exif[0x9C9B] = CANARY_CAMERA, CANARY_CAMERA.encode("utf-16-le")
    exif[0x0112] = 6 if turned else 1
    place = exif.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", CANARY_GPS, "W", CANARY_GPS
    out = io.BytesIO()
    picture(width, height).save(out, "JPEG", quality=90, exif=exif, comment=CANARY_CAMERA.encode())
    return out.getvalue()


def png(mode: str = "RGB") -> bytes:
    """A PNG with a comment in it."""
    out = io.BytesIO()
    drawn = picture().convert("L").convert("I").point(lambda dot: dot * 256) if mode == "I;16" else picture()
    drawn.convert(mode).save(out, "PNG", comment=CANARY_CAMERA)
    return out.getvalue()


def huge() -> bytes:
    """A PNG of 400 million dots in a few hundred kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    side = 20_000
    header = side.to_bytes(4) * 2 + bytes([8, 2, 0, 0, 0])
    dots = zlib.compress(bytes(side * 300))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", dots) + chunk(b"IEND", b"")


def pdf(pages: int = 1, *, width: int = 595, height: int = 842, password: str = "") -> bytes:
    """A PDF with words on its pages, a script that runs when it is opened, a file in it, a link and a form field."""
    writer, fields = PdfWriter(), ArrayObject()
    for number in range(pages):
        page = writer.add_blank_page(width, height)
        words = f"BT /F1 24 Tf 72 700 Td (Canary words {number}) Tj ET 1 0 0 rg 72 600 200 50 re f".encode()
        stream = StreamObject()
        stream.set_data(words)
        font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
        named = DictionaryObject({NameObject(key): NameObject(value) for key, value in font.items()})
        fonts = DictionaryObject({NameObject("/F1"): named})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        page[NameObject("/Contents")] = writer._add_object(stream)
        page[NameObject("/Annots")] = ArrayObject([writer._add_object(_field(writer))])
        fields.append(page["/Annots"][0].indirect_reference)
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): fields})
    script = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): Text("app.alert('canary script');")}
    writer.root_object[NameObject("/OpenAction")] = writer._add_object(DictionaryObject(script))
    writer.add_attachment("canary.exe", b"MZ canary file")
    writer.add_metadata({"/Author": CANARY_CAMERA})
    if password:
        writer.encrypt(password, algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _field(writer: PdfWriter) -> DictionaryObject:
    """A text field that was filled in: a blue box where the answer stands."""
    look = StreamObject()
    look.set_data(b"0 0 1 rg 0 0 100 40 re f")
    look[NameObject("/Type")], look[NameObject("/Subtype")] = NameObject("/XObject"), NameObject("/Form")
    look[NameObject("/BBox")] = RectangleObject((0, 0, 100, 40))
    return DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Widget"),
            NameObject("/FT"): NameObject("/Tx"),
            NameObject("/T"): Text("answer"),
            NameObject("/V"): Text("canary answer"),
            NameObject("/F"): NumberObject(4),
            NameObject("/Rect"): RectangleObject((72, 400, 172, 440)),
            NameObject("/AP"): DictionaryObject({NameObject("/N"): writer._add_object(look)}),
        }
    )


def dots_of(content: bytes) -> Image.Image:
    """The picture, or the first page, that `content` shows."""
    if not content.startswith(b"%PDF"):
        return Image.open(io.BytesIO(content)).convert("RGB")
    return Image.open(io.BytesIO(PdfReader(io.BytesIO(content)).pages[0].images[0].data)).convert("RGB")


def names_in(content: bytes) -> set[str]:
    """Every key of every dictionary of a PDF: what it can do."""
    reader = PdfReader(io.BytesIO(content))
    objects = (reader.get_object(number) for number in range(1, reader.trailer["/Size"]))
    return set(chain.from_iterable(found for found in objects if isinstance(found, dict)))
