"""The index on disk: what is deleted is gone, a killed sync goes on, damage is found, processes do not disturb each other."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.forkserver import ensure_running
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes import HashEmbedding
from folders import Place, contents, finish, found
from worker import report_sync, say_all

from index.catalog import Catalog
from index.database import FILE
from index.errors import (
    CitewiseError,
    EmbedderError,
    IndexBusy,
    IndexDamaged,
    IndexMissing,
    IndexOutdated,
    VectorsUnreadable,
)
from index.index import Index
from index.rebuild import NEW, forget_all
from index.sync import remove_documents
from index.upgrade import FORMAT
from index.vectors import Vectors

WORKER = Path(__file__).parent / "worker.py"

# A server that has imported everything once: each fork of it begins at once.
FORKS = multiprocessing.get_context("forkserver")


@pytest.fixture(scope="module", autouse=True)
def _forks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(WORKER.parent), str(WORKER.parent.parent)]))
        FORKS.set_forkserver_preload(["worker"])
        ensure_running()
        yield


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def start(task: str, place: Place, word: str = "") -> subprocess.Popen[str]:
    command = [sys.executable, str(WORKER), task, str(place.docs), str(place.folder), word]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def output(task: str, place: Place, word: str = "") -> str:
    """What the task said in a process of its own, after "ready"."""
    ours, theirs = FORKS.Pipe()
    process = FORKS.Process(target=say_all, args=(theirs, task, str(place.docs), str(place.folder), word))
    process.start()
    theirs.close()
    said: str = ours.recv()
    process.join()
    return said.partition("ready\n")[2]


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def ask(process: subprocess.Popen[str], words: str) -> str:
    assert process.stdin is not None
    process.stdin.write(words + "\n")
    process.stdin.flush()
    return line(process)


# -- deleting ---------------------------------------------------------------------------------------------------------


def traces(folder: Path, word: str) -> list[str]:
    """The files under the index that hold the word in any of its spellings."""
    forms = [
        form.encode(code) for form in (word, word.lower(), word.upper()) for code in ("utf-8", "utf-16-le", "utf-16-be")
    ]
    return [
        path.name for path in folder.rglob("*") if path.is_file() and any(form in path.read_bytes() for form in forms)
    ]


def canary_file(word: str) -> str:
    rows = "\n".join(f"| 20{i:02} | {i} bcm |" for i in range(30))
    prose = f"Something about {word}text and gas. " * 50
    return f"# {word}title\n\n{prose}\n\n## {word}heading\n\n| {word}header | Gas |\n|---|---|\n{rows}\n"


@pytest.mark.parametrize("watched", [False, True])
def test_words_of_a_deleted_changed_or_renamed_file_stand_nowhere(place: Place, watched: bool) -> None:
    for i in range(40):
        place.write(f"other{i}.txt", f"Other words about place{i}. " * 20)
    deleted = place.write("sub/Zebraname.md", canary_file("zebra"))
    place.write("changed.md", canary_file("Quokka"))
    renamed = place.write("Wombatname.txt", "Kept words about gas.")
    unread = place.write("Lemurname.mp4", b"\x00")
    place.sync()
    assert place.find("zebratext") == ["docs/sub/Zebraname.md"]
    assert traces(place.folder, "wombat")
    if not watched:
        place.index.close()  # else a reader has the files open while they are cleaned
    deleted.unlink()
    unread.unlink()
    place.write("changed.md", "Now harmless.")
    renamed.rename(place.docs / "harmless.txt")
    place.sync()
    for word in ("zebra", "quokka", "wombat", "lemur"):
        assert traces(place.folder, word) == []
    assert place.find("harmless") == ["docs/changed.md", "docs/harmless.txt"]


def test_a_sync_that_was_killed_after_removing_leaves_the_cleaning_to_the_next(place: Place) -> None:
    place.write("a.txt", "Gas rose.")
    path = place.write("b.md", canary_file("zebra"))
    place.sync()
    path.unlink()
    place.write("c.txt", "Coal.")
    run = place.index.sync()
    for step in run:
        if step.phase == "embed":
            break
    run.close()
    place.sync()
    assert traces(place.folder, "zebra") == []


def test_an_embedder_that_fails_keeps_no_deleted_words(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> list[float]:
        raise EmbedderError("The server did not answer.", "Try later.")

    path = place.write("b.md", canary_file("zebra"))
    place.sync()
    place.index.close()
    path.write_text("Now harmless.")
    monkeypatch.setattr(HashEmbedding, "_get_text_embeddings", fail)
    with pytest.raises(EmbedderError):
        place.sync()
    assert traces(place.folder, "zebra") == []


def test_a_graph_that_was_not_saved_holds_no_memory_of_the_process(tmp_path: Path) -> None:
    dice = np.random.default_rng(7)
    first, last = dice.random((2, 60, 64), np.float32)
    keys = [f"k{i}" for i in range(60)]

    def leave(_: int) -> int:
        return sum(len(b"zebra" * size) for size in range(100, 20_000, 50))

    for at in range(4):
        with ThreadPoolExecutor(8) as threads:  # memory is kept by thread: all of it is dirtied
            list(threads.map(leave, range(8)))
        leave(0)
        vectors = Vectors(tmp_path / str(at), write=True)
        vectors.put(keys, list(first))
        assert {path.name for path in tmp_path.rglob("*.bin")} >= {"data_level0.bin", "length.bin"}
        assert traces(tmp_path, "zebra") == []
        for _ in range(6):  # past the number of writes at which the graph is saved, at the size it was made with
            vectors.put(keys, list(last))
        vectors.close()
        reader = Vectors(tmp_path / str(at))
        assert [reader.nearest(vector, 1)[0][0] for vector in last] == keys
        reader.close()


def test_a_cleaning_that_a_reader_holds_up_is_done_by_the_next_sync(place: Place) -> None:
    place.write("b.md", canary_file("zebra")).rename(place.docs / "c.md")
    place.sync()
    catalog = Catalog(place.folder, write=True)
    catalog._do("PRAGMA busy_timeout = 0")
    reader = Catalog(place.folder)
    with reader.snapshot():
        reader.counts()
        remove_documents(catalog, [file.id for file in catalog.files().values()])
        assert catalog.meta("unmerged")
    reader.close()
    catalog.close()
    (place.docs / "c.md").unlink()
    place.sync()
    assert traces(place.folder, "zebra") == []
    with place.index.snapshot() as after:
        assert not after.meta("unmerged")


def test_removing_an_upload_leaves_nothing(place: Place) -> None:
    source = place.index.upload("Zebraname.txt", b"Words on zebras.")
    place.sync()
    place.index.remove(source)
    assert traces(place.folder, "zebra") == []


# -- kills ------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_sync_killed_at_random_points_ends_as_a_fresh_one(place: Place, tmp_path: Path) -> None:
    dice = random.Random(7)
    for i in range(700):
        place.write(f"{i}.txt", f"Gas rose in place{i}. It was the year {dice.randrange(2000)}.")
    landed = set()
    for _ in range(20):
        ours, theirs = FORKS.Pipe()
        process = FORKS.Process(target=report_sync, args=(place.docs, place.folder, theirs))
        process.start()
        theirs.close()
        assert ours.recv() == "ready"
        time.sleep(dice.random() * 1.2)
        process.kill()
        process.join()
        phase = "ready"
        with contextlib.suppress(EOFError):
            while True:
                phase = ours.recv()
        landed.add(phase)
        for _ in range(25):
            number = dice.randrange(700)
            path = place.docs / f"{number}.txt"
            if path.exists() and dice.random() < 0.4:
                path.unlink()
            elif path.exists() and dice.random() < 0.3:
                path.rename(place.docs / f"{number + 700}.txt")
            else:
                place.write(f"{number}.txt", f"Oil fell in place{number}, {dice.random()}.")
    assert len(landed) > 2, landed
    place.sync()
    (tmp_path / "fresh").mkdir()
    fresh = Index(tmp_path / "fresh/index", place.embedder, roots=[place.docs])
    finish(fresh.sync())
    assert contents(place.folder) == contents(fresh.folder)
    assert place.find("oil") == found(fresh, "oil")


# -- several processes and threads ------------------------------------------------------------------------------------


def test_a_reader_in_another_process_follows(place: Place) -> None:
    for i in range(300):
        place.write(f"{i}.txt", f"Gas rose in place{i}.")
    place.sync()
    reader = start("follow", place)
    assert line(reader) == "ready"
    assert ask(reader, "place7") == "['docs/7.txt']"
    place.write("7.txt", "Oil fell.")
    place.write("new.txt", "Coal rose.")
    (place.docs / "8.txt").unlink()
    place.sync()
    assert [ask(reader, word) for word in ("place7", "oil", "coal", "place8")] == [
        "[]",
        "['docs/7.txt']",
        "['docs/new.txt']",
        "[]",
    ]
    place.sync(rebuild=True)
    place.write("new.txt", "Wood rose.")
    place.sync()
    assert [ask(reader, word) for word in ("coal", "wood")] == ["[]", "['docs/new.txt']"]
    reader.communicate(timeout=30)


def test_two_readers_of_one_process_follow_another_process(place: Place) -> None:
    place.write("a.txt", "Gas rose.")
    place.sync()
    second = place.open()
    assert place.find("gas") == found(second, "gas") == ["docs/a.txt"]
    place.write("b.txt", "Oil fell.")
    output("sync", place)
    assert place.find("oil") == found(second, "oil") == ["docs/b.txt"]


def test_a_second_writer_is_told_who_writes_and_a_kill_frees_the_lock(place: Place) -> None:
    place.write("a.txt", "Gas rose.")
    writer = start("hold", place)
    assert [line(writer), line(writer)] == ["ready", "holding"]
    for write in (
        lambda: list(place.index.sync()),
        lambda: place.index.upload("a.txt", b"x"),
        lambda: place.index.remove("x"),
    ):
        with pytest.raises(IndexBusy, match=f"process {writer.pid} on .* since 20"):
            write()
    writer.send_signal(signal.SIGKILL)
    writer.communicate(timeout=30)
    assert place.sync().added == 1


def test_two_threads_cannot_both_write_and_a_sync_may_change_its_thread(place: Place) -> None:
    place.write("a.txt", "Gas rose.")
    run = place.index.sync()
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as two:
        one.submit(next, run).result()
        with pytest.raises(IndexBusy, match=f"process {os.getpid()} "):
            two.submit(place.sync).result()
        assert two.submit(finish, run).result().added == 1
        assert one.submit(place.sync).result().unchanged == 1


def test_threads_read_while_one_writes_and_the_index_is_rebuilt(place: Place) -> None:
    for i in range(300):
        place.write(f"{i}.txt", f"Gas rose in place{i}.")
    place.sync()
    stop = threading.Event()
    answers: list[list[str]] = []

    def read() -> None:
        while not stop.is_set():
            try:
                answers.append(found(place.index, "place7", by_vector=False))
                place.index.nearest(place.embedder.vector("place7"), 9)
            except (VectorsUnreadable, IndexMissing):
                continue  # between the old index and the new

    threads = [ThreadPoolExecutor(1) for _ in range(6)]
    waiting = [thread.submit(read) for thread in threads]
    for round_ in range(3):
        place.write("new.txt", f"Oil fell in {round_}.")
        place.sync()
    place.sync(rebuild=True)
    stop.set()
    for task in waiting:
        task.result(timeout=30)
    assert ["docs/7.txt"] in answers
    assert all(answer in ([], ["docs/7.txt"]) for answer in answers)


def test_a_snapshot_keeps_nobody_waiting_and_outlives_the_closing(place: Place) -> None:
    place.write("a.txt", "Gas rose.")
    place.sync()
    with ThreadPoolExecutor(1) as pool, place.index.snapshot() as mine:
        assert len(mine.files()) == 1
        assert pool.submit(place.find, "gas").result(timeout=5) == ["docs/a.txt"]
        place.write("b.txt", "Gas fell.")
        place.sync()
        assert pool.submit(place.find, "gas").result(timeout=5) == ["docs/a.txt", "docs/b.txt"]
        place.index.close()
        with place.index.snapshot() as same:
            assert same is mine
        assert len(mine.files()) == 1
    assert len(place.index.documents()) == 2


def test_closing_while_others_read_ends_nobody(place: Place) -> None:
    place.write("a.txt", "Gas rose.")
    place.sync()
    with ThreadPoolExecutor(4) as pool:
        tasks = [pool.submit(place.find, "gas") for _ in range(40)]
        for _ in range(10):
            place.index.close()
        assert all(task.result(timeout=30) == ["docs/a.txt"] for task in tasks)


def test_closing_while_others_read_one_thing_ends_nobody(place: Place) -> None:
    place.write("a.txt", "Gas rose.")
    place.sync()
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            assert place.index.documents_matching(["*.txt"])
            assert (place.index.exclusions(), place.index.headings("docs/a.txt")) == ([], [])
            assert place.index.revision

    with ThreadPoolExecutor(3) as pool:
        tasks = [pool.submit(read) for _ in range(3)]
        for _ in range(200):
            place.index.close()
        stop.set()
        for task in tasks:
            task.result(timeout=30)


def test_a_reader_that_was_short_of_descriptors_still_sees_what_is_deleted(place: Place) -> None:
    secret = place.write("secret.txt", "Oil fell.")
    place.write("a.txt", "Gas rose.")
    place.sync()
    place.index.close()
    reader = place.open()
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken = []
    for free in (1, 2):
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, limits[1]))
        try:
            with contextlib.suppress(OSError):
                while True:
                    taken.append(os.open(os.devnull, os.O_RDONLY))
            for _ in range(free):
                os.close(taken.pop())
            with pytest.raises(CitewiseError):
                reader.documents()
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
            for descriptor in taken:
                os.close(descriptor)
            taken.clear()
    assert len(reader.documents()) == 2
    secret.unlink()
    output("sync", place)
    assert [document.source for document in reader.documents()] == ["docs/a.txt"]


# -- damage -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """An index large enough that Chroma has saved its graph; tests damage copies of it."""
    place = Place(tmp_path_factory.mktemp("original"))
    for i in range(300):
        place.write(f"{i}.txt", f"Gas rose in place{i}.")
    place.index.upload("up.txt", b"Uploaded words.")
    place.sync()
    place.index.close()
    return place


@pytest.fixture
def copy(original: Place, tmp_path: Path) -> Place:
    shutil.copytree(original.folder, tmp_path / "index")
    place = Place(tmp_path)
    shutil.rmtree(place.docs)
    place.docs = original.docs
    place.index = place.open()
    return place


def damages(path: Path) -> Iterator[None]:
    """Damage the file in one way after the other."""
    data = path.read_bytes()
    dice = random.Random(1)
    half = len(data) // 2
    for damaged in (b"", data[:half], dice.randbytes(len(data)), data[:half] + dice.randbytes(len(data) - half)):
        if damaged != data:
            path.write_bytes(damaged)
            yield
    path.unlink()
    yield


CHROMA_FILES = (
    "chroma.sqlite3",
    "checksum",
    "data_level0.bin",
    "header.bin",
    "length.bin",
    "link_lists.bin",
    "index_metadata.pickle",
)


@pytest.mark.parametrize("name", CHROMA_FILES)
def test_damaged_vectors_are_found_and_made_again_without_embedding(copy: Place, name: str) -> None:
    (path,) = (copy.folder / "chroma").rglob(name)
    pristine = copy.folder.parent / "pristine"
    shutil.copytree(copy.folder / "chroma", pristine)
    for _ in damages(path):
        index = copy.open()
        with pytest.raises(VectorsUnreadable, match="cannot be used"):
            index.nearest(copy.embedder.vector("gas"), 3)
        with index.snapshot() as catalog:
            assert catalog.match("place7", 3)
        index.close()
        shutil.rmtree(copy.folder / "chroma")
        shutil.copytree(pristine, copy.folder / "chroma")
    path.unlink()
    assert copy.sync().embedded == 0
    assert copy.find("place7") == ["docs/7.txt"]
    assert len(contents(copy.folder)["vectors"]) == 301


def test_vectors_are_made_again_beside_an_open_reader(copy: Place) -> None:
    assert copy.find("place7") == ["docs/7.txt"]
    shutil.rmtree(copy.folder / "chroma")
    assert copy.sync().embedded == 0
    assert copy.find("place7") == ["docs/7.txt"]


def test_a_damaged_catalog_names_the_command_and_rebuild_keeps_uploads(copy: Place) -> None:
    for _ in range(2):
        (copy.folder / FILE).write_bytes(random.Random(1).randbytes(50_000))
        for use in (copy.index.documents, lambda: list(copy.index.sync()), lambda: copy.index.upload("a.txt", b"x")):
            with pytest.raises(IndexDamaged, match="--rebuild"):
                use()
        assert copy.sync(rebuild=True).added == 301
        assert copy.find("uploaded words") == ["uploads/up.txt"]


def test_a_catalog_damaged_inside_raises_no_foreign_error(copy: Place) -> None:
    data = (copy.folder / FILE).read_bytes()
    dice = random.Random(3)
    raised = 0
    for _ in range(12):
        damaged = bytearray(data)
        at = dice.randrange(1, len(data) // 4096) * 4096
        damaged[at : at + 40_960] = dice.randbytes(len(damaged[at : at + 40_960]))
        (copy.folder / FILE).write_bytes(damaged)
        copy.index = copy.open()
        uses: list[Callable[[], object]] = [
            copy.index.documents,
            copy.index.status,
            lambda: copy.index.text("docs/7.txt"),
            lambda: found(copy.index, "gas", by_vector=False),
        ]
        for use in uses:
            try:
                use()
            except CitewiseError:
                raised += 1
        copy.index.close()
    assert raised


def test_a_catalog_whose_making_was_cut_short_is_missing_and_heals(place: Place) -> None:
    place.write("a.txt", "Gas rose.")
    place.folder.mkdir()
    (place.folder / FILE).touch()
    with pytest.raises(IndexMissing):
        place.index.documents()
    assert place.sync().added == 1


def set_meta(place: Place, key: str, value: str) -> None:
    catalog = Catalog(place.folder, write=True)
    catalog.set_meta(key, value)
    catalog.close()


def test_an_index_of_a_newer_format_is_refused(copy: Place) -> None:
    set_meta(copy, "format", str(FORMAT + 1))
    copy.index = copy.open()
    for use in (copy.index.documents, lambda: list(copy.index.sync())):
        with pytest.raises(IndexOutdated, match=r"newer Citewise .* --rebuild"):
            use()
    assert copy.sync(rebuild=True).added == 301


def test_a_rebuild_of_a_newer_format_keeps_folders_and_exclusions(place: Place, tmp_path: Path) -> None:
    place.write("a.txt", "Gas rose.")
    place.write("b.txt", "Oil fell.")
    other = tmp_path / "other/docs"
    other.mkdir(parents=True)
    (other / "c.txt").write_text("Coal rose.")
    place.index.add_folder(other)
    place.sync()
    place.index.remove("docs/b.txt")
    set_meta(place, "format", str(FORMAT + 1))
    assert finish(Index(place.folder, place.embedder).sync(rebuild=True)).added == 2
    assert place.sources() == ["docs-2/c.txt", "docs/a.txt"]


def test_a_rebuild_that_was_killed_between_two_catalogs_is_finished_by_the_next_writer(place: Place) -> None:
    place.write("a.txt", "Gas rose.")
    place.write("b.txt", "Oil fell.")
    place.sync()
    place.index.remove("docs/b.txt")
    place.index.close()
    forget_all(place.folder)
    (place.folder / FILE).rename(place.folder / NEW)
    (place.folder / f"{FILE}-wal").write_bytes(b"of the old catalog")
    with pytest.raises(IndexMissing):
        place.index.documents()
    assert finish(Index(place.folder, place.embedder).sync()).added == 1
    assert place.sources() == ["docs/a.txt"]
    assert not (place.folder / NEW).exists()


@pytest.mark.parametrize("other", [{"max_tokens": 128}, {"embedder": HashEmbedding(model_name="other")}])
def test_another_embedder_or_size_is_refused_until_rebuilt(place: Place, other: dict[str, Any]) -> None:
    place.write("a.txt", "Gas rose.")
    place.sync()
    options: dict[str, Any] = {"embedder": place.embedder} | other
    index = Index(place.folder, roots=[place.docs], **options)
    for use in (index.documents, lambda: list(index.sync())):
        with pytest.raises(IndexOutdated, match=r"the settings name .* --rebuild"):
            use()
    assert place.find("gas") == ["docs/a.txt"]
    assert finish(index.sync(rebuild=True)).added == 1
    assert found(index, "gas") == ["docs/a.txt"]
    with pytest.raises(IndexOutdated):
        place.index.documents()


# -- permissions and space --------------------------------------------------------------------------------------------

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that anybody can enter, which pytest's own are not."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@as_root
def test_a_read_only_index_answers_by_words(original: Place, public: Path) -> None:
    place = Place(public)
    shutil.copytree(original.folder, place.folder)
    for path in [place.folder, *place.folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert output("nobody-words", place, "place7").strip() == "1"
    assert output("nobody-find", place, "place7").startswith("VectorsUnreadable: ")
    said = output("nobody-sync", place)
    assert said.startswith("CitewiseError: ")
    assert "could not be written" in said


@as_root
def test_a_reader_of_what_others_write_sees_what_is_deleted(public: Path) -> None:
    place = Place(public)
    place.write("a.txt", "Gas rose.")
    secret = place.write("secret.txt", "Oil fell.")

    def sync() -> None:
        place.sync()
        place.index.close()
        place.folder.chmod(0o755)
        (place.folder / FILE).chmod(0o644)

    sync()
    reader = start("nobody-list", place)
    assert line(reader) == "ready"
    assert ask(reader, "") == "2 2"
    revision = ask(reader, "revision")
    assert ask(reader, "revision") == revision
    secret.unlink()
    sync()
    assert ask(reader, "") == "1 1"
    assert ask(reader, "revision") != revision
    reader.communicate(timeout=30)


@as_root
def test_files_without_permission_are_recorded_and_read_once_they_have_it(public: Path) -> None:
    place = Place(public)
    place.write("open.txt", "Gas rose.")
    secret = place.write("secret.txt", "Oil fell.")
    place.write("closed/a.txt", "Coal rose.")
    place.folder.mkdir()
    os.chown(place.folder, 65_534, 65_534)
    secret.chmod(0)
    (place.docs / "closed").chmod(0)
    assert "docs/secret.txt: cannot be opened: permission denied" in output("nobody-sync", place)
    assert output("nobody-find", place, "gas").strip() == "['docs/open.txt']"
    secret.chmod(0o644)
    (place.docs / "closed").chmod(0o755)
    said = output("nobody-sync", place)
    assert "Error" not in said, said
    assert place.find("oil") == ["docs/secret.txt"]
    assert place.find("coal") == ["docs/closed/a.txt"]


@pytest.mark.parametrize("limit", [30_000, 400_000])
def test_a_full_disk_is_said_and_what_was_indexed_stays(place: Place, limit: int) -> None:
    place.write("a.txt", "Gas rose.")
    place.sync()
    for i in range(600):
        place.write(f"{i}.txt", f"Oil fell in place{i}. " * 20)
    said = output("full", place, str(limit))
    assert "CitewiseError: " in said, said[-300:]
    assert "free space" in said
    assert place.index.text("docs/a.txt") == "Gas rose."
    with place.index.snapshot() as catalog:
        assert catalog.match("gas", 5)
    assert place.sync().unchanged >= 1
    assert place.find("place599") == ["docs/599.txt"]


def test_nothing_is_opened_to_others(place: Place) -> None:
    place.write("a.txt", "Gas rose.")
    place.sync()
    assert place.folder.stat().st_mode & 0o777 == 0o700


def test_in_a_folder_that_others_may_enter_nothing_of_the_text_is_open_to_them(place: Place) -> None:
    place.folder.mkdir(mode=0o755)
    place.write("a.txt", "Gas rose.")
    place.index.upload("b.txt", b"Oil fell.")
    place.sync()
    place.sync(rebuild=True)
    with place.index.snapshot():
        open_to_others = {path.name for path in place.folder.iterdir() if path.stat().st_mode & 0o077}
    assert open_to_others <= {"writer.lock", "vectors.lock"}


def test_vectors_stay_here_whatever_the_working_directory_says(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    server = {"chroma_api_impl": "chromadb.api.fastapi.FastAPI", "chroma_server_host": "example.org"}
    place.write("a.txt", "Gas rose.")
    place.write(".env", "".join(f"{key}={value}\n" for key, value in server.items()) + "allow_reset=perhaps\n")
    monkeypatch.chdir(place.docs)
    monkeypatch.setenv("CHROMA_API_IMPL", server["chroma_api_impl"])
    assert place.sync().embedded == 1
    assert place.find("gas") == ["docs/a.txt"]


def test_vectors_alone(tmp_path: Path) -> None:
    with pytest.raises(VectorsUnreadable):
        Vectors(tmp_path)
    assert not (tmp_path / "chroma").exists()
    vectors = Vectors(tmp_path, write=True)
    embed = HashEmbedding().vector
    vectors.put(["a", "b"], [embed("gas"), embed("oil")])
    assert [key for key, _ in vectors.nearest(embed("gas"), 5)] == ["a", "b"]
    assert vectors.nearest(embed("gas"), 5)[0][1] == pytest.approx(1, abs=1e-3)
    assert [key for key, _ in vectors.nearest(embed("gas"), 5, ["b"])] == ["b"]
    assert vectors.nearest(embed("gas"), 5, []) == []
    vectors.drop(["a"])
    assert (vectors.keys(), vectors.count()) == (["b"], 1)
    vectors.close()
