//! Arbitrary texts as the values that a client writes: each is refused, or is what it says and nothing else.

use reference_pago_service::models::{ClienteId, Email, Moneda, Monto, Nombre, PositiveMonto};
use rust_decimal::Decimal;

/// Reads `data` as each kind of value; panics where one is taken for what it is not. The kinds that took it.
pub(crate) fn check(data: &[u8]) -> Vec<&'static str> {
    let text = &*String::from_utf8_lossy(data);
    let kinds = [
        ("monto", is_monto(text)),
        ("id", is_id(text)),
        ("email", is_email(text)),
        ("nombre", is_nombre(text)),
        ("moneda", text.parse::<Moneda>().is_ok()),
    ];
    kinds.into_iter().filter_map(|(kind, is_one)| is_one.then_some(kind)).collect()
}

/// Exactly the amount that a decimal of somebody else's reads, from a text, a JSON string or a JSON number alike.
fn is_monto(text: &str) -> bool {
    let monto = text.parse::<Monto>().ok();
    let quoted = serde_json::to_string(text).unwrap();
    assert_eq!(serde_json::from_str::<Monto>(&quoted).ok(), monto);
    if let Ok(number) = serde_json::from_str::<Monto>(text) {
        // White space around a document is JSON's; a string inside it is read by the same grammar.
        let bare = text.trim_matches([' ', '\t', '\r', '\n']);
        let inside = serde_json::from_str::<String>(bare).unwrap_or_else(|_| bare.to_owned());
        assert_eq!(inside.parse(), Ok(number));
    }
    let Some(monto) = monto else { return false };
    assert_eq!(Some(Decimal::from(monto)), text.parse().ok());
    assert_eq!(monto.to_string().parse(), Ok(monto));
    assert!(text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'));
    assert_eq!(text.parse::<PositiveMonto>().is_ok(), monto > Monto::ZERO);
    true
}

/// One spelling for each number.
fn is_id(text: &str) -> bool {
    text.parse::<ClienteId>().is_ok_and(|id| {
        assert_eq!(id.to_string(), text);
        id.get() > 0
    })
}

/// One `@`, nothing that breaks a line, and one form in which it is compared.
fn is_email(text: &str) -> bool {
    let Ok(email) = text.parse::<Email>() else { return false };
    assert_eq!(email.as_str(), text);
    assert!(text.chars().count() <= 100 && text.matches('@').count() == 1);
    assert!(!text.chars().any(|c| c.is_control() || c.is_whitespace()));
    let normalized = email.normalized();
    if let Ok(again) = normalized.parse::<Email>() {
        assert_eq!(again.normalized(), normalized);
    }
    true
}

fn is_nombre(text: &str) -> bool {
    let Ok(nombre) = text.parse::<Nombre>() else { return false };
    assert_eq!(nombre.as_str(), text);
    assert!((1..=100).contains(&text.chars().count()) && !text.chars().any(char::is_control) && !text.trim().is_empty());
    true
}
