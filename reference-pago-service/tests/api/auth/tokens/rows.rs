//! The table: requests that nobody may come in with, by their number in the list of attacks, each with the reason that the log tells.

use aws_lc_rs::hmac::{HMAC_SHA256, HMAC_SHA384, HMAC_SHA512};
use serde_json::{Value, json};

use super::super::KEY;
use super::signer::{HEADER, claims, encoded, now, signed, signed_by, with_claims};

/// A row: its name, the request's lines beside `Host`, and the reason.
pub(super) type Row = (String, String, &'static str);

pub(super) fn rows() -> Vec<Row> {
    [no_tokens(), headers(), algorithms(), signatures(), forms(), keys(), times(), names(), texts(), lengths()].concat()
}

/// The row of a token in its place.
fn bearing((name, token, reason): (&str, String, &'static str)) -> Row {
    (name.to_owned(), format!("Authorization: Bearer {token}\r\n"), reason)
}

fn right() -> String {
    with_claims(&json!({}))
}

fn no_tokens() -> Vec<Row> {
    let token = right();
    let line = |value: String| format!("Authorization: {value}\r\n");
    vec![
        ("J1 none".into(), String::new(), "absent"),
        ("J1 empty".into(), line(String::new()), "malformed"),
        ("J1 the scheme alone".into(), line("Bearer".into()), "malformed"),
        ("J1 two spaces".into(), line(format!("Bearer  {token}")), "malformed"),
        ("J1 Basic".into(), line(format!("Basic {token}")), "malformed"),
        ("J1 Token".into(), line(format!("Token {token}")), "malformed"),
        ("J1 no scheme".into(), line(token.clone()), "malformed"),
        ("J1 two headers".into(), line(format!("Bearer {token}")).repeat(2), "malformed"),
        ("J1 two in one".into(), line(format!("Bearer {token}, Bearer {token}")), "malformed"),
        ("J1 a cookie".into(), format!("Cookie: token={token}; Authorization=Bearer {token}\r\n"), "absent"),
        ("J1 another header".into(), format!("X-Authorization: Bearer {token}\r\n"), "absent"),
    ]
}

/// The heads of tokens that are signed by the right key all the same.
const HEADERS: [(&str, &str, &str); 18] = [
    ("J2 none", r#"{"alg":"none"}"#, "signature"),
    ("J2 None", r#"{"alg":"None"}"#, "signature"),
    ("J2 nOnE", r#"{"alg":"nOnE"}"#, "signature"),
    ("J2 empty", r#"{"alg":""}"#, "signature"),
    ("J3 RS256 over an HMAC", r#"{"alg":"RS256"}"#, "signature"),
    ("J3 ES256 over an HMAC", r#"{"alg":"ES256"}"#, "signature"),
    ("J3 EdDSA over an HMAC", r#"{"alg":"EdDSA"}"#, "signature"),
    ("J3 unknown", r#"{"alg":"HS257"}"#, "signature"),
    ("J3 a number", r#"{"alg":256}"#, "malformed"),
    ("J3 missing", r#"{"typ":"JWT"}"#, "malformed"),
    ("J3 twice", r#"{"alg":"none","alg":"HS256"}"#, "malformed"),
    ("J12 jku", r#"{"alg":"HS256","jku":"https://evil.cl/keys"}"#, "malformed"),
    ("J12 jwk", r#"{"alg":"HS256","jwk":{"kty":"oct","k":"YWFh"}}"#, "malformed"),
    ("J12 x5u", r#"{"alg":"HS256","x5u":"https://evil.cl/keys"}"#, "malformed"),
    ("J12 crit", r#"{"alg":"HS256","crit":["exp"]}"#, "malformed"),
    ("J12 b64", r#"{"alg":"HS256","crit":["b64"],"b64":false}"#, "malformed"),
    ("J13 zip", r#"{"alg":"HS256","zip":"DEF"}"#, "malformed"),
    ("J13 an array", "[]", "malformed"),
];

fn headers() -> Vec<Row> {
    let unsigned = ["none", "HS256"].map(|alg| {
        let token = format!("{}.{}.", encoded(format!(r#"{{"alg":"{alg}"}}"#)), encoded(claims(&json!({}))));
        bearing(("J2 an empty signature", token, "signature"))
    });
    let rows = HEADERS.map(|(name, header, reason)| bearing((name, signed(header, &claims(&json!({}))), reason)));
    rows.into_iter().chain(unsigned).collect()
}

fn algorithms() -> Vec<Row> {
    let others = [(HMAC_SHA384, "HS384"), (HMAC_SHA512, "HS512")];
    let of = |(algorithm, alg): (_, &str)| {
        let header = format!(r#"{{"alg":"{alg}"}}"#);
        bearing(("J3 another hash", signed_by(algorithm, KEY.as_bytes(), &header, &claims(&json!({}))), "signature"))
    };
    others.map(of).into()
}

fn signatures() -> Vec<Row> {
    let (token, other) = (right(), with_claims(&json!({"sub": "eva"})));
    let (message, signature) = token.rsplit_once('.').unwrap();
    let (eva, evas) = other.rsplit_once('.').unwrap();
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    let reordered = encoded(r#"{"typ":"JWT","alg":"HS256"}"#);
    let (header, payload) = message.split_once('.').unwrap();
    let rows = [
        ("J4 truncated", token[..token.len() - 1].to_owned(), "signature"),
        ("J4 a flipped bit", format!("{message}.{flipped}{}", &signature[1..]), "signature"),
        ("J4 another's", format!("{message}.{evas}"), "signature"),
        ("J5 another payload", format!("{eva}.{signature}"), "signature"),
        ("J5 another header", format!("{reordered}.{payload}.{signature}"), "signature"),
        ("J5 no payload", format!("{header}..{signature}"), "signature"),
    ];
    rows.map(bearing).into()
}

/// What has not the form of a token.
fn forms() -> Vec<Row> {
    let token = right();
    let (message, signature) = token.rsplit_once('.').unwrap();
    let rows = [
        ("J4 removed", message.to_owned(), "malformed"),
        ("J4 padded", format!("{token}="), "malformed"),
        ("J4 the other alphabet", format!("{message}.+/{}", &signature[2..]), "malformed"),
        ("J4 a dot more", format!("{token}."), "malformed"),
        ("J4 four segments", format!("{token}.x"), "malformed"),
        ("J13 five segments", format!("{token}.x.y"), "malformed"),
        ("J13 one in another", signed(r#"{"alg":"HS256","cty":"JWT"}"#, &format!("\"{token}\"")), "claims"),
    ];
    rows.map(bearing).into()
}

fn keys() -> Vec<Row> {
    let hex: String = KEY.bytes().map(|byte| format!("{byte:02x}")).collect();
    let keys = [
        ("J6 empty", String::new()),
        ("J6 a word", "secret".to_owned()),
        ("J6 in hexadecimal", hex),
        ("J6 in base64", encoded(KEY)),
        ("J6 31 bytes of it", KEY[..31].to_owned()),
        ("J6 a line feed more", format!("{KEY}\n")),
    ];
    let of = |(name, key): (&str, String)| {
        bearing((name, signed_by(HMAC_SHA256, key.as_bytes(), HEADER, &claims(&json!({}))), "signature"))
    };
    keys.map(of).into()
}

/// Instants that lie far from now; those near it are the unit tests', which have a clock of their own.
fn times() -> Vec<Row> {
    let hour = now() + 3600;
    let rows = [
        ("J7 past", json!({"exp": hour - 7200}), "expired"),
        ("J7 now", json!({"exp": now()}), "expired"),
        ("J7 missing", json!({"exp": null}), "claims"),
        ("J7 a text", json!({"exp": "9999999999"}), "claims"),
        ("J7 negative", json!({"exp": -1}), "claims"),
        ("J7 2^63", json!({"exp": 1_u64 << 63}), "claims"),
        ("J7 true", json!({"exp": true}), "claims"),
        ("J7 a list", json!({"exp": []}), "claims"),
        ("J8 not yet", json!({"nbf": hour}), "not_yet_valid"),
        ("J8 a text", json!({"nbf": "9999999999"}), "claims"),
        ("J8 made tomorrow", json!({"iat": hour}), "not_yet_valid"),
    ];
    rows.map(|(name, changes, reason)| bearing((name, with_claims(&changes), reason))).into()
}

fn names() -> Vec<Row> {
    let rows: [(&str, Value, &str); 14] = [
        ("J9 another", json!({"aud": "otro"}), "audience"),
        ("J9 absent", json!({"aud": null}), "claims"),
        ("J9 empty", json!({"aud": []}), "audience"),
        ("J9 others", json!({"aud": ["otro"]}), "audience"),
        ("J9 in capitals", json!({"aud": "PAGOS"}), "audience"),
        ("J10 another", json!({"iss": "https://evil.cl"}), "issuer"),
        ("J10 absent", json!({"iss": null}), "claims"),
        ("J10 a slash more", json!({"iss": "https://login.example/"}), "issuer"),
        ("J10 a list", json!({"iss": ["https://login.example"]}), "claims"),
        ("J11 absent", json!({"sub": null}), "claims"),
        ("J11 empty", json!({"sub": ""}), "claims"),
        ("J11 long", json!({"sub": "x".repeat(256)}), "claims"),
        ("J11 a line more", json!({"sub": "ana\r\nX: y"}), "claims"),
        ("J11 an escape", json!({"sub": "\u{1b}[31mana"}), "claims"),
    ];
    rows.map(|(name, changes, reason)| bearing((name, with_claims(&changes), reason))).into()
}

/// What no JSON value can be, and names of keys.
fn texts() -> Vec<Row> {
    let right = claims(&json!({}));
    let doubled = right.replacen('{', r#"{"exp":1,"#, 1);
    let huge = claims(&json!({"exp": null})).replacen('{', r#"{"exp":1e400,"#, 1);
    let explicit_null = claims(&json!({"exp": null})).replacen('{', r#"{"exp":null,"#, 1);
    let claims = [("J7 1e400", huge), ("J7 null", explicit_null), ("J14 twice", doubled), ("J14 none", String::new())];
    let kids = [("J12 a path", "../../dev/null"), ("J12 SQL", "' or 1=1 --")];
    let of_kid = |(name, kid): (&'static str, &str)| {
        let header = json!({"alg": "HS256", "kid": kid}).to_string();
        bearing((name, signed_by(HMAC_SHA256, b"", &header, &right), "unknown_key"))
    };
    claims.map(|(name, text)| bearing((name, signed(HEADER, &text), "claims"))).into_iter().chain(kids.map(of_kid)).collect()
}

fn lengths() -> Vec<Row> {
    let long = |bytes: usize| with_claims(&json!({"relleno": "x".repeat(bytes * 3 / 4)}));
    let kid = json!({"alg": "HS256", "kid": "k".repeat(16 * 1024)}).to_string();
    let rows = [
        ("J12 a long name of a key", signed(&kid, &claims(&json!({}))), "malformed"),
        ("J15 16 KiB", long(16 * 1024), "malformed"),
    ];
    rows.map(bearing).into()
}
