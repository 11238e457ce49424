"""What xpra 5 and later speak, as far as a test needs it: values, packets and
LZ4 that packs nothing. SPDX-License-Identifier: ISC"""
import struct


def dumps(value, out=None):
    if out is None:
        out = bytearray()
        dumps(value, out)
        return bytes(out)
    if value is None or isinstance(value, bool):
        out.append({True: 67, False: 68, None: 69}[value])
    elif isinstance(value, int):
        integer(value, out)
    elif isinstance(value, float):
        out += struct.pack(">Bd", 44, value)
    elif isinstance(value, str):
        raw = value.encode("utf-8", "surrogateescape")
        short = len(raw) < 64
        out += bytes([128 + len(raw)]) if short else b"%d:" % len(raw)
        out += raw
    elif isinstance(value, (bytes, bytearray)):
        out += b"%d/" % len(value) + value
    elif isinstance(value, dict):
        out.append(102 + len(value) if len(value) < 25 else 60)
        for key, item in value.items():
            dumps(key, out)
            dumps(item, out)
        out += b"\x7f" * (len(value) >= 25)
    else:
        out.append(192 + len(value) if len(value) < 64 else 59)
        for item in value:
            dumps(item, out)
        out += b"\x7f" * (len(value) >= 64)
    return None


def integer(value, out):
    if 0 <= value < 44:
        out.append(value)
    elif -32 <= value < 0:
        out.append(69 - value)
    else:
        for code, form, bits in ((62, "b", 7), (63, "h", 15), (64, "i", 31),
                                 (65, "q", 63)):
            if -1 << bits <= value < 1 << bits:
                out += struct.pack(">B" + form, code, value)
                return
        raise OverflowError(value)


def loads(raw):
    value, end = load(raw, 0)
    assert end == len(raw), (end, len(raw))
    return value


def load(raw, at):
    code = raw[at]
    at += 1
    if code < 44:
        return code, at
    if 70 <= code <= 101:
        return 69 - code, at
    if code in (67, 68, 69):
        return (True, False, None)[code - 67], at
    if 48 <= code <= 57:
        return long_string(raw, at - 1)
    if 128 <= code < 192:
        end = at + code - 128
        return raw[at:end].decode("utf-8", "surrogateescape"), end
    if code == 59 or code >= 192:
        return sequence(raw, at, code - 192 if code >= 192 else -1)
    if code == 60 or 102 <= code <= 126:
        return mapping(raw, at, code - 102 if code >= 102 else -1)
    form = {44: "d", 62: "b", 63: "h", 64: "i", 65: "q", 66: "f"}[code]
    return (struct.unpack_from(">" + form, raw, at)[0],
            at + struct.calcsize(form))


def long_string(raw, at):
    end = at
    while 48 <= raw[end] <= 57:
        end += 1
    size, start = int(raw[at:end]), end + 1
    data = bytes(raw[start:start + size])
    assert len(data) == size
    return (data.decode("utf-8", "surrogateescape") if raw[end] == 58
            else data), start + size


def sequence(raw, at, count):
    items = []
    while count != len(items) and not (count < 0 and raw[at] == 127):
        item, at = load(raw, at)
        items.append(item)
    return items, at + (count < 0)


def mapping(raw, at, count):
    items = {}
    while count != len(items) and not (count < 0 and raw[at] == 127):
        key, at = load(raw, at)
        items[key], at = load(raw, at)
    return items, at + (count < 0)


def header(size, flags=0x10, level=0, index=0):
    return struct.pack("!BBBBL", 80, flags, level, index, size)


def packet(*items, chunks=None):
    """chunks: index of an item that goes ahead by itself, and its bytes"""
    out = b"".join(header(len(data), index=index) + data
                   for index, data in (chunks or {}).items())
    data = dumps(items)
    return out + header(len(data)) + data


def lz4(raw):
    """One block of literals, behind its size."""
    out = bytearray(struct.pack("<I", len(raw)))
    out.append(min(len(raw), 15) << 4)
    rest = len(raw) - 15
    while rest >= 255:
        out.append(255)
        rest -= 255
    if rest >= 0:
        out.append(rest)
    return bytes(out + raw)
