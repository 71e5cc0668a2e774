//! Single values and tuples of a path.

use axum::Router;
use axum::routing::get as on_get;
use serde::Deserialize;
use standards_core::{FixedDecimal, Timestamp};

use super::{answer, get};
use crate::extract::{Path, PathValue};
use crate::ok;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Sentido {
    Entrada,
    Salida,
}

impl PathValue for Sentido {}

#[derive(Debug, Deserialize)]
struct PagoId(std::num::NonZeroU64);

impl PathValue for PagoId {}

type Monto = FixedDecimal<2, 0, 9_999>;

fn app() -> Router {
    Router::new()
        .route("/i64/{id}", on_get(async |Path(id): Path<i64>| ok(id)))
        .route("/text/{*nombre}", on_get(async |Path(nombre): Path<String>| ok(nombre)))
        .route("/enum/{sentido}", on_get(async |Path(sentido): Path<Sentido>| ok(format!("{sentido:?}"))))
        .route("/own/{pago_id}", on_get(async |Path(PagoId(id)): Path<PagoId>| ok(id)))
        .route("/monto/{monto}", on_get(async |Path(monto): Path<Monto>| ok(monto)))
        .route("/at/{desde}", on_get(async |Path(at): Path<Timestamp>| ok(at)))
        .route("/two/{id}/{sku}", on_get(async |Path((id, sku)): Path<(i64, String)>| ok((id, sku))))
        .route("/one/{id}", on_get(async |Path((id,)): Path<(u8,)>| ok(id)))
        .route("/four/{a}/{b}/{c}/{d}", on_get(async |Path(all): Path<(u8, bool, char, Monto)>| ok(all)))
        .route("/few/{id}", on_get(async |Path(two): Path<(i64, i64)>| ok(two)))
        .route("/many/{a}/{b}", on_get(async |Path(one): Path<i64>| ok(one)))
        .route("/none", on_get(async |Path(one): Path<i64>| ok(one)))
}

const GOOD: &[&str] = &[
    "/i64/-7",
    "/text/a/b%20c",
    "/enum/SALIDA",
    "/own/7",
    "/monto/99.99",
    "/at/2025-07-04T10:30:45Z",
    "/two/7/A-1",
    "/one/255",
    "/four/1/true/%C3%B1/0.5",
];

#[tokio::test]
async fn values_and_tuples_are_read_in_the_order_of_the_route() {
    for uri in GOOD {
        assert_eq!(answer(app(), get(uri)).await, (200, vec![]), "{uri}");
    }
}

const BAD: &[(&str, &[&str])] = &[
    ("/i64/x", &["id: debe ser un número entero"]),
    ("/i64/+1", &["id: debe ser un número entero"]),
    ("/i64/01", &["id: debe ser un número entero"]),
    ("/i64/99999999999999999999", &["id: debe estar entre -9223372036854775808 y 9223372036854775807"]),
    ("/i64/%ff", &["id: contiene caracteres no válidos"]),
    ("/i64/%zz", &["id: contiene caracteres no válidos"]),
    ("/enum/x", &["sentido: debe ser uno de: ENTRADA, SALIDA"]),
    ("/own/0", &["pago_id: debe estar entre 1 y 18446744073709551615"]),
    ("/monto/100", &["monto: debe estar entre 0.00 y 99.99"]),
    ("/at/ayer", &["desde: debe ser un instante RFC 3339, como 2025-07-04T10:30:45Z"]),
    ("/two/x/A-1", &["id: debe ser un número entero"]),
    ("/one/256", &["id: debe estar entre 0 y 255"]),
    (
        "/four/x/y/zz/1e2",
        &[
            "a: debe ser un número entero",
            "b: debe ser verdadero o falso",
            "c: debe ser un solo carácter",
            "d: debe ser un número entre 0.00 y 99.99, con hasta 2 decimales",
        ],
    ),
];

#[tokio::test]
async fn each_bad_value_is_told_by_its_name_in_the_route() {
    for (uri, messages) in BAD {
        let messages = messages.iter().map(|message| (*message).to_owned()).collect();
        assert_eq!(answer(app(), get(uri)).await, (422, messages), "{uri}");
    }
}

#[tokio::test]
async fn another_number_of_parameters_is_the_services_own_mistake() {
    for uri in ["/few/1", "/many/1/2", "/none"] {
        assert_eq!(answer(app(), get(uri)).await.0, 500, "{uri}");
    }
}

#[cfg(all(feature = "chrono", feature = "rust_decimal", feature = "time", feature = "uuid"))]
#[tokio::test]
async fn values_of_other_crates_are_read_with_their_feature() {
    type All = (uuid::Uuid, time::Date, chrono::NaiveDate, rust_decimal::Decimal, chrono::DateTime<chrono::Utc>);
    let app = Router::new().route("/{id}/{a}/{b}/{c}/{d}", on_get(async |Path(all): Path<All>| ok(all.0.to_string())));
    let good = "/67e55044-10b1-426f-9247-bb680e5fe0c8/2025-07-04/2025-07-04/10.50/2025-07-04T10:30:45Z";
    assert_eq!(answer(app.clone(), get(good)).await, (200, vec![]));
    let expected = [
        "id: debe ser un UUID",
        "a: debe ser una fecha AAAA-MM-DD",
        "b: debe ser una fecha AAAA-MM-DD",
        "c: debe ser un número decimal",
        "d: debe ser un instante RFC 3339, como 2025-07-04T10:30:45Z",
    ];
    assert_eq!(answer(app, get("/v/w/x/y/z")).await, (422, expected.map(str::to_owned).to_vec()));
}
