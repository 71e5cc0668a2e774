//! Planted secrets never survive; ordinary text is never altered.

mod cards;

use std::borrow::Cow;

use proptest::prelude::*;

use super::*;

fn redactor() -> Redactor {
    Redactor::new(&Redaction::default())
}

#[track_caller]
fn assert_masked(text: &str, expected: &str) {
    assert_eq!(redactor().clean(text), expected);
}

#[test]
fn card_numbers_are_masked_in_every_spelling() {
    for card in [
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "378282246310005",
        "3782 822463 10005",
        "6304000000000000",
        "6200 0000 0000 0000 000",
        "620000 0000000000000",
    ] {
        assert_masked(&format!("pago con {card}."), "pago con [redacted].");
        assert_masked(&format!("x{card}y ref 12345 {card}"), "x[redacted]y ref 12345 [redacted]");
    }
    assert_masked("4111.1111.1111.1111/4111_1111_1111_1111", "[redacted]/[redacted]");
    assert!(redactor().denies_number(4_111_111_111_111_111) && !redactor().denies_number(4_111_111_111_111_112));
    assert!(!redactor().denies_number(0) && !redactor().denies_number(5_901_234_123_457));
}

#[test]
fn tokens_are_masked() {
    let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    assert_masked(&format!("token {jwt}, fin"), "token [redacted], fin");
    assert_masked(&format!("/a/{jwt}/b"), "/a/[redacted]/b");
    assert_masked("eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "[redacted]");
    assert_masked("Authorization: Bearer abc.def-123", "Authorization: [redacted]");
    assert_masked("con bearer s3cr3t0!x y", "con bearer [redacted] y");
    assert_masked("Bearer%20abcdef12", "Bearer%20[redacted]");
}

#[test]
fn credentials_in_urls_are_masked() {
    assert_masked("postgres://user:pass@db:5432/x", "postgres://[redacted]@db:5432/x");
    assert_masked("a https://x:p/w@host/y b", "a https://[redacted]@host/y b");
    assert_masked("redis://:hunter2@h \"amqp://u:p@ss@h\"", "redis://[redacted]@h \"amqp://[redacted]@h\"");
}

#[test]
fn addresses_are_masked() {
    assert_masked("de ana.perez+x@example.co.uk.", "de [redacted].");
    assert_masked("/clientes/ana%40example.com", "/clientes/[redacted]");
    assert_masked("ñandú@correo.cl", "[redacted]");
}

#[test]
fn labelled_secrets_are_masked() {
    assert_masked("login?user=1&password=hunter2&x=1", "login?user=1&password=[redacted]&x=1");
    assert_masked(r#"{"api_key":"a b","n":1}"#, r#"{"api_key":"[redacted]","n":1}"#);
    assert_masked(
        r#"Cliente { id: 1, nombre: "Ana \"la\" Pérez", email: Some("x") }"#,
        r#"Cliente { id: 1, nombre: "[redacted]", email: Some("[redacted]") }"#,
    );
    assert_masked("pin: 1234, cookie: a=b; c=d\nfin", "pin: [redacted], cookie: [redacted]\nfin");
    assert_masked(r#""{\"password\":\"x y\"}""#, r#""{\"password\":\"[redacted]\"}""#);
    assert_masked("Authorization: Basic dXNlcjpwYXNz", "Authorization: [redacted]");
}

/// Pieces of which a text makes many places where a search could begin, none of which ends it soon.
const HOSTILE: &[&str] = &[
    "1111 ",
    "4111-1111-1111-1111-",
    "111 ",
    "4111111111111111",
    "4111111111111111-",
    "0",
    "eyJ",
    "eyJ.",
    "eyJaaaaa.",
    "bearer",
    "bearer:",
    "bearer:token:",
    "bearer ",
    "bearer:a ",
    "://",
    "://a:b/",
    "://a@",
    "a%40",
    "a.b%40",
    "@",
    "a@b.",
    "%40",
    "pin:",
    "pin=",
    "password='",
    "password=''",
    "cookie:",
    "a:\"",
    "\"\" ",
    "=",
    ":",
];

#[test]
fn a_long_text_takes_no_longer_than_its_length() {
    let began = std::time::Instant::now();
    for piece in HOSTILE {
        // What decides whether a text is looked through at all, before and behind.
        for (before, after) in [("", ""), ("@:=.b%1234567890123 ", ""), ("", " @:=.b%1234567890123")] {
            redactor().clean(&format!("{before}{}{after}", piece.repeat((256 << 10) / piece.len())));
        }
    }
    // A fraction of a second; where each place looked through the rest of the text it would be minutes for one piece alone.
    assert!(began.elapsed() < std::time::Duration::from_secs(60), "{:?}", began.elapsed());
}

#[test]
fn regression_long_runs_hide_what_short_ones_hide() {
    let cards = "4111 1111 1111 1111 ".repeat(100);
    assert!(!redactor().clean(&cards).contains("1111"), "{}", redactor().clean(&cards));
    let hash = |length: usize| format!("4111111111111111{}", "a".repeat(length - 16));
    assert_masked(&hash(128), &hash(128));
    assert_masked(&hash(129), &format!("[redacted]{}", "a".repeat(113)));
    assert_masked("bearer token bearer s3cr3t0", "bearer token bearer [redacted]");
    assert_masked("bearer:token:bearer:s3cr3t0", "bearer:token:bearer:[redacted]");
    assert_masked("a://b:c/d@e://f:g@h", "a://[redacted]@h");
    assert_masked("a%40b%40example.com", "[redacted]");
    assert_masked("pin:x pin:1234 pin:12x", "pin:x pin:[redacted] pin:12x");
}

const ORDINARY: &[&str] = &[
    "Pago procesado exitosamente",
    "email: formato inválido; nombre: debe tener entre 1 y 100 caracteres",
    "550e8400-e29b-41d4-a716-446655440000",
    "12345678-1234-4234-8234-123456789012",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "2025-07-04 10:30:45.123456 2025-07-05 11:31:46.654321",
    "ids 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18",
    "192.168.100.200:54321 10.0.0.1",
    "+56 9 1234 5678 llamó dos veces",
    "https://example.com:8080/a/b?c=d&e=f#g",
    "https://example.com/@usuario a las 10:30",
    "Bearer authentication required, bearer of bad news",
    "WWW-Authenticate: Bearer realm=\"pagos\"",
    "standards_core::token::tests y crate::email::x",
    "saldo 99999999.99 y monto 100.50",
    "v1.2.3 tokio@1.54.1 serde.json",
    "a=b, c: d, x==y, f(x)=1",
    "EAN 5901234123457, GTIN 15901234123454, IMEI 490154203237518, ICCID 8956031234567890125",
    "1764338231123 1764338231123456 1764338231123456786 20251128135711 20251128135711123",
    "0.4111111111111111 en 12.5555555555554444 s",
];

#[test]
fn ordinary_text_stays() {
    for text in ORDINARY {
        assert!(matches!(redactor().clean(text), Cow::Borrowed(_)), "{text} became {}", redactor().clean(text));
    }
}

#[test]
fn what_is_switched_off_is_shown() {
    let text = "ana@example.com 4111111111111111";
    assert_eq!(Redactor::new(&Redaction::none()).clean(text), text);
    let cards_only = Redaction::none().with_shape(Shape::CardNumber);
    assert_eq!(Redactor::new(&cards_only).clean(text), "ana@example.com [redacted]");
    assert!(!Redactor::new(&Redaction::none()).denies("password"));
}

proptest! {
    #[test]
    fn a_planted_token_never_survives(
        header in "eyJ[A-Za-z0-9_-]{8,40}", payload in "[A-Za-z0-9_-]{8,60}", signature in "[A-Za-z0-9_-]{0,60}",
        before in any::<String>(), after in "([^A-Za-z0-9_.=+-].*)?",
    ) {
        let clean = redactor().clean(&format!("{before}{header}.{payload}.{signature}{after}")).into_owned();
        prop_assert!(!clean.contains(&payload));
    }

    #[test]
    fn a_planted_password_never_survives(
        user in "[a-z]{1,8}", password in "[A-Za-z0-9!$%*+=_~-]{6,30}", before in "[a-zñ ]{0,20}", after in "[ ,][a-zñ ]{0,20}",
    ) {
        let planted = [
            format!("postgres://{user}:{password}@host/db"),
            format!("Bearer {password}0"),
            format!("password={password}"),
            format!("{{\"clave\":\"{password}\"}}"),
            format!("{user}{password}@example.com").replace(['=', '%'], "-"),
        ];
        for text in planted {
            let clean = redactor().clean(&format!("{before} {text}{after}")).into_owned();
            prop_assert!(!clean.contains(&password), "{} became {}", text, clean);
            prop_assert!(clean.starts_with(&before) && clean.ends_with(&after), "{} became {}", text, clean);
        }
    }

    #[test]
    fn ordinary_words_and_numbers_are_never_altered(
        // Groups of digits side by side may happen to be a card number, so words stand between them.
        words in prop::collection::vec("[a-záéíóúñ]{1,12} ?([0-9]{1,10}|[0-9]{1,8}\\.[0-9]{2}|[A-Z]{3})", 0..20),
        separator in "[ ,;()!?] ?",
    ) {
        let text = words.join(&separator);
        prop_assert_eq!(redactor().clean(&text), text.as_str());
    }

    #[test]
    fn identifiers_are_never_altered(uuid in "[0-9a-f]{8}-[0-9a-f]{4}-[0-9]{4}-[0-9]{4}-[0-9]{12}", hash in "[0-9]{20}[0-9a-f]{19}a") {
        for text in [format!("id {uuid}"), format!("commit {hash}.")] {
            prop_assert_eq!(redactor().clean(&text), text.as_str());
        }
    }

    #[test]
    fn no_text_breaks_the_search(text in any::<String>(), spiced in "([a-z0-9 .@:/=%\"\\\\-]|eyJ|bearer|://|password|nombre){0,60}") {
        redactor().clean(&text);
        redactor().clean(&spiced);
    }
}
