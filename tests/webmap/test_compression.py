import gzip

from flask.testing import FlaskClient


def test_a_page_travels_compressed_to_whoever_accepts_it(client: FlaskClient) -> None:
    plain = client.get("/", headers={"Accept": "text/html"})
    squeezed = client.get("/", headers={"Accept": "text/html", "Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert squeezed.headers["Content-Encoding"] == "gzip"
    assert len(squeezed.data) < len(plain.data) / 2
    assert gzip.decompress(squeezed.data).startswith(b"<!doctype html>")


def test_a_short_answer_stays_as_it_is(nobody: FlaskClient) -> None:
    answer = nobody.get("/healthz", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers
