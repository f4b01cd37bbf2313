"""A sync makes the index say what the folder holds, and embeds only what is new."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
import time
import tracemalloc
import unicodedata
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from folders import Place, contents, finish

from index.errors import CitewiseError, FolderError, IndexMissing, NotIndexed, UnreadableFile
from index.index import Index, _fitting
from index.memory import uncollected
from index.scan import matches
from index.values import Report


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def counts(report: Report) -> dict[str, int]:
    """The numbers that are not zero."""
    names = ("added", "changed", "renamed", "removed", "unchanged", "embedded")
    return {name: getattr(report, name) for name in names if getattr(report, name)}


def long_text(word: str) -> str:
    return " ".join(f"Sentence number {i} of the text is about {word}." for i in range(60))


# -- the life of a file -----------------------------------------------------------------------------------------------


def test_add_change_touch_delete_and_add_again(place: Place) -> None:
    path = place.write("a.txt", "Gas rose in March.")
    assert counts(place.sync()) == {"added": 1, "embedded": 1}
    assert place.find("gas") == ["docs/a.txt"]
    assert counts(place.sync()) == {"unchanged": 1}

    place.write("a.txt", "Oil fell in April.")
    assert counts(place.sync()) == {"changed": 1, "embedded": 1}
    assert (place.find("gas"), place.find("oil")) == ([], ["docs/a.txt"])

    os.utime(path, (1_000_000_000, 1_000_000_000))
    assert counts(place.sync()) == {"unchanged": 1}

    path.unlink()
    assert counts(place.sync()) == {"removed": 1}
    assert (place.find("oil"), place.sources()) == ([], [])

    place.write("a.txt", "Oil fell in April.")
    assert counts(place.sync()) == {"added": 1, "embedded": 1}
    assert place.find("oil") == ["docs/a.txt"]


def test_a_change_of_equal_size_within_the_same_instant_is_seen(place: Place) -> None:
    path = place.write("a.txt", "Gas rose.")
    place.sync()
    before = path.stat()
    place.write("a.txt", "Oil fell.")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert counts(place.sync())["changed"] == 1


def test_an_unchanged_passage_of_a_changed_file_is_not_embedded_again(place: Place) -> None:
    place.write("a.txt", long_text("gas") + "\n\n" + long_text("oil"))
    first = place.sync().embedded
    assert first > 3
    place.write("a.txt", long_text("gas") + "\n\n" + long_text("oil") + " One more about coal.")
    assert place.sync().embedded == 1


@pytest.mark.parametrize("target", ["b.txt", "sub/a.txt", "Öl & Gas.txt"])
def test_a_renamed_file_is_not_embedded_and_has_its_new_name(place: Place, target: str) -> None:
    path = place.write("alpha.txt", "Gas rose in March.")
    place.sync()
    (place.docs / target).parent.mkdir(exist_ok=True)
    path.rename(place.docs / target)
    assert counts(place.sync()) == {"renamed": 1}
    source = unicodedata.normalize("NFC", f"docs/{target}")
    assert place.find("gas") == place.sources() == [source]
    assert place.index.documents()[0].title != "alpha"
    with place.index.snapshot() as catalog:
        assert not catalog.match('name : "alpha"', 5)
        assert catalog.match(f'name : "{Path(target).stem}"', 5)


def test_a_renamed_folder(place: Place) -> None:
    for i in range(70):
        place.write(f"old/{i}.txt", f"File number {i} about gas.")
    place.sync()
    (place.docs / "old").rename(place.docs / "new")
    assert counts(place.sync()) == {"renamed": 70}
    assert place.sources() == sorted(f"docs/new/{i}.txt" for i in range(70))


def test_two_files_swap_their_names(place: Place) -> None:
    one, two = place.write("a.txt", "Gas rose."), place.write("b.txt", "Oil fell.")
    place.sync()
    one.rename(place.docs / "c")
    two.rename(place.docs / "a.txt")
    (place.docs / "c").rename(place.docs / "b.txt")
    assert counts(place.sync()) == {"changed": 2}
    assert (place.find("gas"), place.find("oil")) == (["docs/b.txt"], ["docs/a.txt"])


def test_equal_files_share_their_vectors_and_each_can_be_found(place: Place) -> None:
    first, second = place.write("a.txt", "Gas rose."), place.write("b.txt", "Gas rose.")
    assert counts(place.sync()) == {"added": 2, "embedded": 1}
    assert place.find("gas") == ["docs/a.txt", "docs/b.txt"]
    first.unlink()
    assert counts(place.sync()) == {"removed": 1, "unchanged": 1}
    assert place.find("gas") == ["docs/b.txt"]
    second.unlink()
    place.sync()
    assert contents(place.folder) == {"passages": [], "vectors": []}


def test_a_type_that_becomes_readable_and_one_that_no_longer_is(place: Place) -> None:
    path = place.write("a.md", "# Gas\n\nGas rose in March.")
    place.sync()
    path.rename(place.docs / "a.markdown")
    assert counts(place.sync()) == {"renamed": 1}
    assert place.index.documents()[0].type == "markdown"
    (place.docs / "a.markdown").rename(place.docs / "a.bin")
    assert place.sync().skipped == (("docs/a.bin", "unsupported type .bin"),)
    assert place.find("gas") == []


# -- what is not read -------------------------------------------------------------------------------------------------


def test_files_that_give_no_text_are_kept_with_their_reason(place: Place) -> None:
    place.write("good.txt", "Gas rose.")
    place.write("empty.txt", "")
    place.write("blank.txt", " \n ")
    place.write("broken.pdf", b"%PDF-1.4 nothing more")
    place.write("film.mp4", b"\x00\x01")
    place.write("README", "No suffix.")
    for _ in range(2):
        report = place.sync()
        assert {source for source, _ in report.failed} == {"docs/empty.txt", "docs/blank.txt", "docs/broken.pdf"}
        assert report.skipped == (
            ("docs/README", "unsupported type (no suffix)"),
            ("docs/film.mp4", "unsupported type .mp4"),
        )
        rows = {document.source: document for document in place.index.documents()}
        assert len(rows) == 6
        assert rows["docs/good.txt"].reason is None
        assert all(row.reason and row.passages == 0 for source, row in rows.items() if source != "docs/good.txt")
    place.write("empty.txt", "No longer empty.")
    assert counts(place.sync()) == {"added": 1, "unchanged": 1, "embedded": 1}
    (place.docs / "broken.pdf").unlink()
    place.sync()
    assert "docs/broken.pdf" not in place.sources()


def test_a_file_over_the_limit_is_read_once_the_limit_is_raised(place: Place) -> None:
    place.write("a.txt", "Gas rose. " * 200)
    place.index = place.open(max_file_mb=0.001)
    ((source, reason),) = place.sync().failed
    assert (source, reason.startswith("too large")) == ("docs/a.txt", True)
    place.index = place.open()
    assert counts(place.sync())["added"] == 1


def test_a_file_that_grows_over_the_limit_during_the_sync_is_not_cut(place: Place) -> None:
    path = place.write("a.txt", "Gas rose.")
    place.index = place.open(max_file_mb=0.001)
    run = place.index.sync()
    next(run)
    scan = os.scandir

    def grow_after(folder: bytes) -> Any:
        found = list(scan(folder))
        for entry in found:
            entry.stat()  # the size is remembered
        path.write_text("Gas rose. " * 200)
        return nullcontext(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("index.scan.os.scandir", grow_after)
        step = next(run)
    assert step.phase == "read"
    assert finish([step, *run]).failed == (("docs/a.txt", "too large: more than 0.001 MB (index.max_file_mb)"),)


def test_a_folder_of_unsupported_files_only(place: Place) -> None:
    place.write("film.mp4", b"\x00")
    assert counts(place.sync()) == {}
    assert (place.index.status().files, len(place.sources())) == (0, 1)


def test_hidden_private_and_ignored_files_are_not_seen(place: Place) -> None:
    for name in (".env.txt", ".git/a.txt", "node_modules/a.txt", "~$a.docx", "a.tmp", "id_rsa.txt", "skip/a.txt", "b.log.txt",
                 "sub/skip.md", "sub/keep.log.txt"):  # fmt: skip
        place.write(name, "Secret words.")
    place.write("sub/keep.md", "Gas rose.")
    place.write(".citewiseignore", "skip/  \n*.log.txt \n# a comment\n")
    place.write("sub/.citewiseignore", "/skip.md\n!keep.log.txt\n")
    place.sync()
    assert place.sources() == ["docs/sub/keep.md"]
    (place.docs / "sub/.citewiseignore").write_text("*\n")
    assert counts(place.sync()) == {"removed": 1}


@pytest.mark.parametrize("rules", [b"[z-a]\n", b"!\n", b"\\\n"])
def test_rules_that_cannot_be_understood_keep_the_folder_out(place: Place, rules: bytes) -> None:
    place.write("sub/.citewiseignore", rules)
    place.write("sub/private.txt", "Gas rose.")
    place.write("open.txt", "Oil fell.")
    report = place.sync()
    assert place.sources() == ["docs/open.txt"]
    assert ".citewiseignore" in report.skipped[0][1]


def test_links_are_followed_once_and_loops_end(place: Place, tmp_path: Path) -> None:
    place.write("real/a.txt", "Gas rose.")
    (place.docs / "real/loop").symlink_to(place.docs)
    (place.docs / "real/self").symlink_to("self")
    (place.docs / "zz_same").symlink_to(place.docs / "real")
    (place.docs / "gone.txt").symlink_to(tmp_path / "nowhere.txt")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/b.txt").write_text("Oil fell.")
    (place.docs / "out").symlink_to(tmp_path / "outside")
    os.mkfifo(place.docs / "pipe.txt")
    report = place.sync()
    assert place.sources() == ["docs/real/a.txt"]
    out = "a link out of the folder"
    assert report.skipped[:2] == (("docs/gone.txt", out), ("docs/out", out))
    assert [source for source, _ in report.skipped[2:]] == ["docs/real/self"]


def test_a_deleted_file_does_not_live_on_through_a_link_to_it(place: Place) -> None:
    real = place.write("real.txt", "Gas rose.")
    (place.docs / "link.txt").symlink_to("real.txt")
    place.sync()
    assert place.find("gas") == ["docs/link.txt", "docs/real.txt"]
    real.unlink()
    assert (place.sync().removed, place.find("gas")) == (2, [])
    assert place.index.status(scan=True).unreachable == ()


def test_links_out_of_the_folder_are_not_read_whatever_they_name(place: Place, tmp_path: Path) -> None:
    secret = tmp_path / "docs-secret/b.txt"  # its path begins as the folder's does
    secret.parent.mkdir()
    secret.write_text("Oil fell.")
    place.write("sub/b.txt", "Oil fell.")
    place.write("here/a.txt", "Gas rose.")
    (place.docs / "link.txt").symlink_to("here/a.txt")
    place.sync()
    assert place.sources() == ["docs/here/a.txt", "docs/link.txt", "docs/sub/b.txt"]
    (place.docs / "sub/b.txt").unlink()
    (place.docs / "sub").rmdir()
    (place.docs / "sub").symlink_to(secret.parent)
    (place.docs / "top").symlink_to("/")
    (place.docs / "here/b.txt").symlink_to("../../docs-secret/b.txt")
    report = place.sync()
    assert report.removed == 1
    assert report.skipped == tuple(
        (f"docs/{name}", "a link out of the folder") for name in ("here/b.txt", "sub", "top")
    )
    assert place.find("oil") == []


def test_an_index_among_the_documents_is_not_indexed(place: Place) -> None:
    place.write("a.txt", "Gas rose.")
    index = Index(place.docs / "idx", place.embedder, roots=[place.docs])
    index.upload("b.txt", b"Oil fell.")
    for _ in range(2):
        finish(index.sync())
        assert [d.source for d in index.documents()] == ["docs/a.txt", "uploads/b.txt"]
    assert index.status(scan=True).changed == 0
    for inside in (index.folder, index.folder / "uploads"):
        with pytest.raises(FolderError, match="in the index itself"):
            index.add_folder(inside)


# -- names ------------------------------------------------------------------------------------------------------------


def test_long_and_foreign_names(place: Place) -> None:
    names = [
        "n" * 251 + ".txt",
        "天" * 83 + ".txt",
        "café.txt",
        "ملف.txt",
        "файл 1.txt",
        "a\nb.txt",
        "q'\"%_.txt",
        "😀.txt",
    ]
    names = [unicodedata.normalize("NFD", name) for name in names]
    names.append("/".join(["deep" * 20] * 5) + "/end.txt")
    for number, name in enumerate(names):
        place.write(name, f"Gas rose in place{number}.")
    assert counts(place.sync()) == {"added": len(names), "embedded": len(names)}
    assert place.sources() == sorted(unicodedata.normalize("NFC", f"docs/{name}") for name in names)
    for number, name in enumerate(names):
        source = unicodedata.normalize("NFC", f"docs/{name}")
        assert place.find(f"place{number}") == [source]
        assert Path({d.source: d.path for d in place.index.documents()}[source]).read_text() == place.index.text(source)
    assert counts(place.sync()) == {"unchanged": len(names)}


def test_two_spellings_of_a_name(place: Place) -> None:
    place.write(unicodedata.normalize("NFC", "café.txt"), "Gas rose.")
    place.write(unicodedata.normalize("NFD", "café.txt"), "Oil fell.")
    assert place.sync().skipped == (("docs/café.txt", "another file has the same name in another spelling"),)
    assert place.sources() == ["docs/café.txt"]


def test_undecodable_names(place: Place, tmp_path: Path) -> None:
    root = os.fsencode(tmp_path) + b"/f\xff"
    os.mkdir(root)
    with open(root + b"/a\xfe.txt", "wb") as stream:
        stream.write(b"Gas rose.")
    index = Index(place.folder, place.embedder, roots=[Path(os.fsdecode(root))])
    finish(index.sync())
    (document,) = index.documents()
    assert document.source == "f\ufffd/a\ufffd.txt"
    assert Path(document.path).read_text() == index.text(document.source) == "Gas rose."
    index.remove(document.source)
    assert index.documents() == []


def test_folders_nested_deeper_than_calls_can_be(place: Place) -> None:
    deep = "/".join(["d"] * 1_100)
    here = os.open(place.docs, os.O_RDONLY)
    for _ in range(1_100):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    with open(os.open("a.txt", os.O_WRONLY | os.O_CREAT, dir_fd=here), "w") as stream:
        stream.write("Gas rose.")
    os.close(here)
    place.sync()
    assert place.sources() == [f"docs/{deep}/a.txt"]
    subprocess.run(["rm", "-rf", place.docs / "d"], check=True)  # pytest's own cleaning calls itself too often


# -- folders ----------------------------------------------------------------------------------------------------------


def test_a_folder_that_is_suddenly_empty_keeps_its_documents_until_rebuilt(place: Place, tmp_path: Path) -> None:
    place.write("a.txt", "Gas rose.")
    place.write("sub/b.txt", "Oil fell.")
    place.sync()
    place.docs.rename(tmp_path / "disk")
    place.docs.mkdir()  # as a mount point is without its disk
    report = place.sync()
    [(source, reason)] = report.skipped
    assert (source, counts(report)) == ("docs", {})
    assert "as if its disk were not mounted" in reason
    assert "--rebuild" in reason
    assert reason.endswith("what was indexed there is kept")
    status = place.index.status(scan=True)
    assert (status.files, status.changed, [name for name, _ in status.unreachable]) == (2, 0, ["docs"])
    place.docs.rmdir()
    (tmp_path / "disk").rename(place.docs)
    assert counts(place.sync()) == {"unchanged": 2}
    shutil.rmtree(place.docs / "sub")
    (place.docs / "a.txt").unlink()
    assert counts(place.sync()) == {"removed": 2}  # the same folder, whose files somebody deleted


def test_a_folder_is_known_again_after_a_sync_that_was_stopped(place: Place) -> None:
    path = place.write("a.txt", "Gas rose.")
    run = place.index.sync()
    assert "sweep" in (step.phase for step in run)
    run.close()
    path.unlink()
    assert counts(place.sync()) == {"removed": 1}


def test_a_folder_that_is_meant_to_be_empty_is_rebuilt(place: Place, tmp_path: Path) -> None:
    place.write("a.txt", "Gas rose.")
    place.sync()
    place.docs.rename(tmp_path / "elsewhere")
    place.docs.mkdir()
    assert place.sync().skipped
    list(place.index.sync(rebuild=True))
    assert place.sources() == []
    assert place.sync().skipped == ()


def test_a_folder_that_vanished_keeps_its_documents_and_says_so(place: Place, tmp_path: Path) -> None:
    place.write("a.txt", "Gas rose.")
    place.write("sub/b.txt", "Oil fell.")
    place.sync()
    place.docs.rename(tmp_path / "elsewhere")
    index = Index(place.folder, place.embedder)
    report = finish(index.sync())
    assert report.skipped == (("docs", "no such file or directory; what was indexed there is kept"),)
    assert counts(report) == {}
    assert [d.source for d in index.documents()] == ["docs/a.txt", "docs/sub/b.txt"]
    (tmp_path / "elsewhere").rename(place.docs)
    assert counts(finish(index.sync())) == {"unchanged": 2}


def test_folders_that_cannot_be_indexed(place: Place, tmp_path: Path, home: Path) -> None:
    path = place.write("a.txt", "Gas rose.")
    for folder, message in (
        (tmp_path / "none", "no folder"),
        (path, "is a file"),
        (home, "whole home"),
        (Path("/"), "disk"),
    ):
        with pytest.raises(FolderError, match=message):
            Index(place.folder, place.embedder, roots=[folder])
    with pytest.raises(IndexMissing):
        place.index.documents()
    assert not place.folder.exists()


def test_an_empty_folder(place: Place) -> None:
    assert counts(place.sync()) == {}
    assert place.sources() == []


def test_several_folders_of_one_name(place: Place, tmp_path: Path) -> None:
    place.write("a.txt", "Gas rose.")
    other = tmp_path / "other/docs"
    other.mkdir(parents=True)
    (other / "a.txt").write_text("Oil fell.")
    place.sync()
    place.index.add_folder(other)
    place.index.add_folder(other)
    assert counts(place.sync()) == {"added": 1, "unchanged": 1, "embedded": 1}
    assert place.sources() == ["docs-2/a.txt", "docs/a.txt"]


# -- uploads and removals ---------------------------------------------------------------------------------------------


def test_uploads(place: Place) -> None:
    upload = place.index.upload
    assert upload("a.txt", b"Gas rose.") == "uploads/a.txt"
    assert upload("a.txt", b"Gas rose.") == "uploads/a.txt"
    assert upload("a.txt", b"Oil fell.") == "uploads/a (2).txt"
    tricks = {
        "../../x.txt": "x.txt", "..\\..\\y.txt": "y.txt", "/etc/z.txt": "z.txt", "n\0u\nl.txt": "nul.txt",
        "~a.TXT": "~a.TXT", unicodedata.normalize("NFD", "é.txt"): "é.txt",
    }  # fmt: skip
    for number, (name, kept) in enumerate(tricks.items()):
        assert upload(name, f"Trick number{number}.".encode()) == f"uploads/{kept}"
        assert (place.folder / "uploads" / kept).exists()
    assert upload("天" * 300 + ".txt", b"Long.").startswith("uploads/天")
    place.sync()
    assert place.find("gas") == ["uploads/a.txt"]
    assert place.find("number0") == ["uploads/x.txt"]
    assert not any(path.name.startswith(".") for path in (place.folder / "uploads").iterdir())
    assert not list(place.docs.iterdir())


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        "a.txt/",
        ".hidden.txt",
        "\ud800.txt",
        "~$lock.docx",
        "id_rsa.txt",
        "a.exe",
        "n" * 300,
        "a." + "x" * 300,
    ],
)
def test_uploads_that_no_sync_would_read_are_refused(place: Place, name: str) -> None:
    with pytest.raises(UnreadableFile, match=r"(no supported type|by its name)\. .*\.pdf"):
        place.index.upload(name, b"Gas rose.")
    assert not (place.folder / "uploads").exists()


def test_an_index_reached_through_a_link_keeps_its_uploads_apart(place: Place, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    index = Index(tmp_path / "link/index", place.embedder)
    assert index.upload("a.txt", b"Gas rose.") == "uploads/a.txt"
    finish(index.sync())
    assert [d.source for d in index.documents()] == ["uploads/a.txt"]


def test_remove_deletes_an_upload_and_excludes_a_file_of_the_user(place: Place) -> None:
    path = place.write("a.txt", "Gas rose.")
    source = place.index.upload("b.txt", b"Oil fell.")
    place.sync()
    place.index.remove(source)
    assert (place.sources(), list((place.folder / "uploads").iterdir())) == (["docs/a.txt"], [])
    place.index.remove("docs/a.txt")
    assert (place.sources(), path.exists()) == ([], True)
    assert counts(place.sync()) == {}
    assert counts(place.sync(rebuild=True)) == {}
    assert place.index.status(scan=True).changed == 0
    with pytest.raises(NotIndexed):
        place.index.remove("docs/a.txt")
    place.index.restore("docs/a.txt")
    assert counts(place.sync()) == {"added": 1, "embedded": 1}
    with pytest.raises(NotIndexed):
        place.index.restore("docs/a.txt")


def test_remove_neither_reads_nor_embeds(place: Place) -> None:
    place.write("a.txt", "Gas rose.")
    place.write("b.txt", "Gas rose.")
    place.write("c.txt", "Oil fell.")
    place.sync()
    place.write("new.txt", "Coal rose.")
    before = len(place.embedder.seen)
    place.index.remove("docs/a.txt")
    place.index.remove("docs/c.txt")
    assert len(place.embedder.seen) == before
    assert place.find("gas") == place.sources() == ["docs/b.txt"]
    assert len(contents(place.folder)["vectors"]) == 1


def test_rebuild_keeps_uploads_and_folders(place: Place) -> None:
    place.write("a.txt", "Gas rose.")
    place.index.upload("b.txt", b"Oil fell.")
    place.sync()
    before = contents(place.folder)
    index = Index(place.folder, place.embedder)
    assert counts(finish(index.sync(rebuild=True))) == {"added": 2, "embedded": 2}
    assert contents(place.folder) == before
    assert place.find("oil") == ["uploads/b.txt"]


# -- the rest ---------------------------------------------------------------------------------------------------------


def test_status_counts_what_changed_on_disk(place: Place) -> None:
    place.write("a.txt", "Gas rose.")
    place.write("b.txt", "Oil fell.")
    place.write("c.mp4", b"\x00")
    place.sync()
    assert place.index.status(scan=True).changed == 0
    place.write("a.txt", "Gas rose again.")
    place.write("new.txt", "Coal.")
    place.write("new.mp4", b"\x00")
    (place.docs / "b.txt").unlink()
    status = place.index.status(scan=True)
    assert (status.changed, status.files, status.passages, status.pending, status.failed) == (3, 2, 2, 0, 0)
    assert status.roots == (("docs", str(place.docs)),)
    changes = [(change.source, change.kind) for change in status.changes]
    assert changes == [("docs/a.txt", "changed"), ("docs/b.txt", "removed"), ("docs/new.txt", "added")]


def test_what_no_sync_can_mend_is_no_change(place: Place, tmp_path: Path) -> None:
    """Whoever syncs while something changed would do so for ever."""
    for form in ("NFC", "NFD"):
        place.write(unicodedata.normalize(form, "café.txt"), f"Gas rose in {form}.")
    place.write("broken.pdf", b"%PDF-1.7 and nothing more")
    place.write("sub/b.txt", "Oil fell.")
    place.sync()
    place.docs.rename(tmp_path / "elsewhere")
    status = place.index.status(scan=True)
    assert (status.changes, status.unreachable) == ((), (("docs", "no such file or directory"),))
    (tmp_path / "elsewhere").rename(place.docs)
    status = place.index.status(scan=True)
    assert (status.changes, status.unreachable, status.failed) == ((), (), 1)


def test_files_are_read_again_and_not_embedded_again(place: Place) -> None:
    for name in ("a", "b", "c"):
        place.write(f"{name}.txt", f"Gas rose in {name}.")
    place.write("broken.pdf", b"%PDF-1.7 and nothing more")
    place.sync()
    place.index.renew("docs/a.txt", "docs/broken.pdf")
    assert counts(place.sync()) == {"changed": 1, "unchanged": 2}
    place.index.renew()
    assert counts(place.sync()) == {"changed": 3}
    with pytest.raises(NotIndexed):
        place.index.renew("docs/none.txt")


def test_several_files_are_removed_and_restored_together_or_not_at_all(place: Place) -> None:
    for name in ("a", "b", "c"):
        place.write(f"{name}.txt", f"Gas rose in {name}.")
    place.sync()
    before = place.index.revision
    with pytest.raises(NotIndexed):
        place.index.remove("docs/a.txt", "docs/none.txt")
    assert len(place.sources()) == 3
    place.index.remove("docs/a.txt", "docs/b.txt")
    assert (place.sources(), place.index.exclusions()) == (["docs/c.txt"], ["docs/a.txt", "docs/b.txt"])
    assert place.index.status().excluded == 2
    assert place.index.revision != before
    assert place.index.revision == place.index.revision
    with pytest.raises(NotIndexed):
        place.index.restore("docs/a.txt", "docs/c.txt")
    assert len(place.index.exclusions()) == 2
    place.index.restore("docs/a.txt", "docs/b.txt")
    assert counts(place.sync())["added"] == 2


def test_pages_and_what_is_not_embedded_yet_are_told(place: Place) -> None:
    place.write("a.txt", "Gas rose.")
    for step in place.index.sync():
        if step.phase == "read":
            break
    assert [(one.pages, one.pending) for one in place.index.documents()] == [(None, 1)]
    place.sync()
    assert [(one.pages, one.pending) for one in place.index.documents()] == [(None, 0)]


def test_thousands_of_names_are_looked_up(place: Place) -> None:
    place.write("Mail/A.txt", "Gas rose.")
    place.write("b.txt", "Gas rose.")
    place.sync()
    names = [f"docs/none/{n}.txt" for n in range(5_000)]
    began = time.monotonic()
    assert [len(place.index.documents([*names, more])) for more in ("mail/a.TXT", "docs/b.txt", "docs/mail/")] == [
        1
    ] * 3
    assert not any(map(_fitting(names), (f"docs/{n}.pdf" for n in range(5_000))))
    assert time.monotonic() - began < 5  # a minute and more, one by one


def test_filters_reach_into_both_legs(place: Place) -> None:
    for i in range(30):
        place.write(f"mail/{i}.txt", f"Gas rose in place {i}.")
    place.write("deep/x.md", "# Gas\n\nGas rose in March.")
    place.sync()
    vector = place.embedder.vector("gas rose")
    only = place.index.documents_matching(["docs/deep/", "docs/mail/7.txt", "*/8.t?t"])
    near = place.index.nearest(vector, 10, only)
    with place.index.snapshot() as catalog:
        sources = {record.source for record in catalog.passages(list(near)).values()}
        words = {record.source for record in catalog.passages([i for i, _ in catalog.match("gas", 50, only)]).values()}
    assert sources == words == {"docs/deep/x.md", "docs/mail/7.txt", "docs/mail/8.txt"}
    assert place.index.documents_matching([]) is None
    with pytest.raises(NotIndexed, match=r"\*\.pdf"):
        place.index.documents_matching(["*.pdf"])
    with pytest.raises(NotIndexed) as caught:
        place.index.documents_matching(["x" * 10_000, "y", "y"])
    assert caught.value.message == f"No indexed file matches {'x' * 200} and 1 more."
    assert [one.source for one in place.index.documents(["docs/deep/"])] == ["docs/deep/x.md"]
    with place.index.snapshot() as catalog:
        assert catalog.passages_in(only or ()) == (3, 0)
    assert not matches("docs/mail2/a.txt", "docs/mail/")


def test_closing_a_sync_leaves_a_usable_index_and_frees_it(place: Place) -> None:
    for i in range(600):
        place.write(f"{i}.txt", f"Gas rose in place{i}.")
    phases = []
    run = place.index.sync()
    for step in run:
        phases.append(step.phase)
        if step.phase == "embed" and step.done:
            break
    run.close()
    status = place.index.status()
    assert (status.files, status.passages, status.pending) == (600, 600, 600 - 256)
    with place.index.snapshot() as catalog:
        assert catalog.match("place599", 5)
    assert len(place.index.nearest(place.embedder.vector("gas"), 1000)) == 256
    assert place.sync().embedded == 600 - 256
    assert place.find("place599") == ["docs/599.txt"]


def test_a_file_that_changes_or_vanishes_during_the_sync(place: Place) -> None:
    for i in range(60):
        place.write(f"{i:02}.txt", f"Gas rose in place{i}.")
    run = place.index.sync()
    step = next(run)
    while step.phase != "read":
        step = next(run)
    assert step.done == 50
    place.write("05.txt", "Oil fell meanwhile.")
    place.write("55.txt", "Coal rose meanwhile.")
    (place.docs / "56.txt").unlink()
    report = finish([*run])
    assert report.failed == (("docs/56.txt", "cannot be opened: no such file or directory"),)
    assert place.find("coal") == ["docs/55.txt"]
    assert counts(place.sync()) == {"changed": 1, "unchanged": 58, "embedded": 1}
    assert place.find("oil") == ["docs/05.txt"]
    assert "docs/56.txt" not in place.sources()


def test_progress_tells_what_is_done(place: Place) -> None:
    for i in range(120):
        place.write(f"{i}.txt", f"Gas rose in place{i}.")
    steps = list(place.index.sync())
    assert [(s.phase, s.done, s.total) for s in steps] == [
        ("scan", 0, 0), ("read", 50, 120), ("read", 100, 120), ("read", 120, 120), ("sweep", 0, 1), ("embed", 0, 120),
        ("embed", 120, 120), ("done", 1, 1),
    ]  # fmt: skip


def test_what_waits_to_be_embedded_does_not_lie_in_the_memory(place: Place) -> None:
    place.write("long.txt", "\n\n".join(f"{n} " + "pipeline " * 100 for n in range(1000)))
    steps = place.index.sync()
    next(step for step in steps if step.phase == "sweep")
    tracemalloc.start()
    next(step for step in steps if step.phase == "embed")
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    steps.close()
    assert taken < 400_000


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it cannot be told")
def test_what_a_large_file_took_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.memory.LONG", 0)

    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    with uncollected():
        tree: list[Any] = [bytes(2000) for _ in range(50_000)]
        tree.append(tree)  # a circle
        last, most = tree[-2], resident()  # which keeps the heap from shrinking
        del tree
    assert last
    assert most - resident() > 60_000_000


def test_of_two_who_read_at_once_none_leaves_garbage_uncollected_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    enabled = gc.isenabled

    def looked() -> bool:
        found = enabled()
        gc.enable()  # as the other ends at that moment
        return found

    monkeypatch.setattr(gc, "isenabled", looked)
    gc.disable()
    with uncollected():
        pass
    kept = enabled()
    gc.enable()
    assert kept


def test_the_bundled_model_finds_by_meaning(tmp_path: Path) -> None:
    from index.embed import MiniLM

    model = MiniLM()
    place = Place(tmp_path, model)
    place.write("a.txt", "The price of natural gas climbed in March.")
    place.write("b.txt", "The cat sleeps on the sofa.")
    place.sync()
    near = place.index.nearest(model.encode("Did fuel become more expensive?").vector, 2)
    with place.index.snapshot() as catalog:
        assert [record.source for _, record in sorted(catalog.passages(list(near)).items(), key=lambda p: -near[p[0]])] == [
            "docs/a.txt", "docs/b.txt",
        ]  # fmt: skip
        key = catalog.passages(list(near))[max(near, key=lambda i: near[i])].key
        assert catalog.vectors([key])[key].shape == (384,)
        assert len(catalog.tokens([key])[key]) % 48 == 0


def test_an_error_of_the_embedder_leaves_words_searchable(place: Place) -> None:
    from index.errors import EmbedderError

    class Failing(type(place.embedder)):  # type: ignore[misc]
        def _get_text_embedding(self, text: str) -> list[float]:
            raise EmbedderError("The server did not answer.", "Try later.")

    place.write("a.txt", "Gas rose.")
    index = Index(place.folder, Failing(model_name="hash"), roots=[place.docs])
    with pytest.raises(CitewiseError, match="did not answer"):
        list(index.sync())
    assert (index.status().pending, index.status().files) == (1, 1)
