//! Whatever a client sends, the answer is a success or the standard refusal.

use axum::Router;
use axum::routing::post;
use http::header::CONTENT_TYPE;
use proptest::prelude::*;

use super::json::Pago;
use super::*;
use crate::extract::Json;
use crate::ok;

fn leaf() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|b| b.to_string()),
        any::<i64>().prop_map(|n| n.to_string()),
        "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?",
        any::<String>().prop_map(|text| Value::from(text).to_string()),
        prop::sample::select(vec!["1", "7", "\"1.00\"", "\"PENDIENTE\"", "\"CLP\"", "\"\\ud800\"", "\"\\u0000\""])
            .prop_map(str::to_owned),
    ]
}

fn key() -> impl Strategy<Value = String> {
    let known = ["cliente_id", "monto", "moneda", "estado", "lineas", "urgente", "nombreCorto", "cantidad", "TARJETA", "numero"];
    prop_oneof![9 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => any::<String>()]
}

pub(super) fn value() -> impl Strategy<Value = String> {
    leaf().prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec((key(), inner), 0..10).prop_map(object),
        ]
    })
}

pub(super) fn object(fields: Vec<(String, String)>) -> String {
    let fields: Vec<_> = fields.into_iter().map(|(key, value)| format!("{}:{value}", Value::from(key))).collect();
    format!("{{{}}}", fields.join(","))
}

fn send(body: Vec<u8>) -> (u16, Vec<String>) {
    let app = Router::new().route("/", post(async |Json(pago): Json<Pago>| ok(pago.cliente_id)));
    let request = Request::post("/").header(CONTENT_TYPE, "application/json").body(Body::from(body)).unwrap();
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(answer(app, request))
}

/// `^[A-Za-z_][A-Za-z0-9_.\[\]]*: `
fn names_a_field(message: &str) -> bool {
    let Some((field, reason)) = message.split_once(": ") else { return false };
    let first = field.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    first && !reason.is_empty() && field.chars().all(|c| c.is_ascii_alphanumeric() || "_.[]".contains(c))
}

fn check(body: Vec<u8>) -> Result<(), TestCaseError> {
    let (status, messages) = send(body);
    prop_assert!((status == 200) == messages.is_empty() && matches!(status, 200 | 422), "{status}");
    for message in &messages {
        prop_assert!(names_a_field(message), "{message}");
        prop_assert!(
            ![" line ", "column", "expected", "invalid", "struct "].iter().any(|word| message.contains(word)),
            "{message}"
        );
    }
    let fields: std::collections::HashSet<_> = messages.iter().collect();
    prop_assert_eq!(fields.len(), messages.len());
    Ok(())
}

proptest! {
    #[test]
    fn an_object_is_read_or_refused_by_its_fields(fields in prop::collection::vec((key(), value()), 0..10)) {
        check(object(fields).into_bytes())?;
    }

    #[test]
    fn any_value_is_read_or_refused(body in value()) {
        check(body.into_bytes())?;
    }

    #[test]
    fn any_bytes_are_refused(body in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(send(body.clone()).0, 422);
        check(body)?;
    }

    /// What serde_json itself accepts, from an object, is accepted here and is the same.
    #[test]
    fn a_good_body_is_what_serde_json_reads(fields in prop::collection::vec((key(), value()), 0..10)) {
        let body = object(fields);
        if let Ok(pago) = serde_json::from_str::<Pago>(&body) {
            let ours = super::super::json::parse_unvalidated::<Pago>(body.as_bytes());
            prop_assert_eq!(ours.map(|ours| format!("{ours:?}")), Some(format!("{pago:?}")));
        }
    }
}
