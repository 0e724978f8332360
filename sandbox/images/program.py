"""A static Linux program that prints a text, written byte by byte: no compiler is needed.

The format is ELF64 (System V gABI, "Object Files"): a file header, one program header that loads the
whole file read-only and executable, the code, the text. The system calls are write(1, text, length)
and exit_group(0), numbered as in the kernel's tables for each architecture.
"""

from __future__ import annotations

import struct

BASE = 0x400000
_FILE_HEADER, _PROGRAM_HEADER = 64, 56
_START = BASE + _FILE_HEADER + _PROGRAM_HEADER


def _x86_64(text_address: int, length: int) -> bytes:
    return b"".join(
        (
            b"\xb8" + struct.pack("<I", 1),  # mov eax, 1 (write)
            b"\xbf" + struct.pack("<I", 1),  # mov edi, 1
            b"\xbe" + struct.pack("<I", text_address),  # mov esi, text
            b"\xba" + struct.pack("<I", length),  # mov edx, length
            b"\x0f\x05",  # syscall
            b"\xb8" + struct.pack("<I", 231),  # mov eax, 231 (exit_group)
            b"\x31\xff",  # xor edi, edi
            b"\x0f\x05",  # syscall
        )
    )


def _aarch64(text_address: int, length: int) -> bytes:
    def movz(register: int, value: int) -> int:
        return 0xD2800000 | value << 5 | register

    def movk_high(register: int, value: int) -> int:
        return 0xF2A00000 | value << 5 | register

    supervisor_call = 0xD4000001
    return struct.pack(
        "<9I",
        movz(0, 1),
        movz(1, text_address & 0xFFFF),
        movk_high(1, text_address >> 16),
        movz(2, length),
        movz(8, 64),  # write
        supervisor_call,
        movz(0, 0),
        movz(8, 94),  # exit_group
        supervisor_call,
    )


_MACHINES = {"x86_64": (62, _x86_64), "aarch64": (183, _aarch64)}
MACHINES = frozenset(_MACHINES)


def printer(text: bytes, machine: str) -> bytes:
    """The bytes of a program for `machine` (as `platform.machine()` names it) that prints `text`.

    `text` is at most 65,535 bytes. Raises ValueError for another machine or a longer text.
    """
    if machine not in _MACHINES:
        raise ValueError(f"programs for {machine} are not known here")
    if len(text) > 0xFFFF:
        raise ValueError("the text is longer than 65,535 bytes")
    number, assemble = _MACHINES[machine]
    code = assemble(_START + len(assemble(0, 0)), len(text))
    size = _FILE_HEADER + _PROGRAM_HEADER + len(code) + len(text)
    identification = b"\x7fELF" + bytes((2, 1, 1)) + bytes(9)  # 64 bit, little endian, version 1
    file_header = identification + struct.pack(
        "<HHIQQQIHHHHHH", 2, number, 1, _START, _FILE_HEADER, 0, 0, _FILE_HEADER, _PROGRAM_HEADER, 1, 0, 0, 0
    )
    read_and_execute = 5
    program_header = struct.pack("<IIQQQQQQ", 1, read_and_execute, 0, BASE, BASE, size, size, 0x10000)
    return file_header + program_header + code + text
