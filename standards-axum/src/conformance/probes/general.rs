//! What every service can be asked, whatever it does.

use super::{Body, Entrances, Id, Probe};
use crate::conformance::exchange::Role;
use crate::conformance::profile::Profile;

/// How many requests are sent at once.
const AT_ONCE: usize = 40;
/// A body that nobody needs.
const LARGE_BYTES: usize = 12 << 20;

/// A web page that nobody knows.
const STRANGER: &str = "https://chk.invalid";

/// The OpenAPI document.
pub(in crate::conformance) fn document_probe(profile: &Profile) -> Probe {
    Probe::new(Role::Document, "API-07", "GET", profile.service.document())
}

/// Reading requests.
pub(super) fn probes(profile: &Profile, entrances: &Entrances, run: &str) -> Vec<Probe> {
    let service = &profile.service;
    let get = |role, rule, path: &str| Probe::new(role, rule, "GET", path);
    let mut probes = vec![
        get(Role::UnknownRoute, "ERR-03", &format!("{}/chk-{run}-nada", service.base)),
        get(Role::UnknownRoute, "ERR-03", &format!("/chk-{run}")),
        get(Role::WithQuery, "LOG-15", &format!("{}?x=chk", entrances.plain)),
        get(Role::Forged, "LOG-18", &forged(&service.base)),
        get(Role::Docs, "OPS-05", &service.docs),
        get(Role::Metrics, "OPS-03", &service.metrics),
        get(Role::Ready, "OPS-02", &service.ready),
        get(Role::Origin, "SEC-01", &entrances.plain).with_header("Origin", STRANGER),
        Probe::new(Role::Preflight, "SEC-01", "OPTIONS", &*entrances.plain)
            .with_header("Origin", STRANGER)
            .with_header("Access-Control-Request-Method", "GET"),
    ];
    probes.extend((0..5).map(|_| get(Role::Live, "OPS-01", &service.live)));
    probes.extend(ids(entrances));
    probes
}

/// What is asked at once: last of all, since a service may be long busy with it.
pub(super) fn parallel(entrances: &Entrances) -> Probe {
    Probe::new(Role::Parallel, "COR-05", "GET", &*entrances.plain).times(AT_ONCE)
}

/// Correlation ids that are missing, empty, or odd.
fn ids(entrances: &Entrances) -> impl Iterator<Item = Probe> {
    let plain = |role, rule, id| Probe::new(role, rule, "GET", &*entrances.plain).with_id(id);
    let odd = [vec![b'a'; 4000], b"chk\todd".to_vec(), "chk-ñandú".as_bytes().to_vec(), b"chk odd;{}".to_vec()];
    let mut ids = vec![plain(Role::NoId, "COR-02", Id::None), plain(Role::NoId, "COR-02", Id::None)];
    ids.push(plain(Role::EmptyId, "COR-06", Id::Given(Vec::new())));
    ids.extend(odd.map(|id| plain(Role::OddId, "COR-07", Id::Given(id))));
    ids.into_iter()
}

/// Requests with a body that cannot be accepted, or a verb that is not there.
pub(super) fn writing(entrances: &Entrances) -> Vec<Probe> {
    const JSON: &str = "application/json";
    let mut probes: Vec<Probe> = Vec::new();
    if let Some((verb, path)) = &entrances.wrong_verb {
        probes.push(Probe::new(Role::WrongVerb, "ERR-04", verb, &**path));
    }
    let Some((verb, path)) = &entrances.writing else { return probes };
    let write = |role, rule, kind, bytes: &[u8]| Probe::new(role, rule, verb, &**path).with_body(Body::Raw(kind, bytes.to_vec()));
    for bytes in [&b"{mal"[..], b"", b"{\"a\":\"\xff\xfe\"}", b"[[[["] {
        probes.push(write(Role::Malformed, "VAL-03", JSON, bytes));
    }
    probes.push(write(Role::WrongType, "VAL-04", "text/plain", b"hola"));
    let large = [&b"{\"x\":\""[..], &vec![b'x'; LARGE_BYTES], b"\"}"].concat();
    probes.push(write(Role::TooLarge, "VAL-08", JSON, &large));
    probes
}

/// A path that would be a record of its own, were it written as it is.
fn forged(base: &str) -> String {
    format!("{base}/chk%0d%0a%7B%22forjado%22%3A%22chk%22%7D%0a%1b%5b31m")
}
