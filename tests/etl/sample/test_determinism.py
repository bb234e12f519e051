from pathlib import Path

from etl.sample.write import write_city


def content(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    write_city(tmp_path / "one", scale=0.05)
    write_city(tmp_path / "two", scale=0.05)
    one, two = content(tmp_path / "one"), content(tmp_path / "two")
    assert one.keys() == two.keys()
    assert [name for name in one if one[name] != two[name]] == []


def test_writing_over_an_older_city_leaves_nothing_of_it(tmp_path: Path) -> None:
    write_city(tmp_path / "over", scale=0.1, seed=1)
    write_city(tmp_path / "over", scale=0.05, seed=2)
    write_city(tmp_path / "fresh", scale=0.05, seed=2)
    assert content(tmp_path / "over") == content(tmp_path / "fresh")


def test_another_seed_writes_another_city(tmp_path: Path) -> None:
    write_city(tmp_path / "one", scale=0.05, seed=1)
    write_city(tmp_path / "two", scale=0.05, seed=2)
    path = "truth/properties.csv"
    assert (tmp_path / "one" / path).read_bytes() != (tmp_path / "two" / path).read_bytes()
