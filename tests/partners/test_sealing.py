"""Sealing: what goes in comes out, for the right row under the right key, and nothing else ever does."""

import base64
import json
import secrets
import uuid

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from partners.sealing import BLIND_BYTES, NONCE_BYTES, CannotOpen, KeyRing, blind, key_ring, seal, unseal

ROW = uuid.UUID("4b5c2f0e-6c1a-4df0-9d55-0f5a4f2b7a10")


def new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def ring_of(*kids: str, current: str | None = None) -> KeyRing:
    data = {kid: new_key() for kid in kids}
    return KeyRing.from_json(json.dumps({"current": current or kids[-1], "data": data, "index": {}}))


RING = ring_of("k1", "k2")

text = st.text(st.characters(exclude_categories=[]), max_size=200)  # surrogates, controls and NUL included
json_able = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)


@given(json_able)
def test_whatever_json_can_say_comes_back_as_it_was(data):
    sealed = seal("table", ROW, data, ring=RING)
    assert unseal("table", ROW, sealed.kid, sealed.blob, ring=RING) == data


@given(text)
def test_the_plain_text_is_not_in_the_blob(words):
    plain = json.dumps(words, ensure_ascii=False).encode(errors="surrogatepass")
    blob = seal("table", ROW, words, ring=RING).blob
    assert len(blob) == len(plain) + NONCE_BYTES + 16
    assert len(plain) < 6 or plain not in blob


def test_a_new_blob_is_sealed_under_the_current_key():
    assert seal("table", ROW, {}, ring=RING).kid == "k2"


def test_the_same_data_never_makes_the_same_blob():
    assert len({seal("table", ROW, "x", ring=RING).blob for _ in range(100)}) == 100


def test_a_blob_read_from_the_database_as_memory_opens():
    sealed = seal("table", ROW, "x", ring=RING)
    assert unseal("table", ROW, sealed.kid, memoryview(sealed.blob), ring=RING) == "x"


@pytest.mark.parametrize(
    ("table", "row"), [("other", ROW), ("table", uuid.uuid4()), ("table", str(ROW).upper()), ("tabl", f"e|{ROW}")]
)
def test_a_blob_that_was_moved_does_not_open(table, row):
    sealed = seal("table", ROW, "secret", ring=RING)
    with pytest.raises(CannotOpen):
        unseal(table, row, sealed.kid, sealed.blob, ring=RING)


def test_a_blob_does_not_open_under_another_key_of_the_ring():
    sealed = seal("table", ROW, "secret", ring=RING)
    with pytest.raises(CannotOpen):
        unseal("table", ROW, "k1", sealed.blob, ring=RING)


def test_another_key_under_the_same_name_does_not_open_it():
    sealed = seal("table", ROW, "secret", ring=RING)
    with pytest.raises(CannotOpen, match="does not open"):
        unseal("table", ROW, sealed.kid, sealed.blob, ring=ring_of("k1", "k2"))


def test_a_missing_key_is_named():
    sealed = seal("table", ROW, "secret", ring=RING)
    with pytest.raises(CannotOpen, match="key k2 is not in the ring"):
        unseal("table", ROW, sealed.kid, sealed.blob, ring=ring_of("k1"))


@given(st.data())
def test_a_single_changed_bit_anywhere_is_noticed(data):
    sealed = seal("table", ROW, "secret", ring=RING)
    position = data.draw(st.integers(0, len(sealed.blob) * 8 - 1))
    changed = bytearray(sealed.blob)
    changed[position // 8] ^= 1 << position % 8
    with pytest.raises(CannotOpen):
        unseal("table", ROW, sealed.kid, bytes(changed), ring=RING)


@given(st.binary(max_size=64))
def test_bytes_that_were_never_sealed_do_not_open(blob):
    with pytest.raises(CannotOpen):
        unseal("table", ROW, "k1", blob, ring=RING)


@pytest.mark.parametrize("length", [0, 1, NONCE_BYTES, NONCE_BYTES + 15])
def test_a_blob_that_was_cut_off_does_not_open(length):
    sealed = seal("table", ROW, "secret", ring=RING)
    with pytest.raises(CannotOpen):
        unseal("table", ROW, sealed.kid, sealed.blob[:length], ring=RING)


def test_the_keys_are_not_shown_with_the_ring():
    shown = repr(RING)
    assert shown == "KeyRing(current='k2')"


# --- The ring --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text_", "said"),
    [
        ("", "not readable"),
        ("[]", "not readable"),
        ("{}", "not readable"),
        ('{"current": "k", "data": {"k": "***"}, "index": {}}', "not readable"),
        ('{"current": "k", "data": [], "index": {}}', "not readable"),
        (json.dumps({"current": "k", "data": {"k": "c2hvcnQ="}, "index": {}}), "32 bytes"),
        (json.dumps({"current": "k", "data": {"k": new_key()}, "index": {"k": "c2hvcnQ="}}), "32 bytes"),
        (json.dumps({"current": "k", "data": {"other": "A" * 43 + "="}, "index": {}}), "current sealing key is not"),
    ],
)
def test_what_is_no_ring_is_refused(text_, said):
    with pytest.raises(ImproperlyConfigured, match=said) as caught:
        KeyRing.from_json(text_)
    assert "c2hvcnQ" not in str(caught.value)


def test_the_ring_can_be_a_file(settings, tmp_path):
    path = tmp_path / "ring.json"
    path.write_text(json.dumps({"current": "filed", "data": {"filed": new_key()}, "index": {}}))
    settings.SEALING_KEYS, settings.SEALING_KEYS_FILE = "", str(path)
    assert key_ring().current == "filed"


@pytest.mark.parametrize("path", ["", "/nowhere/ring.json"])
def test_no_ring_or_a_file_that_is_not_there_is_an_error(settings, path):
    settings.SEALING_KEYS, settings.SEALING_KEYS_FILE = "", path
    with pytest.raises(ImproperlyConfigured):
        key_ring()


# --- Blind keys ---------------------------------------------------------------------------------------------------


def index_ring(*kids: str, **more) -> KeyRing:
    ring = {"current": "k", "data": {"k": new_key()}, "index": {kid: new_key() for kid in kids}}
    return KeyRing.from_json(json.dumps(ring | more))


BLIND, OTHER = index_ring("i"), index_ring("i")


@given(text, text)
def test_equal_values_have_equal_blind_keys_and_others_have_others(one, other):
    assert (blind("name", one, ring=BLIND) == blind("name", other, ring=BLIND)) == (one == other)


@given(text)
def test_a_blind_key_says_nothing_without_its_index_key_and_its_purpose(value):
    keys = {blind("name", value, ring=BLIND), blind("name", value, ring=OTHER), blind("phone", value, ring=BLIND)}
    assert len(keys) == 3
    assert {len(key) for key in keys} == {BLIND_BYTES}


def test_the_data_key_is_not_the_index_key():
    same = new_key()
    texts = {"current": "k", "data": {"k": same}, "index": {"k": same}}
    ring = KeyRing.from_json(json.dumps(texts))
    assert blind("name", "x", ring=ring) not in {blind("name", "x", ring=BLIND), seal("name", ROW, "x", ring=ring).blob}


@pytest.mark.parametrize(
    ("kids", "more", "kid"),
    [(["a"], {}, "a"), (["a", "b"], {"current_index": "b"}, "b"), (["a"], {"current_index": "a"}, "a")],
)
def test_the_ring_says_which_index_key_is_current(kids, more, kid):
    assert index_ring(*kids, **more).index_kid == kid


@pytest.mark.parametrize(("kids", "more"), [([], {}), (["a", "b"], {}), (["a"], {"current_index": "b"})])
def test_without_a_clear_index_key_there_is_no_blind_key(kids, more):
    with pytest.raises(ImproperlyConfigured, match="which index key"):
        blind("name", "x", ring=index_ring(*kids, **more))
