"""Every kind of bad file gives its reason in plain words, and nothing else."""

from __future__ import annotations

import random
from contextlib import suppress

import make_files as files
import pytest
from reading import check, read, reason

from index.errors import UnreadableFile
from index.load import SUPPORTED, extract

GOOD = files.every_format()


@pytest.mark.parametrize("suffix", sorted(SUPPORTED))
def test_empty_file(suffix: str) -> None:
    assert reason(f"a{suffix}", b"") == "empty file"


@pytest.mark.parametrize("suffix", [".txt", ".md", ".rst", ".html", ".csv", ".json", ".jsonl"])
def test_only_white_space(suffix: str) -> None:
    assert reason(f"a{suffix}", b"\xef\xbb\xbf \n\t\n") == "no text"


@pytest.mark.parametrize("name", ["a.exe", "a", ".txt", "a.doc"])
def test_unsupported(name: str) -> None:
    assert reason(name, b"x").startswith("unsupported type")


@pytest.mark.parametrize(
    "data", [bytes(range(256)) * 4, b"\x89PNG\r\n\x1a\n", b"\x00" * 50, GOOD["a.pdf"], GOOD["a.docx"]]
)
@pytest.mark.parametrize("suffix", [".txt", ".md", ".csv", ".html", ".json"])
def test_binary_data_behind_the_name_of_a_text(data: bytes, suffix: str) -> None:
    assert reason(f"a{suffix}", data) == "binary data, not text"


@pytest.mark.parametrize("suffix", [".pdf", ".docx", ".xlsx", ".pptx", ".epub"])
def test_broken_and_mislabelled(suffix: str) -> None:
    data = GOOD[f"a{suffix}"]
    assert reason(f"a{suffix}", data[: len(data) // 2]).startswith("damaged")
    assert reason(f"a{suffix}", b"just words").startswith("damaged")
    if suffix != ".pdf":
        assert reason(f"a{suffix}", files.zipped({"other.txt": b"x"})).startswith("damaged")


def test_encrypted() -> None:
    assert reason("a.pdf", files.pdf([("Normal", "Gas rose.")], password="secret")) == "encrypted"
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    for suffix in (".docx", ".xlsx", ".pptx"):
        assert reason(f"a{suffix}", ole) == "encrypted or old binary format"
    locked = files.epub(["<p>Gas</p>"], encrypted="OEBPS/text/c%200.xhtml")
    assert reason("a.epub", locked).startswith("encrypted")
    assert read("a.epub", files.epub(["<p>Gas</p>"], encrypted="OEBPS/font.otf")).text == "Gas"


def test_no_text_layer() -> None:
    assert reason("a.pdf", files.scanned_pdf()) == "no text layer (scanned?): run OCR first"


def test_bombs() -> None:
    bomb = files.zipped({"word/document.xml": bytes(201_000_000)})
    assert len(bomb) < 300_000
    for suffix in (".docx", ".xlsx", ".pptx", ".epub"):
        assert reason(f"a{suffix}", bomb) == "too large when unpacked"

    large_part = files.zipped({"word/document.xml": bytes(51_000_000)})
    assert reason("a.docx", large_part) == "too large when unpacked"

    def entities(xml: bytes) -> bytes:
        head, tail = xml.split(b"?>", 1)
        return head + b'?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>' + tail

    for name, member in (("a.docx", "word/document.xml"), ("a.pptx", "ppt/slides/slide1.xml")):
        assert "entities" in reason(name, files.with_member(GOOD[name], member, entities))


def test_too_much_text_and_too_deep() -> None:
    assert reason("a.txt", b"word " * 4_000_001).startswith("too large")
    assert reason("a.json", b"[" * 100_000 + b"]" * 100_000) == "nested too deeply"
    assert reason("a.json", b'{"a": 1,}').startswith("damaged: not valid JSON")
    assert reason("a.eml", b"no headers here") == "not an e-mail message"
    nested = b"Content-Type: multipart/mixed; boundary=x\n\n--x\n" * 200
    for lines in (nested, nested.replace(b"\n", b"\r"), nested.replace(b"/mixed", b"/mixed;\n x=y")):
        assert reason("a.eml", b"From: ada@example.org\n" + lines) == "nested too deeply"


def test_many_parts_beside_each_other_are_not_deep() -> None:
    part = b'--a b\nContent-Type: multipart/alternative; boundary="c d"\n\n--c d\n\nGas rose.\n--c d--\n'
    head = b'From: ada@example.org\nContent-Type: multipart/digest; boundary="a b"\n\n'
    assert "From: ada" in read("a.eml", head + 150 * part + b"--a b--\n").text
    log = b"From: ada@example.org\n\nGas rose.\n" + b"Content-Type: multipart/mixed\n" * 150
    assert "Gas rose." in read("a.eml", log).text


@pytest.mark.parametrize("name", sorted(GOOD))
def test_damaged_files_give_a_reason_and_nothing_else(name: str) -> None:
    data = GOOD[name]
    chance = random.Random(name)
    for _ in range(40):
        damaged = bytearray(data[: chance.randrange(1, len(data))] if chance.random() < 0.3 else data)
        for _ in range(chance.choice((0, 1, 3, 20))):
            damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        with suppress(UnreadableFile):
            check(extract(name, bytes(damaged)))


def test_no_text_holds_lone_surrogates() -> None:
    head = b"From: a@example.org\nContent-Type: text/plain; charset=%s\n\n"
    for charset, body in ((b"utf-7", b"Gas +2AA- rose."), (b"unicode_escape", rb"Gas \ud800 rose.")):
        assert read("a.eml", head % charset + body).text.endswith(body.decode())
    lines = "GAS \ud800 ROSE\n\nOil fell in March, the ministry said."
    doc = read("a.eml", head % b"punycode" + lines.encode("punycode"))
    assert doc.text.endswith(lines.replace("\ud800", "\ufffd"))
    assert doc.blocks[-1].heading == "GAS \ufffd ROSE"
