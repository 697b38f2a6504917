"""The sample desk's pictures and papers, drawn here so that no file is shipped."""

import io
from collections.abc import Callable

from PIL import Image, ImageDraw

PAPER, INK, INDIGO, RED, SOY, GOLD = "#f4ecdc", "#2b2620", "#274a78", "#a82c1d", "#4a2417", "#c9973b"


def _picture(width: int, height: int, ground: str, draw: Callable[[ImageDraw.ImageDraw], None]) -> bytes:
    image = Image.new("RGB", (width * 2, height * 2), ground)
    draw(ImageDraw.Draw(image))
    out = io.BytesIO()
    image.resize((width, height), Image.Resampling.LANCZOS).save(out, "JPEG", quality=86)
    return out.getvalue()


def _bottle(pen: ImageDraw.ImageDraw, x: int, y: int, glass: str) -> None:
    pen.rounded_rectangle((x + 70, y, x + 130, y + 150), 18, glass)
    pen.rounded_rectangle((x, y + 120, x + 200, y + 560), 46, glass)
    pen.rounded_rectangle((x + 62, y - 26, x + 138, y + 30), 12, RED)
    pen.rectangle((x + 18, y + 250, x + 182, y + 450), PAPER)
    pen.ellipse((x + 66, y + 300, x + 134, y + 368), RED)
    pen.line((x + 44, y + 400, x + 156, y + 400), INK, 6)


def leaking_bottle() -> bytes:
    """Soy sauce that ran out in its box."""

    def draw(pen: ImageDraw.ImageDraw) -> None:
        pen.rectangle((60, 300, 1060, 790), "#c69a68")
        pen.polygon(((60, 300), (1060, 300), (980, 220), (140, 220)), "#dbb788")
        pen.ellipse((250, 610, 900, 770), SOY)
        pen.ellipse((640, 690, 1010, 780), "#5b2f1f")
        _bottle(pen, 300, 120, SOY)
        _bottle(pen, 590, 120, SOY)
        pen.line(((690, 300), (720, 380), (676, 420), (716, 520)), PAPER, 8)
        pen.rectangle((90, 560, 230, 610), RED)

    return _picture(560, 400, "#8a8378", draw)


def wrong_miso() -> bytes:
    """Two tubs of miso where one was ordered."""

    def draw(pen: ImageDraw.ImageDraw) -> None:
        for x, colour in ((160, "#b07a3c"), (600, "#7c4a24")):
            pen.rounded_rectangle((x, 260, x + 360, 660), 40, colour)
            pen.rounded_rectangle((x - 20, 200, x + 380, 290), 30, PAPER)
            pen.rectangle((x + 60, 380, x + 300, 570), PAPER)
            pen.line((x + 90, 440, x + 270, 440), RED, 14)
            pen.line((x + 90, 490, x + 230, 490), INK, 8)
        pen.ellipse((470, 90, 650, 180), INDIGO)

    return _picture(560, 400, "#d9cfbc", draw)


def error_screen() -> bytes:
    """A telephone that shows a sign-in error."""

    def draw(pen: ImageDraw.ImageDraw) -> None:
        pen.rounded_rectangle((230, 40, 690, 960), 60, INK)
        pen.rounded_rectangle((256, 90, 664, 910), 30, "#fffdf8")
        pen.rectangle((256, 150, 664, 240), INDIGO)
        for y in (320, 420):
            pen.rounded_rectangle((300, y, 620, y + 64), 16, "#ece6d9")
        pen.rounded_rectangle((300, 540, 620, 610), 30, INDIGO)
        pen.rounded_rectangle((300, 690, 620, 790), 16, "#f6ddd8")
        pen.line((330, 725, 590, 725), RED, 10)
        pen.line((330, 758, 510, 758), RED, 10)

    return _picture(460, 500, PAPER, draw)


def label() -> bytes:
    """The back of a bottle: its list of ingredients."""

    def draw(pen: ImageDraw.ImageDraw) -> None:
        pen.rectangle((120, 60, 1000, 740), "#fffaf0")
        pen.rectangle((120, 60, 1000, 160), INDIGO)
        for row in range(8):
            y = 220 + row * 60
            pen.line((170, y, 360, y), INK, 12)
            pen.line((420, y, 760 + (row * 97) % 200, y), "#7a7060", 10)
        pen.rectangle((160, 380, 960, 432), outline=RED, width=8)

    return _picture(560, 400, SOY, draw)


def invoice() -> bytes:
    """A page of PDF with a short English invoice."""
    lines = [
        "Mikawaya  -  Invoice 2026-1107",
        "",
        "Brewed soy sauce 1.8 L x 24      28,800 yen",
        "Real mirin 500 ml x 12           10,560 yen",
        "Consumption tax (8%)              3,148 yen",
        "Total                            42,508 yen",
    ]
    shown = " T* ".join(f"({line}) Tj" for line in lines)
    stream = f"BT /F1 12 Tf 18 TL 60 760 Td {shown} ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Courier>>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % at for at in places)
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    return out + end % (len(objects) + 1, table, len(objects) + 1, len(out))


def order_list() -> bytes:
    """A restaurant's weekly order, as a spreadsheet program saves it."""
    rows = [
        "品名,数量,単位",
        "本醸造しょうゆ 1.8L,12,本",
        "本みりん 500ml,6,本",
        "信州みそ 4kg,2,樽",
        "純米酒 1.8L,6,本",
    ]
    return ("\ufeff" + "\r\n".join(rows) + "\r\n").encode()


FILES: dict[str, tuple[str, str, Callable[[], bytes]]] = {
    "leak": ("IMG_2041.jpg", "image/jpeg", leaking_bottle),
    "miso": ("IMG_0877.jpg", "image/jpeg", wrong_miso),
    "screen": ("Screenshot_20261120.jpg", "image/jpeg", error_screen),
    "label": ("label.jpg", "image/jpeg", label),
    "invoice": ("invoice-2026-1107.pdf", "application/pdf", invoice),
    "order": ("発注書_11月第4週.csv", "text/csv", order_list),
}
