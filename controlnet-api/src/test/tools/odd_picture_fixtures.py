"""Writes small picture files that decoders are known to stumble over, and what is to be read from them.

Usage: python odd_picture_fixtures.py OUTPUT_FOLDER   (made with Pillow 13.0, libjpeg-turbo 3.2)

For each NAME there are the file and a line in odd.txt: NAME, width, height, by how many levels a decoder may differ,
and a file with the expected RGB bytes. The levels are 0: libjpeg 6, which Java brings along, and libjpeg-turbo, which
Pillow and some builds of Java have, agree in every bit. Only where colour is subsampled in height alone do they differ:
the one repeats rows, the other runs them into each other, which makes up to 6 levels of this photograph.
A line "NAME refused WORDS" is a file that is to be refused in
a sentence with these words (_ for a space).

Expected is what Pillow reads, transparency put over white by HWC3's formula. Where PIXELS are computed here from the
format's specification instead, the script checks that Pillow agrees, or DIFFERS says why it does not.
"""

import io
import os
import struct
import sys
import zlib

import numpy as np
from PIL import Image, ImageCms, ImageOps

WIDTH, HEIGHT = 24, 16
folder = sys.argv[1]
lines = []
written = {}

# Pillow compares a transparent colour of 16 bits with samples of 8, and one of 1, 2 or 4 bits with scaled samples.
DIFFERS = ("png-grey2-trns", "png-grey4-trns", "png-rgb16-trns", "png-grey16-trns")
# Pillow cuts grey of 16 bits off at 255 when it makes RGB of it; OpenCV and this library keep the high byte.
DIFFERS += ("png-grey16", "png-grey16-interlaced")
# Pillow refuses these over their metadata; the pixels are there.
DIFFERS += ("jpeg-icc-no-number", "png-palette-text-bomb")


def over_white(rgba):
    colour = rgba[:, :, 0:3].astype(np.float32)
    alpha = rgba[:, :, 3:4].astype(np.float32) / 255.0
    return (colour * alpha + 255.0 * (1.0 - alpha)).clip(0, 255).astype(np.uint8)


def pillow(data):
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    if "transparency" in image.info or image.mode in ("RGBA", "LA", "PA", "RGBa"):
        return over_white(np.array(image.convert("RGBA")))
    return np.array(image.convert("RGB"))


def put(name, data, levels=0, expected=None):
    stem = name.rsplit(".", 1)[0]
    if expected is None:
        expected = pillow(data)
    elif expected.shape[2] == 4:
        expected = over_white(expected)
    if stem not in DIFFERS:
        found = pillow(data)
        assert found.shape == expected.shape and (found == expected).all(), name
    else:
        try:
            found = pillow(data)
            print(name, "Pillow differs by", abs(found.astype(int) - expected).max())
        except (OSError, SyntaxError, ValueError) as error:
            print(name, "Pillow refuses:", error)
    with open(os.path.join(folder, name), "wb") as out:
        out.write(data)
    pixels = np.ascontiguousarray(expected).tobytes()
    if pixels not in written:
        written[pixels] = name + ".rgb"
        with open(os.path.join(folder, name + ".rgb"), "wb") as out:
            out.write(pixels)
    lines.append(f"{name} {expected.shape[1]} {expected.shape[0]} {levels} {written[pixels]}")


def refuse(name, data, words):
    with open(os.path.join(folder, name), "wb") as out:
        out.write(data)
    lines.append(f"{name} refused {words.replace(' ', '_')}")


def photo(mode="RGB", width=WIDTH, height=HEIGHT):
    """Strong colours, little detail: what colour model is taken shows, what rounding does not."""
    small = np.array([[[200, 40, 30], [40, 180, 60], [30, 60, 210]], [[230, 210, 40], [90, 20, 120], [20, 200, 220]]])
    image = Image.fromarray(small.astype(np.uint8)).resize((width, height), Image.BICUBIC)
    if mode == "CMYK":
        ink = np.array(image)
        black = np.full(ink.shape[:2] + (1,), 60, np.uint8)
        return Image.frombytes("CMYK", image.size, np.concatenate([255 - ink, black], axis=2).tobytes())
    return image.convert(mode)


# ---- JPEG ----


def jpeg(image=None, **options):
    buffer = io.BytesIO()
    (image or photo()).save(buffer, "JPEG", **{"quality": 92, "subsampling": 0, **options})
    return buffer.getvalue()


def segments(data):
    """[(marker, content)] up to the first scan, and the rest from its marker on."""
    found, at = [], 2
    while data[at + 1] != 0xDA:
        length = struct.unpack(">H", data[at + 2 : at + 4])[0]
        found.append((data[at + 1], data[at + 4 : at + 2 + length]))
        at += 2 + length
    return found, data[at:]


def segment(marker, content):
    return struct.pack(">BBH", 255, marker, len(content) + 2) + content


def assemble(parts, rest):
    return b"\xff\xd8" + b"".join(segment(*part) for part in parts) + rest


def bare(data):
    """Without any application data."""
    parts, rest = segments(data)
    return [part for part in parts if not 0xE0 <= part[0] <= 0xEF and part[0] != 0xFE], rest


JFIF = (0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")


def adobe(transform):
    return (0xEE, b"Adobe\0\x64\0\0\0\0" + bytes([transform]))


def with_parts(data, *parts):
    kept, rest = bare(data)
    return assemble(list(parts) + kept, rest)


def numbered(data, ids):
    """Gives the components other numbers."""
    parts, rest = segments(data)
    result = []
    for marker, content in parts:
        if 0xC0 <= marker <= 0xC2:
            content = bytearray(content)
            for i, number in enumerate(ids):
                content[6 + 3 * i] = number
            content = bytes(content)
        result.append((marker, content))
    rest = bytearray(rest)
    for i, number in enumerate(ids):
        rest[5 + 2 * i] = number
    return assemble(result, bytes(rest))


def sampled(data, factors):
    """Gives the first component other sampling factors; with as many blocks the scan fits, if not the picture."""
    parts, rest = segments(data)
    return assemble(
        [(m, c[:7] + bytes([factors]) + c[8:]) if m == 0xC0 else (m, c) for m, c in parts], rest
    )


def icc(*profiles):
    return [(0xE2, b"ICC_PROFILE\0" + bytes([number, count]) + data) for number, count, data in profiles]


def profile(space):
    """A profile of an earlier date, so that the files are the same each time, that claims to be of a colour space."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return srgb[:16] + space + srgb[20:24] + bytes(12) + srgb[36:]


def frame(data, marker=0xC0, **changes):
    """Changes the frame's head."""
    parts, rest = segments(data)
    result = []
    for number, content in parts:
        if number in (0xC0, 0xC2):
            number = marker
            if "precision" in changes:
                content = bytes([changes["precision"]]) + content[1:]
            if "height" in changes:
                content = content[:1] + struct.pack(">H", changes["height"]) + content[3:]
            if "components" in changes:
                content = content[:5] + bytes([changes["components"]]) + content[6 : 6 + 3 * changes["components"]]
        result.append((number, content))
    return assemble(result, rest)


def exif(value, kind=3, order="<", count=1):
    head = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(order + "I", 8)
    number = struct.pack(order + ("H" if kind == 3 else "I"), value).ljust(4, b"\0")
    return head + struct.pack(order + "HHHI", 1, 274, kind, count) + number + bytes(4)


def many_scans():
    """A progressive picture whose last scan, of nothing, comes again and again."""
    data = jpeg(photo("L"), progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * 120 + b"\xff\xd9"


def jpegs():
    ycc, rgb = jpeg(), jpeg(keep_rgb=True)
    small = jpeg(subsampling=2)
    cmyk = jpeg(photo("CMYK"))
    for name, base in (("ycc", ycc), ("rgb", rgb)):
        put(f"jpeg-{name}-no-marker.jpg", with_parts(numbered(base, (1, 2, 3))))
        put(f"jpeg-{name}-ids-rgb.jpg", with_parts(numbered(base, b"RGB")))
        put(f"jpeg-{name}-ids-0.jpg", with_parts(numbered(base, (0, 1, 2))))
        put(f"jpeg-{name}-ids-rgb-jfif.jpg", with_parts(numbered(base, b"RGB"), JFIF))
        put(f"jpeg-{name}-ids-rgb-adobe-1.jpg", with_parts(numbered(base, b"RGB"), adobe(1)))
        for transform in range(3):
            put(f"jpeg-{name}-adobe-{transform}.jpg", with_parts(numbered(base, (1, 2, 3)), adobe(transform)))
    put("jpeg-rgb-adobe-0-jfif.jpg", with_parts(numbered(rgb, (1, 2, 3)), JFIF, adobe(0)))
    put("jpeg-rgb-adobe-0-then-jfif.jpg", with_parts(numbered(rgb, (1, 2, 3)), adobe(0), JFIF))
    put("jpeg-ycc-ids-ycc-letters.jpg", with_parts(numbered(ycc, b"Ycc")))
    put("jpeg-ycc-ids-34.jpg", with_parts(numbered(ycc, (34, 35, 36))))
    put("jpeg-ycc-adobe-short.jpg", with_parts(ycc, (0xEE, b"Adobe\0\x64\0\0\0\0")))
    put("jpeg-ycc-adobe-twice.jpg", with_parts(numbered(rgb, (1, 2, 3)), adobe(1), adobe(0)))
    put("jpeg-ycc-exif-only.jpg", with_parts(ycc, (0xE1, b"Exif\0\0" + exif(1))))
    put("jpeg-420-no-marker.jpg", with_parts(small))
    put("jpeg-420-adobe-0.jpg", with_parts(small, adobe(0)))
    put("jpeg-420-ids-rgb.jpg", with_parts(numbered(small, b"RGB")))
    put("jpeg-420-odd.jpg", jpeg(photo(width=19, height=13), subsampling=2))
    put("jpeg-422-odd.jpg", jpeg(photo(width=19, height=13), subsampling=1))
    put("jpeg-sampled-41.jpg", sampled(jpeg(photo(width=32, height=16), subsampling=2), 0x41))
    put("jpeg-sampled-14.jpg", sampled(jpeg(photo(width=16, height=32), subsampling=2), 0x14))
    put("jpeg-sampled-12.jpg", sampled(jpeg(photo(width=16, height=16), subsampling=1), 0x12), 8)
    put("jpeg-420-progressive.jpg", jpeg(subsampling=2, progressive=True))
    put("jpeg-grey-progressive.jpg", jpeg(photo("L"), progressive=True))
    put("jpeg-rgb-progressive-adobe-0.jpg", with_parts(jpeg(keep_rgb=True, progressive=True), adobe(0)))
    put("jpeg-restart.jpg", jpeg(restart_marker_blocks=1))
    put("jpeg-restart-rows-420.jpg", jpeg(subsampling=2, restart_marker_rows=1))
    put("jpeg-extended.jpg", frame(ycc, 0xC1))
    put("jpeg-grey-adobe.jpg", with_parts(jpeg(photo("L")), adobe(1)))
    put("jpeg-grey-2x2.jpg", sampled(jpeg(photo("L")), 0x22))
    for transform in (None, 0, 1, 2):
        markers = [] if transform is None else [adobe(transform)]
        put(f"jpeg-cmyk-adobe-{transform}.jpg".lower(), with_parts(numbered(cmyk, (1, 2, 3, 4)), *markers))
    put("jpeg-cmyk-jfif.jpg", with_parts(cmyk, JFIF))
    put("jpeg-cmyk-letters.jpg", with_parts(numbered(cmyk, b"CMYK")))
    put("jpeg-cmyk-420.jpg", with_parts(jpeg(photo("CMYK"), subsampling=2)))
    put("jpeg-cmyk-420-ycck.jpg", with_parts(jpeg(photo("CMYK"), subsampling=2), adobe(2)))
    put("jpeg-cmyk-profile.jpg", with_parts(cmyk, adobe(0), *icc((1, 1, profile(b"CMYK")))))

    srgb = profile(b"RGB ")
    third = len(srgb) // 3 + 1
    a, b, c = (srgb[i * third : (i + 1) * third] for i in range(3))
    for name, parts in {
        "right": icc((1, 3, a), (2, 3, b), (3, 3, c)),
        "order": icc((3, 3, c), (1, 3, a), (2, 3, b)),
        "missing": icc((1, 3, a), (3, 3, c)),
        "more": icc((1, 2, a), (2, 2, b), (3, 2, c)),
        "counts": icc((1, 3, a), (2, 4, b), (3, 5, c)),
        "zero": icc((0, 0, srgb[:200])),
        "twice": icc((1, 1, srgb[:300]), (1, 1, srgb[:300])),
        "garbage": icc((1, 1, bytes(range(255, 0, -1)))),
        "empty": icc((1, 1, b"")),
        "no-number": [(0xE2, b"ICC_PROFILE\0")],
        "grey": icc((1, 1, profile(b"GRAY"))),
        "cmyk": icc((1, 1, profile(b"CMYK"))),
        "lab": icc((1, 1, profile(b"Lab "))),
    }.items():
        put(f"jpeg-icc-{name}.jpg", with_parts(ycc, JFIF, *parts), expected=pillow(ycc))
    put("jpeg-icc-on-grey.jpg", with_parts(jpeg(photo("L")), JFIF, *icc((1, 1, srgb))))
    put("jpeg-icc-no-jfif-adobe-0.jpg", with_parts(rgb, adobe(0), *icc((1, 1, srgb))))

    for name, part in {
        "density": (0xE0, b"JFIF\0\1\1\7\xff\xff\0\0\0\0"),
        "version": (0xE0, b"JFIF\0\x09\x09\1\0\1\0\1\0\0"),
        "thumbnail": (0xE0, b"JFIF\0\1\1\0\0\1\0\1\xff\xffabc"),
        "short": (0xE0, b"JFIF\0\1\1"),
        "jfxx": (0xE0, b"JFXX\0\x77garbage"),
        "comment": (0xFE, b"\xff\xd8\xff\xda\0\0"),
        "exif-broken": (0xE1, b"Exif\0\0MM\0*\xff\xff\xff\xff"),
        "photoshop": (0xED, b"Photoshop 3.0\x008BIM\4\4\0\0\xff\xff\xff\xff"),
        "app2-short": (0xE2, b"ICC"),
    }.items():
        put(f"jpeg-odd-{name}.jpg", with_parts(ycc, JFIF, part), expected=pillow(ycc))
    put("jpeg-odd-jfif-twice.jpg", with_parts(ycc, JFIF, JFIF))
    put("jpeg-odd-jfxx-first.jpg", with_parts(ycc, (0xE0, b"JFXX\0\x10" + ycc), JFIF))
    put("jpeg-odd-fill-bytes.jpg", ycc[:2] + b"\xff\xff\xff" + ycc[2:])
    put("jpeg-odd-after-end.jpg", ycc + small + b"garbage")
    put("jpeg-odd-name.png", ycc)
    for name, block in {
        "6-big": exif(6, order=">"),
        "8-long": exif(8, kind=4),
        "0": exif(0),
        "9": exif(9),
        "65535": exif(65535),
    }.items():
        put(f"jpeg-exif-{name}.jpg", with_parts(ycc, (0xE1, b"Exif\0\0" + block)))

    refuse("jpeg-arithmetic.jpg", frame(ycc, 0xC9), "arithmetic coding")
    refuse("jpeg-arithmetic-progressive.jpg", frame(jpeg(progressive=True), 0xCA), "arithmetic coding")
    refuse("jpeg-lossless.jpg", frame(ycc, 0xC3), "lossless coding")
    refuse("jpeg-hierarchical.jpg", frame(ycc, 0xC5), "hierarchical coding")
    refuse("jpeg-12-bit.jpg", frame(ycc, 0xC1, precision=12), "12 bits a sample")
    refuse("jpeg-2-components.jpg", frame(ycc, components=2), "2 components")
    refuse("jpeg-no-height.jpg", frame(ycc, height=0), "height")
    refuse("jpeg-no-end.jpg", ycc[:-2], "truncated")
    refuse("jpeg-half.jpg", ycc[: len(ycc) * 4 // 5], "truncated")
    refuse("jpeg-many-scans.jpg", many_scans(), "more than 100 scans")


# ---- PNG ----

PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def chunk(kind, data=b""):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def rows(samples, depth):
    """Samples [height, width, channels] as PNG rows without filter."""
    packed = b""
    for row in samples:
        if depth == 16:
            packed += b"\0" + row.astype(">u2").tobytes()
        else:
            bits = np.unpackbits(row.reshape(-1, 1).astype(np.uint8), axis=1)[:, 8 - depth :]
            packed += b"\0" + np.packbits(bits.reshape(-1)).tobytes()
    return packed


def png(samples, depth, kind, before=b"", interlaced=False, after=b"", split=None, palette=None):
    height, width = samples.shape[:2]
    if interlaced:
        parts = [samples[y::dy, x::dx] for x, y, dx, dy in PASSES]
        raw = b"".join(rows(part, depth) for part in parts if part.size)
    else:
        raw = rows(samples, depth)
    data = zlib.compress(raw, 9)
    pieces = [data] if split is None else [data[i : i + split] for i in range(0, len(data), split)]
    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, int(interlaced))
    if palette is not None:
        before = chunk(b"PLTE", palette) + before
    body = b"".join(chunk(b"IDAT", piece) for piece in pieces)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + before + body + after + chunk(b"IEND")


def samples(channels, depth, width=WIDTH, height=HEIGHT):
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(channels), indexing="ij")
    return ((x * (7 + 5 * c) + y * (11 - 3 * c) + 40 * c) * (257 if depth == 16 else 1) + (x % 3)) % (1 << depth)


def meant(stored, depth, hidden=None):
    """What the specification says: [height, width, 4]."""
    value = stored >> 8 if depth == 16 else stored * 255 // ((1 << depth) - 1)
    channels = stored.shape[2]
    colour = value[:, :, :3] if channels >= 3 else np.repeat(value[:, :, :1], 3, axis=2)
    alpha = np.full(stored.shape[:2] + (1,), 255)
    if channels in (2, 4):
        alpha = value[:, :, -1:]
    if hidden is not None:
        alpha[(stored == np.array(hidden)).all(axis=2)] = 0
    return np.concatenate([colour, alpha], axis=2).astype(np.uint8)


def words(*values):
    return b"".join(struct.pack(">H", value) for value in values)


def pngs():
    kinds = [("grey", 0, 1, d) for d in (1, 2, 4, 8, 16)] + [("rgb", 2, 3, d) for d in (8, 16)]
    kinds += [("grey-alpha", 4, 2, d) for d in (8, 16)] + [("rgba", 6, 4, d) for d in (8, 16)]
    for name, kind, channels, depth in kinds:
        stored = samples(channels, depth)
        put(f"png-{name}{depth}.png", png(stored, depth, kind), expected=meant(stored, depth))
        stored = samples(channels, depth, 11, 9)
        put(f"png-{name}{depth}-interlaced.png", png(stored, depth, kind, interlaced=True), expected=meant(stored, depth))
        if kind in (0, 2):
            stored = samples(channels, depth)
            hidden = [int(value) for value in stored[3, 5]]
            data = png(stored, depth, kind, chunk(b"tRNS", words(*hidden)))
            put(f"png-{name}{depth}-trns.png", data, expected=meant(stored, depth, hidden))
    colours = bytes((i * 37 + 11) % 256 for i in range(768))
    for depth in (1, 2, 4, 8):
        stored = samples(1, depth)
        table = np.frombuffer(colours[: 3 << depth], np.uint8).reshape(-1, 3)
        opaque = np.concatenate([table, np.full((1 << depth, 1), 255, np.uint8)], axis=1)
        holes = opaque.copy()
        holes[0, 3], holes[1, 3] = 0, 100
        palette = colours[: 3 << depth]
        put(f"png-palette{depth}.png", png(stored, depth, 3, palette=palette), expected=opaque[stored[:, :, 0]])
        data = png(stored, depth, 3, chunk(b"tRNS", b"\0\x64"), interlaced=True, palette=palette)
        put(f"png-palette{depth}-trns-interlaced.png", data, expected=holes[stored[:, :, 0]])
    rgb, small = samples(3, 8), samples(3, 8, 8, 8)
    srgb = profile(b"RGB ")
    named = lambda data: b"p\0\0" + zlib.compress(data)  # noqa: E731
    for name, before in {
        "gamma": chunk(b"gAMA", struct.pack(">I", 20000)),
        "gamma-zero": chunk(b"gAMA", struct.pack(">I", 0)),
        "chromaticities": chunk(b"cHRM", struct.pack(">8I", *range(1, 9))),
        "srgb": chunk(b"sRGB", b"\x63"),
        "profile": chunk(b"iCCP", named(srgb)),
        "profile-grey": chunk(b"iCCP", named(profile(b"GRAY"))),
        "bits": chunk(b"sBIT", b"\1\1\1"),
        "background": chunk(b"bKGD", words(9, 9, 9)),
        "suggested-palette": chunk(b"PLTE", colours),
        "unknown": chunk(b"xxXx", b"??"),
        "exif-6": chunk(b"eXIf", exif(6)),
        "text": chunk(b"zTXt", b"k\0\0" + zlib.compress(b"t" * 100)),
    }.items():
        put(f"png-odd-{name}.png", png(rgb, 8, 2, before))
    put("png-odd-exif-last.png", png(rgb, 8, 2, after=chunk(b"eXIf", exif(8, order=">"))))
    put("png-odd-exif-letters.png", png(small, 8, 2, chunk(b"eXIf", b"Exif\0\0" + exif(3))))
    put("png-odd-split.png", png(rgb, 8, 2, split=7))
    put("png-odd-after-end.png", png(rgb, 8, 2) + b"garbage")
    put("png-odd-name.jpg", png(rgb, 8, 2))
    # metadata that Java's decoder reads of palettes alone
    stored = samples(1, 4)
    palette = colours[:48]
    plain = pillow(png(stored, 4, 3, palette=palette))
    for name, before in {
        "profile-broken": chunk(b"iCCP", b"p\0\0garbage"),
        "profile-unnamed": chunk(b"iCCP", bytes(90)),
        "text-broken": chunk(b"zTXt", b"no end"),
        "text-bomb": chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(6 << 20), 9)),
        "histogram": chunk(b"hIST", b"\0"),
        "time": chunk(b"tIME", bytes(3)),
        "splt": chunk(b"sPLT", b"x"),
        "itxt": chunk(b"iTXt", b"k\0\1\0"),
    }.items():
        put(f"png-palette-{name}.png", png(stored, 4, 3, before, palette=palette), expected=plain)
    for side in range(1, 9):
        put(f"png-interlaced-{side}.png", png(samples(3, 8, side, 9 - side), 8, 2, interlaced=True))
    # an index that the palette does not have
    beyond = np.zeros((4, 4, 1), int)
    beyond[1, 1] = 3
    put("png-palette-beyond.png", png(beyond, 2, 3, palette=colours[:6]))
    refuse("png-no-palette.png", png(stored, 4, 3), "damaged or truncated")
    refuse("png-no-data.png", png(stored, 4, 3, palette=palette)[:100], "truncated")
    refuse("png-huge.png", png(np.zeros((1, 1, 3), int), 8, 2).replace(struct.pack(">II", 1, 1), struct.pack(">II", 90000, 90000)), "90000 x 90000")


# ---- GIF ----


def lzw(indices, size):
    """Codes of one width: the table is cleared before it would grow."""
    clear, bits, count = 1 << size, "", 0
    codes = []
    for index in indices:
        if count % ((1 << size) - 2) == 0:
            codes.append(clear)
        codes.append(int(index))
        count += 1
    codes.append(clear + 1)
    for code in codes:
        bits = format(code, f"0{size + 1}b") + bits
    data = int(bits, 2).to_bytes((len(bits) + 7) // 8, "little")
    blocks = b"".join(bytes([len(data[i : i + 255])]) + data[i : i + 255] for i in range(0, len(data), 255))
    return bytes([size]) + blocks + b"\0"


def image_block(indices, x, y, palette=b"", interlaced=False, size=3):
    height, width = indices.shape
    flags = (0x80 | (len(palette) // 3).bit_length() - 2 if palette else 0) | (0x40 if interlaced else 0)
    if interlaced:
        order = [*range(0, height, 8), *range(4, height, 8), *range(2, height, 4), *range(1, height, 2)]
        indices = indices[order]
    return struct.pack("<BHHHHB", 0x2C, x, y, width, height, flags) + palette + lzw(indices.reshape(-1), size)


def gif(screen, *blocks, palette=b"", background=0, version=b"89a"):
    flags = 0x80 | (len(palette) // 3).bit_length() - 2 if palette else 0
    return b"GIF" + version + struct.pack("<HHBBB", *screen, flags, background, 0) + palette + b"".join(blocks) + b";"


def control(transparent=None, disposal=0):
    flags = disposal << 2 | (transparent is not None)
    return b"!\xf9\4" + bytes([flags, 5, 0, transparent or 0]) + b"\0"


def gifs():
    palette = bytes((i * 67 + 23) % 256 for i in range(24))
    local = bytes((i * 41 + 99) % 256 for i in range(24))
    y, x = np.meshgrid(np.arange(10), np.arange(12), indexing="ij")
    shape = (x + 2 * y) % 7 + 1
    screen = (20, 16)
    draw = image_block(shape, 3, 4)
    put("gif-inside.gif", gif(screen, draw, palette=palette))
    put("gif-inside-background.gif", gif(screen, draw, palette=palette, background=5))
    put("gif-inside-transparent.gif", gif(screen, control(3), draw, palette=palette))
    put("gif-inside-transparent-background.gif", gif(screen, control(3), draw, palette=palette, background=3))
    put("gif-inside-local.gif", gif(screen, image_block(shape, 3, 4, local), palette=palette, background=2))
    put("gif-inside-local-only.gif", gif(screen, control(2), image_block(shape, 8, 6, local)))
    put("gif-no-palette.gif", gif((12, 10), image_block(shape, 0, 0)))
    put("gif-interlaced.gif", gif(screen, image_block(shape, 3, 4, interlaced=True), palette=palette))
    put("gif-beyond.gif", gif((9, 8), draw, palette=palette))
    put("gif-no-screen.gif", gif((0, 0), image_block(shape, 0, 0), palette=palette))
    put("gif-87.gif", gif(screen, draw, palette=palette, version=b"87a"))
    second = image_block(np.full((16, 20), 6), 0, 0)
    put("gif-frames.gif", gif(screen, control(None, 2), draw, control(), second, palette=palette))
    extensions = b"!\xfe\5hello\0!\xff\x0bNETSCAPE2.0\3\1\0\0\0!\x77\3abc\0"
    put("gif-extensions.gif", gif(screen, extensions, control(4), extensions, draw, palette=palette))
    tiny = b"".join(control() + image_block(shape[:1, :2], 0, 0) for _ in range(120))
    put("gif-many-frames.gif", gif(screen, draw, tiny, palette=palette))
    put("gif-no-trailer.gif", gif(screen, draw, palette=palette)[:-1])
    refuse("gif-no-picture.gif", gif(screen, extensions, palette=palette), "without a picture")
    refuse("gif-cut.gif", gif(screen, draw, palette=palette)[:-12], "truncated")


# ---- BMP ----


def bmp(width, height, bits, data, compression=0, palette=b"", size=40, extra=b"", used=0):
    if size == 12:
        head = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        head = struct.pack("<IiiHHIIiiII", size, width, height, 1, bits, compression, len(data), 2835, 2835, used, 0)
    head += extra
    start = 14 + len(head) + len(palette)
    return b"BM" + struct.pack("<IHHI", start + len(data), 0, 0, start) + head + palette + data


def padded(rows_of_bytes):
    return b"".join(row + bytes(-len(row) % 4) for row in rows_of_bytes)


def bmps():
    width, height = 11, 6
    colours = bytes((i * 53 + 7) % 256 for i in range(1024))
    for bits in (1, 4, 8):
        index = samples(1, bits, width, height)[:, :, 0]
        packed = [
            np.packbits(np.unpackbits(row.reshape(-1, 1).astype(np.uint8), axis=1)[:, 8 - bits :].reshape(-1)).tobytes()
            for row in index
        ]
        table = b"".join(colours[4 * i : 4 * i + 3] + b"\0" for i in range(1 << bits))
        put(f"bmp-{bits}.bmp", bmp(width, height, bits, padded(packed), palette=table))
        put(f"bmp-{bits}-top-down.bmp", bmp(width, -height, bits, padded(packed), palette=table))
    rgb = samples(3, 8, width, height).astype(np.uint8)
    put("bmp-24.bmp", bmp(width, height, 24, padded(row.tobytes() for row in rgb)))
    put("bmp-24-core.bmp", bmp(width, height, 24, padded(row.tobytes() for row in rgb), size=12))
    four = np.concatenate([rgb, samples(1, 8, width, height).astype(np.uint8)], axis=2)
    put("bmp-32.bmp", bmp(width, height, 32, four.tobytes()))
    put("bmp-32-top-down.bmp", bmp(width, -height, 32, four.tobytes()))
    masks = struct.pack("<III", 0xFF0000, 0xFF00, 0xFF)
    put("bmp-32-fields.bmp", bmp(width, height, 32, four.tobytes(), 3, masks))
    word = (samples(1, 16, width, height)[:, :, 0] * 7).astype("<u2")
    put("bmp-16.bmp", bmp(width, height, 16, padded(row.tobytes() for row in word & 0x7FFF)))
    fields = struct.pack("<III", 0xF800, 0x7E0, 0x1F)
    put("bmp-16-565.bmp", bmp(width, height, 16, padded(row.tobytes() for row in word), 3, fields))
    calibrated = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0) + struct.pack("<I", 0) + bytes(range(48))
    put("bmp-v4-calibrated.bmp", bmp(width, height, 24, padded(row.tobytes() for row in rgb), size=108, extra=calibrated))
    embedded = calibrated[:16] + b"DEBM" + bytes(48) + struct.pack("<IIII", 4, 0, 0, 0)
    put("bmp-v5-profile.bmp", bmp(width, height, 24, padded(row.tobytes() for row in rgb), size=124, extra=embedded))
    table = b"".join(colours[4 * i : 4 * i + 3] + b"\0" for i in range(256))
    run = b"\5\x11\6\x22\0\0" + b"\0\5abcde\0\6\x33\0\0" + b"\x0b\x44\0\0" * 3 + b"\x0b\x55\0\1"
    put("bmp-rle8.bmp", bmp(width, height, 8, run, 1, table))
    run = b"\x0b\x12\0\0" * 5 + b"\x0b\x34\0\1"
    put("bmp-rle4.bmp", bmp(width, height, 4, run, 2, table[:64]))


# ---- TIFF ----


def tiff(image, **options):
    buffer = io.BytesIO()
    image.save(buffer, "TIFF", **options)
    return buffer.getvalue()


def tiffs():
    small = photo(width=12, height=8)
    for name, mode in (("grey", "L"), ("rgb", "RGB"), ("one-bit", "1"), ("palette", "P")):
        put(f"tiff-{name}.tiff", tiff(small.convert(mode)))
    put("tiff-rgba.tiff", tiff(Image.fromarray(samples(4, 8, 12, 8).astype(np.uint8))))
    put("tiff-deflate.tiff", tiff(small, compression="tiff_adobe_deflate"))
    put("tiff-packbits.tiff", tiff(small, compression="packbits"))
    put("tiff-white-is-zero.tiff", tiff(small.convert("L"), tiffinfo={262: 0}))
    for name, data in (("profile", profile(b"RGB ")), ("profile-grey", profile(b"GRAY")), ("profile-garbage", b"garbage")):
        put(f"tiff-{name}.tiff", tiff(small, icc_profile=data))
    put("tiff-orientation-6.tiff", tiff(small, tiffinfo={274: 6}))
    put("tiff-cmyk.tiff", tiff(photo("CMYK", 12, 8)))
    put("tiff-jpeg.tiff", tiff(small, compression="jpeg"))
    refuse("tiff-lab.tiff", tiff(small.convert("L").convert("RGB"), tiffinfo={262: 8}), "L*a*b*")
    refuse("tiff-float.tiff", tiff(small.convert("F")), "float samples")
    refuse("tiff-big.tiff", tiff(small, big_tiff=True), "BigTIFF")


# ---- formats that need something else, or are none ----


def others():
    refuse("other.avif", b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf" + bytes(20), "AVIF")
    refuse("other.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(20), "HEIC")
    refuse("other.jxl", b"\xff\n" + bytes(30), "JPEG XL")
    refuse("other-box.jxl", b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(30), "JPEG XL")
    refuse("other.jp2", b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(30), "JPEG 2000")
    refuse("other.psd", b"8BPS\0\1" + bytes(30), "Photoshop")
    refuse("other.svg", b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG")
    refuse("other-bare.svg", b'\xef\xbb\xbf <svg xmlns="http://www.w3.org/2000/svg"/>', "SVG")
    refuse("other.mp4", b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + bytes(20), "a film")
    refuse("other.ppm", b"P6\n1 1\n255\nabc", "portable pixmap")
    refuse("other.ico", b"\0\0\1\0\1\0" + bytes(30), "an icon")


jpegs()
pngs()
gifs()
bmps()
tiffs()
others()
with open(os.path.join(folder, "odd.txt"), "w", encoding="ascii") as out:
    out.write("\n".join(lines) + "\n")
