//! Parts end where they end, however their bytes arrive.

use super::*;
use proptest::prelude::*;

/// The parts that come out when `bytes` are offered so many at a time, each followed by what `extents` say; the last may be unfinished.
fn parts(bytes: &[u8], at_once: usize, extents: &[Extent]) -> Vec<Vec<u8>> {
    let (mut framing, mut left, mut extents) = (Framing::default(), bytes.to_vec(), extents.iter().copied());
    let mut parts = vec![Vec::new()];
    while !left.is_empty() {
        let offered = left.len().min(at_once);
        let taken = framing.take(&mut left[..offered]);
        parts.last_mut().unwrap().extend(left.drain(..taken));
        if framing.awaited() == Awaited::Nothing {
            let Some(next) = extents.next() else { break };
            framing.follow(|| Some(next));
        }
        if taken < offered || framing.awaited() == Awaited::NextRequest {
            parts.push(Vec::new());
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// Whether a head is taken to its end, whatever pieces it comes in.
#[track_caller]
fn is_taken(head: &[u8]) -> bool {
    let whole = parts(head, head.len(), &[]).concat();
    for at_once in [1, 2, 7] {
        assert_eq!(parts(head, at_once, &[]).concat(), whole, "{at_once}: {}", head.escape_ascii());
    }
    whole == head
}

const TAKEN: &[&str] = &[
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "\r\n\r\nGET / HTTP/1.1\r\nhOsT:\r\n\r\n",
    "GET / HTTP/1.0\r\n\r\n",
    "GET / HTTP/1.0\r\nHost: x\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n",
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: x\r\nHostess: y\r\nContent-Length-Of: 7\r\n\r\n",
    "GET / HTTP/1.1\r\nX-Host: a\r\nHost: x\r\nReferer: Host: z\r\n\r\n",
];

const REFUSED: &[&str] = &[
    "\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET / HTTP/1.1\nHost: x\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\n\n",
    "GET / HTTP/1.1\n\n",
    "GET / HTTP/1.1\r\nX: a\nHost: x\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nhost: y\r\n\r\n",
    "GET / HTTP/1.0\r\nHost: x\r\nHOST: x\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
];

#[test]
fn a_head_is_taken_or_spoiled() {
    for head in TAKEN {
        assert!(is_taken(head.as_bytes()), "{head:?}");
    }
    for head in REFUSED {
        assert!(!is_taken(head.as_bytes()), "{head:?}");
        let taken = parts(head.as_bytes(), head.len(), &[]).concat();
        assert_eq!(taken.last(), Some(&b'\0'), "{head:?}");
    }
}

const HEAD: &str = "POST / HTTP/1.1\r\nHost: x\r\n\r\n";

/// Bodies, and what they look like. What looks like a head with bare line feeds is none here.
const BODIES: &[(&str, Extent)] = &[
    ("\n\n\r\n\r\nGET / HTTP/1.1\n\n", Extent::Length(22)),
    ("0\r\n\r\n", Extent::Chunked),
    ("00A;x=\"\t\"\r\n\nHost: x\n\n\r\n0 \r\n\r\n", Extent::Chunked),
    ("5\t;a\r\n\r\n\r\n\n\r\n1\r\n0\r\n0\r\nX-T: a\r\nY: b\r\n\r\n", Extent::Chunked),
    ("", Extent::Length(0)),
];

#[test]
fn a_body_may_hold_anything_and_ends_where_it_ends() {
    for (body, extent) in BODIES {
        let bytes = [HEAD, body, HEAD].concat();
        let expected: Vec<&[u8]> = [HEAD, body, HEAD].into_iter().filter(|part| !part.is_empty()).map(str::as_bytes).collect();
        for at_once in 1..bytes.len() {
            let joined = parts(bytes.as_bytes(), at_once, &[*extent]);
            assert_eq!(joined.concat(), expected.concat(), "{at_once} of {body:?}");
        }
        assert_eq!(parts(bytes.as_bytes(), bytes.len(), &[*extent]), expected, "{body:?}");
    }
}

const BROKEN_CHUNKS: &[&str] = &[
    "\r\n",
    "g\r\n",
    "-1\r\n",
    "5 5\r\n",
    "5\n",
    "5;a\n",
    "5\rx",
    "1\r\nab",
    "1\r\na\n",
    "1\r\na\rb",
    "0\r\n\n",
    "0\r\nX: y\n",
    "0\r\nX: y\rz",
    "0\r\n\rx",
    "10000000000000000\r\n",
    "ffffffffffffffffff\r\n",
];

#[test]
fn what_follows_a_broken_chunk_is_not_read() {
    for body in BROKEN_CHUNKS {
        let bytes = [HEAD, body, "GET /otra HTTP/1.1\r\nHost: x\r\n\r\n"].concat();
        for at_once in [1, bytes.len()] {
            let read = parts(bytes.as_bytes(), at_once, &[Extent::Chunked]).concat();
            let body = &read[HEAD.len()..];
            assert_eq!(body.iter().position(|byte| *byte == 0), Some(body.len() - 1), "{}", body.escape_ascii());
        }
    }
}

#[test]
fn nothing_is_given_beyond_a_head_before_its_body_is_known() {
    let mut framing = Framing::default();
    let mut bytes = [HEAD, HEAD].concat().into_bytes();
    assert_eq!(framing.take(&mut bytes), HEAD.len());
    framing.follow(|| None);
    assert_eq!(framing.awaited(), Awaited::Nothing);
    framing.follow(|| Some(Extent::Length(0)));
    assert_eq!(framing.awaited(), Awaited::NextRequest);
}

const ANNOUNCING: &str = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n";

#[test]
fn a_body_of_a_plain_length_comes_with_its_head_and_nothing_behind_it() {
    let whole = [ANNOUNCING, "\n\n\r\n\n", HEAD].concat();
    for come in ANNOUNCING.len()..whole.len() {
        let mut framing = Framing::default();
        let mut bytes = whole.as_bytes()[..come].to_vec();
        let taken = framing.take(&mut bytes);
        assert_eq!(taken, come.min(ANNOUNCING.len() + 5), "{come}");
        assert_eq!((framing.announced(), framing.awaited()), (Some(5), Awaited::Nothing), "{come}");
        framing.follow(|| None);
        assert_eq!(framing.take(&mut bytes[taken..]), 0, "{come}");
    }
}

#[test]
fn what_is_left_of_it_is_read_once_hyper_agrees() {
    for come in 0..=5 {
        let mut framing = Framing::default();
        let mut bytes = [ANNOUNCING, "abcde", HEAD].concat().into_bytes();
        let (first, rest) = bytes.split_at_mut(ANNOUNCING.len() + come);
        assert_eq!(framing.take(first), first.len());
        framing.follow(|| Some(Extent::Length(5)));
        assert_eq!((framing.announced(), framing.awaited() == Awaited::NextRequest), (None, come == 5));
        let left = if come < 5 { framing.take(rest) } else { 0 };
        assert_eq!(left, 5 - come);
        assert_eq!(framing.take(&mut rest[left..]), HEAD.len());
    }
}

#[test]
fn nothing_more_is_read_where_hyper_reads_another_length() {
    for told in [Extent::Length(0), Extent::Length(4), Extent::Length(6), Extent::Chunked] {
        let mut framing = Framing::default();
        let mut bytes = [ANNOUNCING, "abcde"].concat().into_bytes();
        framing.take(&mut bytes);
        framing.follow(|| Some(told));
        framing.follow(|| Some(Extent::Length(5)));
        assert_eq!((framing.awaited(), framing.take(&mut bytes)), (Awaited::Nothing, 0), "{told:?}");
    }
}

#[test]
fn what_is_no_plain_number_announces_nothing() {
    let announced = |length: &str| {
        let mut framing = Framing::default();
        let mut bytes = format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length:{length}\r\n\r\nabcde").into_bytes();
        let taken = framing.take(&mut bytes);
        (framing.announced(), bytes.len() - taken)
    };
    for (length, expected) in [("5", 5), (" 5", 5), ("\t005 ", 5), ("0", 0), ("18446744073709551615", u64::MAX)] {
        let left = 5 - usize::try_from(expected.min(5)).unwrap();
        assert_eq!(announced(length), (Some(expected), left), "{length:?}");
    }
    for length in
        ["", " ", "+5", "-5", "5,5", "5, 5", "5 5", "0x5", "5.0", "\u{665}", "18446744073709551616", "99999999999999999999"]
    {
        assert_eq!(announced(length), (None, 5), "{length:?}");
    }
}

fn chunked(body: &[u8], size: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    for chunk in body.chunks(size) {
        bytes.extend(format!("{:x}\r\n", chunk.len()).bytes().chain(chunk.iter().copied()).chain(*b"\r\n"));
    }
    [bytes, b"0\r\n\r\n".to_vec()].concat()
}

fn head_of(length: usize) -> String {
    format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n")
}

proptest! {
    #[test]
    fn bodies_of_any_bytes_pass_in_any_pieces(
        bodies in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..40), prop::option::of(1_usize..9)), 1..6),
        at_once in 1_usize..60,
    ) {
        let (mut bytes, mut extents) = (Vec::new(), Vec::new());
        for (body, chunk) in &bodies {
            match chunk {
                None if body.len() % 2 == 0 => bytes.extend(head_of(body.len()).bytes()),
                _ => bytes.extend_from_slice(HEAD.as_bytes()),
            }
            bytes.extend(chunk.map_or_else(|| body.clone(), |size| chunked(body, size)));
            extents.push(chunk.map_or(Extent::Length(body.len() as u64), |_| Extent::Chunked));
        }
        prop_assert_eq!(parts(&bytes, at_once, &extents).concat(), bytes);
    }

    #[test]
    fn arbitrary_bytes_are_borne(mut bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let announced = Part::Announced { length: 9, left: 7 };
        for part in [Part::Head(Head::default()), announced, Part::Length(7), Part::Chunked(Chunks::Start)] {
            let mut framing = Framing { part, is_first: true };
            let length = bytes.len();
            prop_assert!(framing.take(&mut bytes) <= length);
        }
    }
}
