//! Tokens that are known already: taken as long as they and the keys last, and not longer.

use serde_json::json;

use super::support::{KEY, PREVIOUS, with_claims};
use crate::auth::keys::{Key, Keys};
use crate::auth::refusal::Refusal;
use crate::auth::seen::Seen;
use crate::auth::token::{Expected, Token};

fn expected() -> Expected {
    Expected { issuer: "https://login.example".to_owned(), audience: "pagos".to_owned() }
}

fn keys(secret: &str) -> Keys {
    Keys { secrets: vec![Key::of_secret(secret)], ..Keys::default() }
}

#[test]
fn a_known_token_is_known_until_it_ends() {
    let (seen, whole) = (Seen::default(), with_claims(&json!({"exp": 1_000, "nbf": 500})));
    assert!(seen.caller(&whole, 900).is_none());
    seen.keep(&Token::parse(&whole).unwrap().0.caller(&expected(), 900).unwrap());
    let subject = |now| seen.caller(&whole, now).map(|caller| caller.subject().to_owned());
    assert_eq!(subject(999).as_deref(), Some("ana"));
    assert_eq!((subject(1_000), subject(494), subject(495).is_some()), (None, None, true));
}

#[test]
fn another_text_with_the_same_signature_is_not_known() {
    let keys = keys(KEY);
    let (ana, eva) = (with_claims(&json!({})), with_claims(&json!({"sub": "eva"})));
    assert!(keys.verify(&ana, &expected()).is_ok());
    let ((message, _), (_, signature)) = (eva.rsplit_once('.').unwrap(), ana.rsplit_once('.').unwrap());
    assert_eq!(keys.verify(&format!("{message}.{signature}"), &expected()).err(), Some(Refusal::Signature));
    assert_eq!(keys.verify(&ana[1..], &expected()).err(), Some(Refusal::Malformed));
}

#[test]
fn other_keys_know_nothing() {
    let whole = with_claims(&json!({}));
    assert!(keys(KEY).verify(&whole, &expected()).is_ok());
    assert_eq!(keys(PREVIOUS).verify(&whole, &expected()).err(), Some(Refusal::Signature));
}

#[test]
fn what_is_long_is_verified_each_time_and_many_take_each_others_places() {
    let (keys, long) = (keys(KEY), with_claims(&json!({"x": "y".repeat(3_000)})));
    let many: Vec<_> = (0..600).map(|n| with_claims(&json!({"sub": format!("cliente-{n}")}))).collect();
    for _ in 0..2 {
        assert_eq!(keys.verify(&long, &expected()).unwrap().subject(), "ana");
        for (n, token) in many.iter().enumerate() {
            assert_eq!(keys.verify(token, &expected()).unwrap().subject(), format!("cliente-{n}"));
        }
    }
    let now = jsonwebtoken::get_current_timestamp();
    let known = many.iter().filter(|token| keys.seen.caller(token, now).is_some()).count();
    assert!((1..=512).contains(&known), "{known}");
    assert!(keys.seen.caller(&long, now).is_none());
}
