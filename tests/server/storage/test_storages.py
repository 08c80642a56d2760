"""What a storage promises, in a folder and in an object store."""

from __future__ import annotations

import filecmp
import io
import os
import threading
import time
import tracemalloc

import pytest

from server.errors import StorageUnavailable
from server.storage import FolderStorage, Storage, Upload, objects, owner_name
from server.storage.objects import ObjectStorage
from tests.helpers.stores import Store

OWNER = owner_name("uuid:1")


@pytest.fixture(params=["folder", "store"])
def storage(request, tmp_path) -> Storage:
    made: Storage = (
        FolderStorage(tmp_path / "storage")
        if request.param == "folder"
        else ObjectStorage(tmp_path / "storage", request.getfixturevalue("store").settings)
    )
    made.prepare()
    return made


@pytest.fixture
def in_store(store: Store, tmp_path) -> ObjectStorage:
    made = ObjectStorage(tmp_path / "storage", store.settings)
    made.prepare()
    return made


def receive(storage: Storage, data: bytes) -> Upload:
    with storage.receive() as writer:
        writer.write(data)
        return writer.finish()


def test_a_kept_file_is_read_again_as_it_was_also_an_empty_one(storage):
    for data in (b"a picture", b"", os.urandom(300_000)):
        key = storage.keep(receive(storage, data), OWNER)

        assert storage.file(key).read_bytes() == data
        assert storage.file(key).is_file()
        with storage.file(key).open("rb") as file, storage.fetched(key) as path:
            assert file.read() == path.read_bytes() == data


def test_the_same_bytes_kept_twice_are_one_file(storage):
    keys = {storage.keep(receive(storage, b"a picture"), OWNER) for _ in range(2)}

    assert len(keys) == 1
    assert len(list(storage.iter_kept(keys.pop()[:2]))) == 1


def test_an_upload_stays_until_its_request_removes_it(storage):
    upload = receive(storage, b"a picture")

    storage.keep(upload, OWNER)

    assert upload.path.read_bytes() == b"a picture"


def test_a_file_can_be_read_from_any_place_on(storage):
    data = os.urandom(700_000)
    key = storage.keep(receive(storage, data), OWNER)

    with storage.file(key).open("rb") as file:
        assert file.seek(0, io.SEEK_END) == len(data)
        assert file.seek(600_001) == 600_001
        assert file.read(10) == data[600_001:600_011]
        assert file.seek(5) == 5
        assert file.read() == data[5:]
        assert file.read() == b""


def test_what_was_never_kept_is_not_found(storage):
    missing = storage.file(f"ab/{OWNER}-none")

    assert not missing.is_file()
    with pytest.raises(FileNotFoundError):
        missing.read_bytes()
    with pytest.raises(FileNotFoundError):
        missing.open("rb")
    with pytest.raises(FileNotFoundError), storage.fetched("ab/none"):
        pass


def test_named_files_are_written_moved_listed_and_removed(storage):
    storage.write("projection/form=1/table=a b.ă/x.parquet", b"1")
    storage.write("projection/form=1/y.parquet", b"2")
    storage.write("projection-aside/z", b"3")
    storage.move("projection/form=1/y.parquet", to="projection-aside/y")
    storage.move("projection/form=1/gone", to="projection-aside/gone")
    listed = list(storage.iter_kept("projection"))
    aside = {kept.key for kept in storage.iter_kept("projection-aside")}
    storage.remove(kept.key for kept in [*listed, *storage.iter_kept("projection-aside")])

    assert [kept.key for kept in listed] == ["projection/form=1/table=a b.ă/x.parquet"]
    assert abs(listed[0].written_at - time.time()) < 60
    assert aside == {"projection-aside/y", "projection-aside/z"}
    assert [*storage.iter_kept("projection"), *storage.iter_kept("projection-aside")] == []
    assert not storage.file("projection-aside/y").is_file()


def test_a_file_written_into_its_place_is_kept_when_it_is_settled(storage):
    place = storage.place("exports/1-1.zip")
    place.parent.mkdir()
    place.write_bytes(b"zip")

    storage.settle("exports/1-1.zip")

    assert storage.file("exports/1-1.zip").read_bytes() == b"zip"
    storage.remove(["exports/1-1.zip"])
    assert not storage.file("exports/1-1.zip").is_file()
    assert not place.exists()


def test_nothing_kept_stays_on_this_machine(in_store, store):
    key = in_store.keep(receive(in_store, b"a picture"), OWNER)
    in_store.file(key).read_bytes()
    with in_store.fetched(key):
        pass
    in_store.sweep(older_than=-60)

    assert [path for path in in_store.root.rglob("*") if path.is_file()] == []
    assert store.contents() == {key: b"a picture"}


@pytest.mark.parametrize("size", [12_000_000, 8 << 20])
def test_a_large_file_is_sent_in_parts(in_store, store, monkeypatch, size):
    monkeypatch.setattr(objects, "LARGE", 1_000_000)
    data = os.urandom(size)

    keys = {in_store.keep(receive(in_store, data), OWNER) for _ in range(2)}

    assert store.contents() == {keys.pop(): data}


def test_little_of_a_large_file_is_in_memory_when_it_is_kept_and_read(in_store):
    with in_store.receive() as writer:
        for _ in range(40):
            writer.write(os.urandom(1_000_000))
        upload = writer.finish()

    tracemalloc.start()
    try:
        key = in_store.keep(upload, OWNER)
        with in_store.file(key).open("rb") as file:
            while file.read(1 << 16):
                pass
        with in_store.fetched(key) as path:
            is_same = filecmp.cmp(path, upload.path, shallow=False)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert is_same
    assert peak < 4_000_000


def test_more_files_than_a_page_of_the_list_are_all_listed(in_store, store):
    for number in range(1_005):
        store.put(f"projection/{number:04d}", b"")

    assert len(list(in_store.iter_kept("projection"))) == 1_005


def test_what_is_removed_is_not_remembered(in_store):
    in_store.write("projection/a", b"rows")
    in_store.file("projection/a").read_bytes()

    in_store.remove(["projection/a"])

    with pytest.raises(FileNotFoundError):
        in_store.file("projection/a").read_bytes()


def test_a_store_that_is_away_is_said_and_used_again_when_it_is_back(in_store, store):
    upload = receive(in_store, b"a picture")
    with store.door.shut():
        with pytest.raises(StorageUnavailable):
            in_store.keep(upload, OWNER)
        is_ready = in_store.is_ready()
    key = in_store.keep(upload, OWNER)

    assert not is_ready
    assert in_store.is_ready()
    assert store.contents() == {key: b"a picture"}


def test_reading_goes_on_where_the_connection_broke_off(in_store, store):
    data = os.urandom(2_000_000)
    key = in_store.keep(receive(in_store, data), OWNER)

    with in_store.file(key).open("rb") as file:
        store.door.break_after = 700_000
        read = file.read()

    assert store.door.break_after is None
    assert read == data


def test_a_connection_that_the_store_closed_is_not_used_again(in_store, store):
    in_store.write("projection/a", b"1")
    with store.door.shut():
        pass

    in_store.write("projection/b", b"2")

    assert set(store.contents()) == {"projection/a", "projection/b"}


def test_a_forked_process_has_connections_of_its_own(in_store, store):
    in_store.write("projection/a", b"1")
    child = os.fork()
    if child == 0:
        in_store.write("projection/b", b"2")
        os._exit(0)
    in_store.write("projection/c", b"3")

    assert os.waitpid(child, 0)[1] == 0
    assert set(store.contents()) == {"projection/a", "projection/b", "projection/c"}


def test_many_threads_read_and_write_at_once(in_store):
    def work(number: int) -> None:
        data = bytes([number]) * 50_000
        in_store.write(f"projection/{number}", data)
        with in_store.file(f"projection/{number}").open("rb") as file:
            done.append(file.read() == data)

    done: list[bool] = []
    threads = [threading.Thread(target=work, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert done == [True] * 40
