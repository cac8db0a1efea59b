#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Pack PostgreSQL's table of Unicode decompositions: 75 KB become 12.

    pack_unicode.py unicode_norm_table.h >unicode_norm_packed.h

SASLprep needs the table for passwords that are not ASCII, and for nothing else. patches/pack-unicode.patch reads what
this writes: the columns of the table one after the other, bytes of one weight together, as one block of LZ4's format.
What the table does not look like any more ends it with an error.
"""

import re
import sys

FLAGS = {'DECOMP_NO_COMPOSE': 0x80, 'DECOMP_INLINE': 0x40, 'DECOMP_COMPAT': 0x20}


def table(text, name):
    """The text of a table, and how many entries it says to have."""
    found = re.search(r'%s\[(\d+)\] =\s*\{(.*?)\n\};' % name, text, re.S)
    return re.sub(r'/\*.*?\*/', '', found[2]), int(found[1])


def entries(text):
    """(code point, class, flags and size, index) of each entry."""
    body, count = table(text, 'UnicodeDecompMain')
    rows = []
    for row in re.findall(r'\{(.*?)\}', body):
        code, kind, flags, index = (field.strip() for field in row.split(','))
        bits = 0
        for flag in flags.split('|'):
            flag = flag.strip()
            bits |= FLAGS[flag] if flag in FLAGS else int(flag)
        rows.append((int(code, 0), int(kind), bits, int(index, 0)))
    assert len(rows) == count
    return rows


def planes(values, weights):
    return b''.join(bytes(value >> (8 * weight) & 255 for value in values) for weight in range(weights))


def columns(rows, codes):
    """The columns as bytes, and how many entries are their own decomposition."""
    steps = [row[0] - before[0] for before, row in zip([(0,)] + rows, rows)]
    inline = [row[3] for row in rows if row[2] & FLAGS['DECOMP_INLINE']]
    # The others' decompositions stand one after the other, so that their sizes tell where.
    position = 0
    for _, _, flags, index in rows:
        if flags & 0x1f and not flags & FLAGS['DECOMP_INLINE']:
            assert index == position
            position += flags & 0x1f
    assert position == len(codes)
    assert all(0 < step < 65536 for step in steps) and all(code < 1 << 24 for code in codes)
    data = planes(steps, 2) + planes([row[1] for row in rows], 1) + planes([row[2] for row in rows], 1)
    return data + planes(inline, 2) + planes(codes, 3), len(inline)


def length(rest):
    """What follows a token whose four bits were not enough."""
    out = bytearray()
    while rest >= 255:
        out.append(255)
        rest -= 255
    out.append(rest)
    return out


def sequence(literals, distance, matched):
    extra = matched - 4
    out = bytearray([min(len(literals), 15) << 4 | (min(extra, 15) if matched else 0)])
    if len(literals) >= 15:
        out += length(len(literals) - 15)
    out += literals
    if matched:
        out += distance.to_bytes(2, 'little')
        if extra >= 15:
            out += length(extra - 15)
    return out


def longest_match(data, at, places):
    best = distance = 0
    for place in reversed(places):
        if at - place > 65535:
            break
        n = 0
        while at + n < len(data) and data[place + n] == data[at + n]:
            n += 1
        if n > best:
            best, distance = n, at - place
    return best, distance


def pack(data):
    out, start, at, seen = bytearray(), 0, 0, {}

    def enter(place):
        seen.setdefault(data[place:place + 4], []).append(place)

    while at < len(data):
        matched, distance = longest_match(data, at, seen.get(data[at:at + 4], ())[-256:])
        enter(at)
        if matched < 4:
            at += 1
            continue
        out += sequence(data[start:at], distance, matched)
        for place in range(at + 1, at + matched):
            enter(place)
        at += matched
        start = at
    return bytes(out + sequence(data[start:], 0, 0))


def unpack(packed):
    """What the patch does, to be sure."""
    out, at = bytearray(), 0

    def more(n):
        nonlocal at
        if n == 15:
            while True:
                n += packed[at]
                at += 1
                if packed[at - 1] != 255:
                    break
        return n

    while True:
        token = packed[at]
        at += 1
        n = more(token >> 4)
        out += packed[at:at + n]
        at += n
        if at == len(packed):
            return bytes(out)
        distance = packed[at] | packed[at + 1] << 8
        at += 2
        for _ in range(more(token & 15) + 4):
            out.append(out[-distance])


def main():
    with open(sys.argv[1], encoding='ascii') as file:
        text = file.read()
    rows = entries(text)
    body, count = table(text, 'UnicodeDecomp_codepoints')
    codes = [int(code, 0) for code in re.findall(r'0x[0-9A-Fa-f]+', body)]
    assert len(codes) == count
    data, inline = columns(rows, codes)
    packed = pack(data)
    assert unpack(packed) == data
    print('/* Made from unicode_norm_table.h by pack_unicode.py. */')
    print('#define DECOMP_COUNT %d' % len(rows))
    print('#define DECOMP_INLINE_COUNT %d' % inline)
    print('#define DECOMP_CODEPOINT_COUNT %d' % len(codes))
    print('#define DECOMP_BYTES %d' % len(data))
    print('static const unsigned char packed_decompositions[%d] = {' % len(packed))
    for at in range(0, len(packed), 24):
        print(','.join('%d' % byte for byte in packed[at:at + 24]) + ',')
    print('};')


main()
