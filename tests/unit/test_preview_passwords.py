"""No address shows the password that stands in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.preview.child import without_passwords

user = st.text("abc-_.%", min_size=1)
password = st.text("abcABC012:!#$%&*+,.;=?^_-", min_size=1)


@given(user, password)
def test_the_password_of_an_address_is_not_shown(name: str, secret: str) -> None:
    told = without_passwords(f'"ssh://{name}:{secret}@example.org" is not the address of a Docker engine')
    assert told == f'"ssh://{name}:[secret]@example.org" is not the address of a Docker engine'


@pytest.mark.parametrize(
    "text",
    [
        "localhost:5000/fate/gateway:2.2.0@sha256:0123",
        "gateway:2.2.0@sha256:0123",
        "passwd: '@@secret:database-password@@'",
        "ssh://fate@example.org:22",
        "fate:parties[0].id: nobody@example.org",
        "proxy_pass http://[::1]:9380;",
    ],
)
def test_what_holds_no_password_is_shown_as_it_is(text: str) -> None:
    assert without_passwords(text) == text
