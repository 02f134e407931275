"""Why an image cannot be had stands at the end of what a runtime says; its layers' own words are left out."""

from typing import Any

import pytest

from agent_graph.sources.kubernetes.containers import read_container
from agent_graph.sources.signs import Book
from tests.agent_graph.cases import BEGAN

IMAGE = "registry.example:5000/shop/web:1.2"
# What the kubelet passes on of containerd, CRI-O and Docker: what is left of it.
SAID = {
    f'Back-off pulling image "{IMAGE}": ErrImagePull: failed to pull and unpack image "{IMAGE}": failed to resolve'
    f' reference "{IMAGE}": failed to do request: Head "https://registry.example:5000/v2/shop/web/manifests/1.2": tls:'
    " failed to verify certificate: x509: certificate signed by unknown authority": (
        "web-1 cannot pull its image registry.example:5000/shop/web:1.2: ErrImagePull: tls: failed to verify"
        " certificate: x509: certificate signed by unknown authority"
    ),
    f'rpc error: code = Unknown desc = failed to pull and unpack image "{IMAGE}": failed to resolve reference'
    f' "{IMAGE}": unexpected status from HEAD request: 503 Service Unavailable': "503 Service Unavailable",
    "rpc error: code = Unknown desc = Error response from daemon: manifest unknown": ": ErrImagePull: manifest unknown",
    f'Back-off pulling image "{IMAGE}"': "ErrImagePull: Back-off pulling image",
}


@pytest.mark.parametrize("message", SAID)
def test_the_reason_is_told_and_not_who_passed_it_on(message: str):
    book = Book()
    pod: dict[str, Any] = {"metadata": {"name": "web-1"}, "spec": {"containers": [{"name": "web", "image": IMAGE}]}}
    status = {"name": "web", "state": {"waiting": {"reason": "ErrImagePull", "message": message}}}
    read_container(book, pod, status, BEGAN, init=False)
    assert SAID[message] in str(book.signs[0]["means"])
