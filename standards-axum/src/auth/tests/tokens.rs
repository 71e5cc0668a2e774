//! The shared secret: what is taken, and what is refused alike.

use std::time::{Duration, Instant};

use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use super::support::{HEADER, KEY, PREVIOUS, answered, by_secret, claims, encoded, hs256, settings, signed, status, with_claims};
use crate::auth::refusal::Refusal;
use crate::auth::token::{Expected, Token};
use crate::auth::{Authenticator, Grant, IssueError};

fn right() -> String {
    with_claims(&json!({}))
}

#[tokio::test]
async fn a_right_token_names_the_caller() {
    let authenticator = by_secret();
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let answer = answered(&authenticator, &[&format!("{scheme} {}", right())]).await;
        assert_eq!((answer.status, &*answer.body), (200, &br#"{"success":true,"data":"ana","errors":[]}"#[..]));
    }
    assert_eq!(status(&authenticator, &with_claims(&json!({"aud": ["otro", "pagos"]}))).await, 200);
    assert_eq!(status(&authenticator, &with_claims(&json!({"scope": "x pagos:read y"}))).await, 200);
}

#[tokio::test]
async fn the_key_before_verifies_and_no_longer_signs() {
    let authenticator = by_secret();
    let old = hs256(HEADER, &claims(&json!({})).to_string(), PREVIOUS);
    assert_eq!(status(&authenticator, &old).await, 200);
    let only_new = Authenticator::new(&settings(&[("SECRET_KEY", KEY)])).unwrap();
    assert_eq!(status(&only_new, &old).await, 401);
    let issued =
        settings(&[("SECRET_KEY", KEY), ("SECRET_KEY_PREVIOUS", PREVIOUS)]).issue(&Grant::new("ana").with_scope("pagos:read"));
    assert_eq!(status(&only_new, &issued.unwrap()).await, 200);
    assert_eq!(settings(&[("JWKS_URL", "file:/x")]).issue(&Grant::new("ana")), Err(IssueError::NoKey));
}

#[tokio::test]
async fn without_the_scope_it_is_403() {
    let authenticator = by_secret();
    for scope in [json!(null), json!(""), json!("pagos:write"), json!("pagos:readx"), json!("PAGOS:READ")] {
        assert_eq!(status(&authenticator, &with_claims(&json!({"scope": scope}))).await, 403, "{scope}");
    }
}

/// Everything that `Authorization` can be besides one bearer token.
fn wrong_headers() -> Vec<Vec<String>> {
    let token = right();
    let one =
        ["", "Bearer", "Bearer ", &format!("Bearer  {token}"), &format!("Basic {token}"), &format!("Token {token}"), &token];
    let more =
        [format!("Bearer {token} "), format!("Bearer {token}, Bearer {token}"), format!("Bearer\t{token}"), "Bearer ñ".into()];
    let mut all: Vec<Vec<String>> = one.iter().map(|text| vec![(*text).to_owned()]).chain(more.map(|text| vec![text])).collect();
    all.push(vec![]);
    all.push(vec![format!("Bearer {token}"), format!("Bearer {token}")]);
    all
}

#[tokio::test]
async fn every_refusal_is_one_answer_byte_for_byte() {
    let authenticator = by_secret();
    let expected = br#"{"success":false,"data":null,"errors":[{"code":"HTTP_ERROR","message":"No autenticado"}]}"#;
    // Known or not, a token that resembles it is another one.
    assert_eq!(status(&authenticator, &right()).await, 200);
    let told = wrong_headers();
    let tokens = wrong_tokens().into_iter().map(|(_, token)| vec![format!("Bearer {token}")]);
    for values in told.into_iter().chain(tokens) {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        let answer = answered(&authenticator, &values).await;
        assert_eq!(answer.status, 401, "{values:?}");
        assert_eq!(answer.headers["www-authenticate"], "Bearer", "{values:?}");
        assert_eq!(answer.body, &expected[..], "{values:?}");
    }
}

/// Headers, signatures and claims that no caller may come with, each with what it is.
fn wrong_tokens() -> Vec<(&'static str, String)> {
    let mut all = wrong_claims();
    all.extend(WRONG_HEADERS.iter().map(|header| ("header", hs256(header, &claims(&json!({})).to_string(), KEY))));
    all.extend(wrong_signatures());
    all.extend(other_keys());
    all
}

const WRONG_HEADERS: &[&str] = &[
    r#"{"alg":"none"}"#,
    r#"{"alg":"None"}"#,
    r#"{"alg":"nOnE"}"#,
    r#"{"alg":""}"#,
    r#"{"alg":"HS384"}"#,
    r#"{"alg":"HS512"}"#,
    r#"{"alg":"RS256"}"#,
    r#"{"alg":"ES256"}"#,
    r#"{"alg":"EdDSA"}"#,
    r#"{"alg":"XX"}"#,
    r#"{"alg":1}"#,
    r#"{"typ":"JWT"}"#,
    r#"{"alg":"HS256","crit":["exp"]}"#,
    r#"{"alg":"HS256","crit":["b64"],"b64":false}"#,
    r#"{"alg":"HS256","jku":"https://evil.example/keys"}"#,
    r#"{"alg":"HS256","x5u":"https://evil.example/keys"}"#,
    r#"{"alg":"HS256","jwk":{"kty":"oct","k":"YWFh"}}"#,
    r#"{"alg":"HS256","zip":"DEF"}"#,
    "[]",
    "x",
    "",
];

fn wrong_signatures() -> Vec<(&'static str, String)> {
    let token = right();
    let (message, signature) = token.rsplit_once('.').unwrap();
    let (header, payload) = message.split_once('.').unwrap();
    let other = with_claims(&json!({"sub": "eva"}));
    let (_, others) = other.rsplit_once('.').unwrap();
    let flipped = format!("{}{}", if signature.starts_with('A') { "B" } else { "A" }, &signature[1..]);
    let reordered = encoded(r#"{"typ":"JWT","alg":"HS256"}"#);
    vec![
        ("no signature", format!("{message}.")),
        ("two parts", message.to_owned()),
        ("four parts", format!("{token}.x")),
        ("five parts", format!("{token}.x.y")),
        ("a dot at the end", format!("{token}.")),
        ("a truncated signature", token[..token.len() - 1].to_owned()),
        ("a flipped bit", format!("{message}.{flipped}")),
        ("another's signature", format!("{message}.{others}")),
        ("padding", format!("{token}=")),
        ("another payload", format!("{header}.{}.{signature}", encoded(&claims(&json!({"sub": "eva"})).to_string()))),
        ("another header", format!("{reordered}.{payload}.{signature}")),
    ]
}

fn other_keys() -> Vec<(&'static str, String)> {
    let (claims, hex) = (claims(&json!({})).to_string(), KEY.bytes().map(|byte| format!("{byte:02x}")).collect::<String>());
    // A NUL more would be the same key: HMAC fills keys up with them (RFC 2104, section 2).
    let mut all: Vec<_> =
        ["secret", &format!("{KEY}x"), &hex, &KEY[..31]].iter().map(|key| ("another key", hs256(HEADER, &claims, key))).collect();
    let key = EncodingKey::from_secret(KEY.as_bytes());
    for (algorithm, header) in [(Algorithm::HS384, r#"{"alg":"HS384"}"#), (Algorithm::HS512, r#"{"alg":"HS512"}"#)] {
        all.push(("another algorithm", signed(header, &claims, &key, algorithm)));
    }
    all
}

fn wrong_claims() -> Vec<(&'static str, String)> {
    let now = jsonwebtoken::get_current_timestamp();
    let (hour, long) = (now + 3600, "x".repeat(256));
    let mut all: Vec<Value> =
        [json!(now - 1), json!(now), json!(null), json!("9999999999"), json!(-1), json!(1_u64 << 63), json!(true), json!([])]
            .map(|exp| json!({"exp": exp}))
            .into();
    all.extend([json!(hour), json!("1"), json!([1])].map(|nbf| json!({"nbf": nbf})));
    all.extend([json!(hour), json!("1")].map(|iat| json!({"iat": iat})));
    all.extend([json!("otro"), json!("PAGOS"), json!(null), json!([]), json!(["otro"]), json!(7)].map(|aud| json!({"aud": aud})));
    let issuers = [json!("otro"), json!(null), json!("https://login.example/"), json!(["https://login.example"])];
    all.extend(issuers.map(|iss| json!({"iss": iss})));
    all.extend(
        [json!(null), json!(""), json!(long), json!("a\r\nb"), json!("\u{1b}[31m"), json!(7)].map(|sub| json!({"sub": sub})),
    );
    all.extend([json!(7), json!(["pagos:read"])].map(|scope| json!({"scope": scope})));
    let mut tokens: Vec<_> = all.iter().map(|changes| ("claims", with_claims(changes))).collect();
    tokens.extend(texts().map(|text| ("claims", hs256(HEADER, &text, KEY))));
    tokens
}

/// A token's instants, the second at which it is looked at, and why it is not taken.
const INSTANTS: [(&str, u64, u64, Option<Refusal>); 6] = [
    ("exp", 1_001, 1_000, None),
    ("exp", 1_000, 1_000, Some(Refusal::Expired)),
    ("nbf", 1_005, 1_000, None),
    ("nbf", 1_006, 1_000, Some(Refusal::NotYet)),
    ("iat", 1_005, 1_000, None),
    ("iat", 1_006, 1_000, Some(Refusal::NotYet)),
];

/// The very second, which no test on a running clock can name.
#[test]
fn instants_count_to_the_second_and_another_clock_may_be_five_ahead() {
    let expected = Expected { issuer: "https://login.example".to_owned(), audience: "pagos".to_owned() };
    for (claim, instant, now, refusal) in INSTANTS {
        let whole = with_claims(&json!({"exp": 9_000, claim: instant}));
        let (token, _) = Token::parse(&whole).unwrap();
        assert_eq!(token.caller(&expected, now).err(), refusal, "{claim} {instant} at {now}");
    }
}

/// Payloads that no JSON value can be.
fn texts() -> [String; 5] {
    let right = claims(&json!({})).to_string();
    let doubled = right.replacen('{', r#"{"exp":1,"#, 1);
    let huge = claims(&json!({"exp": null})).to_string().replacen('{', r#"{"exp":1e400,"#, 1);
    [doubled, huge, String::new(), "[]".to_owned(), right.replace('}', "")]
}

#[tokio::test]
async fn a_long_token_is_refused_at_once() {
    let authenticator = by_secret();
    let began = Instant::now();
    for length in [8_193, 16_384, 65_536] {
        assert_eq!(status(&authenticator, &"x".repeat(length)).await, 401);
        assert_eq!(
            status(&authenticator, &hs256(HEADER, &claims(&json!({"x": "y".repeat(length)})).to_string(), KEY)).await,
            401
        );
    }
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn nothing_shows_a_key_or_a_token() {
    let authenticator = by_secret();
    let caller = authenticator
        .authenticate(&[(http::header::AUTHORIZATION, format!("Bearer {}", right()).parse().unwrap())].into_iter().collect());
    let shown = format!("{authenticator:?} {:?} {caller:?}", settings(&[("SECRET_KEY", KEY)]));
    assert!(caller.is_ok() && !shown.contains(KEY) && !shown.contains("ana") && !shown.contains("eyJ"), "{shown}");
}

#[tokio::test]
async fn claims_of_the_issuers_own_are_read_on_demand() {
    #[derive(serde::Deserialize)]
    struct Own {
        sucursal: u32,
    }
    let header = format!("Bearer {}", with_claims(&json!({"sucursal": 7})));
    let caller =
        by_secret().authenticate(&[(http::header::AUTHORIZATION, header.parse().unwrap())].into_iter().collect()).unwrap();
    assert_eq!(caller.claims::<Own>().unwrap().sucursal, 7);
    assert!(caller.claims::<Vec<u8>>().is_none());
}
