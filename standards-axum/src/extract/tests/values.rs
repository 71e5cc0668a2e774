//! Values of other crates' types, as a body and as a query: what was expected is told.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::{NonZeroI16, NonZeroU8};

use axum::Router;
use axum::body::Body;
use axum::routing::{get as on_get, post};
use garde::Validate;
use http::Request;
use http::header::CONTENT_TYPE;
use serde::Deserialize;
use standards_core::{FixedDecimal, Timestamp};

use super::{answer, get};
use crate::extract::{Json, Query};
use crate::ok;

time::serde::format_description!(slashed, Date, "[day]/[month]/[year]");

#[derive(Deserialize, Validate)]
#[garde(allow_unvalidated)]
#[expect(dead_code, reason = "only its errors matter")]
struct Values {
    chrono_date: chrono::NaiveDate,
    chrono_instant: chrono::DateTime<chrono::Utc>,
    chrono_local: chrono::NaiveDateTime,
    chrono_time: chrono::NaiveTime,
    #[serde(with = "chrono::serde::ts_seconds")]
    chrono_unix: chrono::DateTime<chrono::Utc>,
    time_date: Option<time::Date>,
    #[serde(with = "slashed")]
    time_slashed: time::Date,
    #[serde(with = "time::serde::rfc3339")]
    time_instant: time::OffsetDateTime,
    time_spaced: time::OffsetDateTime,
    time_local: time::PrimitiveDateTime,
    time_time: time::Time,
    instant: Timestamp,
    uuid: uuid::Uuid,
    uuid_hyphenated: uuid::fmt::Hyphenated,
    decimal: rust_decimal::Decimal,
    fixed: FixedDecimal<3, 1, 999_999_999>,
    sentido: Sentido,
    ip: IpAddr,
    ipv4: Ipv4Addr,
    ipv6: Ipv6Addr,
    socket: SocketAddr,
    letter: char,
    byte: u8,
    positive: NonZeroU8,
    nonzero: NonZeroI16,
    big: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Sentido {
    Entrada,
    SalidaParcial,
}

const INSTANT: &str = "debe ser un instante RFC 3339, como 2025-07-04T10:30:45Z";

/// A field, a good text of it, and what is said of a bad one.
const FIELDS: &[(&str, &str, &str)] = &[
    ("chrono_date", "2025-07-04", "debe ser una fecha AAAA-MM-DD"),
    ("chrono_instant", "2025-07-04T10:30:45Z", INSTANT),
    ("chrono_local", "2025-07-04T10:30:45", "debe ser fecha y hora, como 2025-07-04T10:30:45"),
    ("chrono_time", "10:30:45", "debe ser una hora HH:MM:SS"),
    ("chrono_unix", "1751625045", "debe ser un instante Unix, un número entero"),
    ("time_date", "2025-07-04", "debe ser una fecha AAAA-MM-DD"),
    ("time_slashed", "04/07/2025", "no es válido"),
    ("time_instant", "2025-07-04T10:30:45Z", INSTANT),
    ("time_spaced", "2025-07-04 10:30:45.0 +00:00:00", "debe ser un instante como 2025-07-04 10:30:45.0 +00:00:00"),
    ("time_local", "2025-07-04 10:30:45.0", "debe ser fecha y hora, como 2025-07-04 10:30:45.0"),
    ("time_time", "10:30:45.0", "debe ser una hora HH:MM:SS.d"),
    ("instant", "2025-07-04T10:30:45Z", INSTANT),
    ("uuid", "67e55044-10b1-426f-9247-bb680e5fe0c8", "debe ser un UUID"),
    ("uuid_hyphenated", "67e55044-10b1-426f-9247-bb680e5fe0c8", "debe ser un UUID"),
    ("decimal", "10.50", "debe ser un número decimal"),
    ("fixed", "2.5", "debe ser un número entre 0.001 y 999999.999, con hasta 3 decimales"),
    ("sentido", "SALIDA_PARCIAL", "debe ser uno de: ENTRADA, SALIDA_PARCIAL"),
    ("ip", "::1", "debe ser una dirección IP"),
    ("ipv4", "127.0.0.1", "debe ser una dirección IPv4"),
    ("ipv6", "::1", "debe ser una dirección IPv6"),
    ("socket", "127.0.0.1:80", "debe ser una dirección IP con puerto"),
    ("letter", "ñ", "debe ser un solo carácter"),
    ("byte", "255", "debe ser un número entero"),
    ("positive", "1", "debe ser un número entero"),
    ("nonzero", "-1", "debe ser un número entero"),
    ("big", "7", "debe ser un número entero"),
];

fn app() -> Router {
    let read = |_: Values| ok(());
    Router::new()
        .route("/", post(async move |Json(values): Json<Values>| read(values)))
        .route("/", on_get(async move |Query(values): Query<Values>| read(values)))
}

/// The request with `texts` as JSON; digits are numbers there, where the field is one.
fn body(values: &[(&str, String)]) -> Request<Body> {
    let fields: Vec<_> = values.iter().map(|(name, json)| format!("\"{name}\":{json}")).collect();
    Request::post("/").header(CONTENT_TYPE, "application/json").body(Body::from(format!("{{{}}}", fields.join(",")))).unwrap()
}

fn json(name: &str, text: &str) -> String {
    let is_number = ["chrono_unix", "byte", "positive", "nonzero", "big"].contains(&name);
    if is_number { text.to_owned() } else { format!("\"{text}\"") }
}

fn query(values: &[(&str, &str)]) -> Request<Body> {
    let escaped = |text: &str| text.replace('+', "%2B").replace(' ', "%20");
    let pairs: Vec<_> = values.iter().map(|(name, text)| format!("{name}={}", escaped(text))).collect();
    get(&format!("/?{}", pairs.join("&")))
}

fn sorted(mut messages: Vec<String>) -> Vec<String> {
    messages.sort();
    messages
}

fn expected() -> Vec<String> {
    sorted(FIELDS.iter().map(|(name, _, reason)| format!("{name}: {reason}")).collect())
}

#[tokio::test]
async fn good_values_are_read_from_a_body_and_from_a_query() {
    let values: Vec<_> = FIELDS.iter().map(|(name, good, _)| (*name, json(name, good))).collect();
    assert_eq!(answer(app(), body(&values)).await, (200, vec![]));
    let texts: Vec<_> = FIELDS.iter().map(|(name, good, _)| (*name, *good)).collect();
    // chrono reads a number where serde shows it one, and from no text.
    let (_, messages) = answer(app(), query(&texts)).await;
    assert_eq!(messages, [""; 0]);
}

#[tokio::test]
async fn what_was_expected_is_told_of_every_field_at_once() {
    for bad in ["\"x~y\"", "[]", "{}"] {
        let values: Vec<_> = FIELDS.iter().map(|(name, ..)| (*name, bad.to_owned())).collect();
        let (status, messages) = answer(app(), body(&values)).await;
        assert_eq!(status, 422);
        let differ = ["time_slashed", "letter"];
        let told = |messages: Vec<String>| -> Vec<_> {
            messages.into_iter().filter(|message| !differ.iter().any(|name| message.starts_with(name))).collect()
        };
        assert_eq!(told(sorted(messages)), told(expected()), "{bad}");
    }
    let texts: Vec<_> = FIELDS.iter().map(|(name, ..)| (*name, "x~y")).collect();
    assert_eq!(sorted(answer(app(), query(&texts)).await.1), expected());
}

#[tokio::test]
async fn no_sentence_of_a_crate_reaches_a_client() {
    for bad in ["5", "true", "-1.5", "\"\"", "\"2025-02-30\"", "\"\\u0000\"", "1e99"] {
        let values: Vec<_> = FIELDS.iter().map(|(name, ..)| (*name, bad.to_owned())).collect();
        for message in answer(app(), body(&values)).await.1 {
            let (_, reason) = message.split_once(": ").unwrap();
            let spanish = ["debe ", "no es válido", "está fuera de rango"].iter().any(|known| reason.starts_with(known));
            assert!(spanish, "{bad}: {message}");
        }
    }
}

#[tokio::test]
async fn a_number_outside_a_type_is_told_its_bounds() {
    let mut values: Vec<_> = FIELDS.iter().map(|(name, good, _)| (*name, json(name, good))).collect();
    let beyond = [("byte", "256"), ("positive", "0"), ("nonzero", "40000"), ("big", "99999999999999999999999999999999999999999")];
    for (name, json) in &mut values {
        if let Some((_, bad)) = beyond.iter().find(|(beyond, _)| beyond == name) {
            *json = (*bad).to_owned();
        }
        if *name == "fixed" {
            *json = "0".to_owned();
        }
    }
    assert_eq!(
        answer(app(), body(&values)).await.1,
        [
            "fixed: debe estar entre 0.001 y 999999.999",
            "byte: debe estar entre 0 y 255",
            "positive: debe estar entre 1 y 255",
            "nonzero: está fuera de rango",
            "big: debe estar entre -9223372036854775808 y 9223372036854775807",
        ]
    );
}
