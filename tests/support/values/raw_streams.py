"""Bytes of every kind, much of it nearly a request."""

from hypothesis import strategies as st

_PIECES = st.sampled_from(
    [
        *(b"GET ", b"POST ", b"CONNECT localhost:443", b"/myid/callback", b"/relay", b"/start/"),
        *(b"?code=c&state=s", b"?", b"%", b"%00", b"\x00", b" HTTP/1.1", b" HTTP/9.9", b" "),
        *(b"\r\n", b"\n", b"\r\n\r\n", b":", b"Host: ", b"localhost", b"evil.example"),
        *(b"X-MyID-Relay-Key: ", b"Transfer-Encoding: chunked", b"5\r\nabcde\r\n0\r\n\r\n"),
        *(b"Expect: 100-continue", b"Upgrade: websocket", b"Content-Length: 99999999999"),
        *(
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01",
            b"\xff\xfe",
            b"a" * 999,
        ),
    ]
)
streams = st.binary(max_size=300) | st.lists(_PIECES, max_size=20).map(b"".join)
"""What a client may send."""

queries = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=60) | st.lists(
    st.sampled_from(
        [
            *(
                "code=c",
                "state=s",
                "state=",
                "code=",
                "error=access_denied",
                "iss=x",
                "&",
                "=",
                "#",
            ),
            *("%", "%00", "%ff", "?", "a=1", "+", "state=s&state=s"),
        ]
    ),
    max_size=9,
).map("&".join)
"""What may stand behind the ``?`` of a well-formed request; never the state of a sign-in."""
