"""The checksum of TensorFlow's tables, checkpoints and event files: CRC-32C, stored masked.

A checksum is the remainder of the bytes, taken as one polynomial over GF(2), divided by the
Castagnoli polynomial. Bit 0 of the first byte is the highest power. Long inputs are first made
short with a sparse multiple of that polynomial: x**6777 + x**484 + x**100 + 1 is divisible by it,
and so is the same with every exponent doubled any number of times. So the leading bits may be
removed if they are added, with exclusive or, at three places further on; a remainder stays what it
was. That is whole-buffer work for Python's integers and for numpy, with no table and no loop over
bytes.
"""

from __future__ import annotations

import sys

_ONES = 0xFFFFFFFF
_CASTAGNOLI = 0x82F63B78  # bit 0 is the highest power
_POWERS = (6777, 484, 100)  # of the sparse multiple, beside 1
_TOP, _NEXT = _POWERS[:2]
_DISTANCES = (_TOP - _POWERS[1], _TOP - _POWERS[2], _TOP)  # from a leading bit to its three images

_MASK_DELTA = 0xA282EAD8
_SHORT = 2 * _TOP  # bytes; below this numpy has nothing to gain
_LONG = 4 << 20  # bytes; from here on importing numpy pays for itself
_CHUNK = 256 << 10  # bytes folded at once, to stay in the processor's cache


def crc32c(data: bytes | memoryview, start: int = 0) -> int:
    """The CRC-32C of ``data``; ``start`` is that of the bytes before, so that parts add up."""
    state = start ^ _ONES
    size = len(data)
    if size > _LONG or (size > _SHORT and "numpy" in sys.modules):
        data, state = _fold_array(data, state), 0
    if len(data) * 8 > _TOP:
        data, state = _fold_integer(data, state), 0
    return _divide(data, state) ^ _ONES


def mask(crc: int) -> int:
    """The form in which files hold a checksum: it makes checksums of checksums as good as any."""
    return (((crc >> 15) | (crc << 17)) + _MASK_DELTA) & _ONES


def _remainder_of(byte: int) -> int:
    for _ in range(8):
        byte = (byte >> 1) ^ (_CASTAGNOLI if byte & 1 else 0)
    return byte


_REMAINDERS = tuple(map(_remainder_of, range(256)))


def _divide(data: bytes | memoryview, state: int) -> int:
    for byte in data:
        state = _REMAINDERS[(state ^ byte) & 0xFF] ^ (state >> 8)
    return state


def _fold_integer(data: bytes | memoryview, state: int) -> bytes:
    """At most ``_TOP`` bits, in whole bytes, with the remainder of ``data``."""
    bits = len(data) * 8
    message = int.from_bytes(data, "little") ^ state
    # The powers are doubled as often as the message allows, then once less each time.
    for doubled in range((bits // _TOP).bit_length() - 1, -1, -1):
        distances = [distance << doubled for distance in _DISTANCES]
        while (excess := bits - (_TOP << doubled)) > 0:
            step = min(excess, distances[0])
            leading = message & ((1 << step) - 1)
            message >>= step
            for distance in distances:
                message ^= leading << (distance - step)
            bits -= step
    padding = -bits % 8
    return (message << padding).to_bytes((bits + padding) // 8, "little")


def _fold_array(data: bytes | memoryview, state: int) -> bytes:
    """At most ``_TOP`` bytes with the remainder of ``data``: powers doubled thrice count bytes."""
    import numpy as np

    source = np.frombuffer(data, np.uint8)
    buffer = np.empty(_TOP + _CHUNK, np.uint8)
    kept = 0
    for position in range(0, len(source), _CHUNK):
        piece = source[position : position + _CHUNK]
        end = kept + len(piece)
        buffer[kept:end] = piece
        if position == 0:
            buffer[:4] ^= np.frombuffer(state.to_bytes(4, "little"), np.uint8)
        first = 0
        while (excess := end - first - _TOP) > 0:
            step = min(excess, _DISTANCES[0])
            leading = buffer[first : first + step]
            for distance in _DISTANCES:
                buffer[first + distance : first + distance + step] ^= leading
            first += step
        kept = end - first
        buffer[:kept] = buffer[first:end]
    return buffer[:kept].tobytes()
