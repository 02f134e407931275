"""Places from a file in MaxMind's format, and what happens without one."""

from pathlib import Path

from backend.location import Place, open_places


def _value(value: object) -> bytes:
    """MaxMind DB's encoding of maps, strings and small numbers: https://maxmind.github.io/MaxMind-DB/"""
    if isinstance(value, dict):
        return bytes([0xE0 | len(value)]) + b"".join(_value(k) + _value(v) for k, v in value.items())
    if isinstance(value, list):
        return bytes([len(value), 4]) + b"".join(_value(item) for item in value)
    if isinstance(value, str):
        data = value.encode()
        return bytes([0x40 | len(data)]) + data
    assert isinstance(value, int)
    data = value.to_bytes(4, "big")
    return bytes([0xC0 | 4]) + data


def write_database(path: Path, first_byte: int, place: dict[str, object]) -> None:
    """A database of IPv4 addresses with one network in it: first_byte/8."""
    nodes, found = 8, 8 + 16
    tree = b""
    for bit in range(8):
        following = found if bit == 7 else bit + 1
        pair = [nodes, nodes]
        pair[first_byte >> (7 - bit) & 1] = following
        tree += b"".join(record.to_bytes(3, "big") for record in pair)
    metadata = {
        "node_count": nodes,
        "record_size": 24,
        "ip_version": 4,
        "database_type": "Test",
        "binary_format_major_version": 2,
        "binary_format_minor_version": 0,
        "build_epoch": 1,
        "description": {},
        "languages": [],
    }
    path.write_bytes(tree + bytes(16) + _value(place) + b"\xab\xcd\xefMaxMind.com" + _value(metadata))


def test_country_and_city(tmp_path: Path):
    write_database(
        tmp_path / "places.mmdb", 81, {"country": {"iso_code": "NL"}, "city": {"names": {"en": "Amsterdam"}}}
    )
    with open_places(tmp_path / "places.mmdb") as places:
        assert places.of("81.2.69.142") == Place("NL", "Amsterdam")
        for unknown in ("9.9.9.9", "2001:db8::1", "nonsense", "", None):
            assert places.of(unknown) == Place()


def test_entries_of_another_shape_are_no_place(tmp_path: Path):
    write_database(tmp_path / "places.mmdb", 81, {"country": "NL", "city": {"names": "Amsterdam"}})
    with open_places(tmp_path / "places.mmdb") as places:
        assert places.of("81.2.69.142") == Place()


def test_without_a_file_or_with_a_broken_one(tmp_path: Path):
    (tmp_path / "broken.mmdb").write_bytes(b"not a database")
    for path in (None, tmp_path / "missing.mmdb", tmp_path / "broken.mmdb"):
        with open_places(path) as places:
            assert places.of("81.2.69.142") == Place()
