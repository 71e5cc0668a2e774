//! Paths and queries.

use std::collections::HashMap;
use std::time::Duration;

use axum::Router;
use axum::routing::get as on_get;
use garde::Validate;
use serde::Deserialize;

use super::*;
use crate::extract::{PathParams, Query};
use crate::{ApiResult, ok};

#[derive(Deserialize, Validate)]
#[garde(allow_unvalidated)]
struct Filtro {
    #[garde(range(min = 1))]
    cliente_id: Option<i64>,
    estado: Option<Estado>,
    monto: Option<json::Monto>,
    #[serde(default)]
    anulados: bool,
    #[serde(default)]
    #[garde(range(max = 1000))]
    limit: u16,
    #[serde(default)]
    etiqueta: Vec<String>,
}

#[derive(Debug, Deserialize)]
enum Estado {
    Pendiente,
}

#[derive(Deserialize, Validate)]
struct PagoPath {
    #[garde(dive)]
    id: PagoId,
}

#[derive(Deserialize, Validate)]
struct PagoId(#[garde(range(min = 1))] i64);

#[derive(Deserialize, Validate)]
#[garde(transparent)]
struct Clave(#[garde(length(max = 3))] String);

#[derive(Deserialize, Validate)]
struct Dos {
    #[garde(range(min = 1))]
    a: i32,
    #[garde(skip)]
    b: bool,
}

async fn listar(Query(filtro): Query<Filtro>) -> ApiResult<(Option<i64>, u16, bool, Vec<String>)> {
    let _ = (filtro.estado, filtro.monto.map(|monto| monto.0));
    ok((filtro.cliente_id, filtro.limit, filtro.anulados, filtro.etiqueta))
}

fn app() -> Router {
    Router::new()
        .route("/", on_get(listar))
        .route("/pagos/{id}", on_get(async |PathParams(path): PathParams<PagoPath>| ok(path.id.0)))
        .route("/id/{id}", on_get(async |PathParams(PagoId(id)): PathParams<PagoId>| ok(id)))
        .route("/claves/{clave}", on_get(async |PathParams(Clave(clave)): PathParams<Clave>| ok(clave)))
        .route("/dos/{a}/{b}", on_get(async |PathParams(dos): PathParams<Dos>| ok((dos.a, dos.b))))
        .route("/todo", on_get(async |Query(all): Query<Todo>| ok(all.0.len())))
        .route("/nada", on_get(async |PathParams(_): PathParams<Todo>| ok(())))
}

#[derive(Deserialize, Validate)]
struct Todo(#[garde(skip)] HashMap<String, String>);

#[track_caller]
fn messages(uri: &str) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (status, messages) = runtime.block_on(answer(app(), get(uri)));
    assert_eq!(status, if messages.is_empty() { 200 } else { 422 }, "{uri}: {messages:?}");
    messages
}

#[test]
fn a_query_is_read_by_name() {
    for uri in [
        "/",
        "/?",
        "/?&&",
        "/?cliente_id=7&limit=1000&anulados=true&estado=Pendiente&monto=0.30",
        "/?cliente%5Fid=7&etiqueta=a+b&etiqueta=%C3%B1&otro=1&otro=2&limit[]=1&%ff=1&x=%zz",
    ] {
        assert_eq!(messages(uri), [""; 0], "{uri}");
    }
}

#[test]
fn all_bad_parameters_are_in_one_answer() {
    assert_eq!(
        messages("/?cliente_id=+1&limit=1001&anulados=1&estado=ROTO&monto=1e2"),
        [
            "cliente_id: debe ser un número entero",
            "anulados: debe ser verdadero o falso",
            "estado: debe ser uno de: Pendiente",
            "monto: debe ser un monto",
            "limit: debe ser menor o igual que 1000",
        ]
    );
    assert_eq!(
        messages("/?limit=1&limit=100&cliente_id=%ff"),
        ["limit: está repetido", "cliente_id: contiene caracteres no válidos"]
    );
}

#[test]
fn numbers_have_one_spelling() {
    for limit in
        ["", "-1", "01", "1.5", "1.0", "1e1", "%201", "1%20", "%2B1", "+1", "0x1", "abc", "65536", "%00", "%EF%BC%91", "%"]
    {
        assert!(messages(&format!("/?limit={limit}"))[0].starts_with("limit: "), "{limit}");
    }
    for id in
        ["abc", "1.5", "-1", "0", "%EF%BC%91", "1%00", "%ff", "99999999999999999999", "1e3", "+1", "0x1", "01", "%zz", "%20"]
    {
        assert!(messages(&format!("/pagos/{id}"))[0].starts_with("id: "), "{id}");
        assert!(messages(&format!("/id/{id}"))[0].starts_with("id: "), "{id}");
    }
}

#[test]
fn a_path_is_read_by_name_or_as_its_only_value() {
    assert_eq!(messages("/pagos/2147483648"), [""; 0]);
    assert_eq!(messages("/id/7"), [""; 0]);
    assert_eq!(messages("/claves/%C3%B1"), [""; 0]);
    assert_eq!(messages("/pagos/0"), ["id: debe ser mayor o igual que 1"]);
    assert_eq!(messages("/claves/abcd"), ["clave: debe tener un largo de a lo más 3"]);
    assert_eq!(messages("/dos/0/x"), ["b: debe ser verdadero o falso", "a: debe ser mayor o igual que 1"]);
}

#[test]
fn many_parameters_cost_little() {
    let many = |n: usize| format!("/todo?{}", (0..n).map(|n| format!("p{n}=x&")).collect::<String>());
    assert_eq!(within(Duration::from_secs(1), || messages(&many(1000))), [""; 0]);
    assert_eq!(messages(&many(1025)), ["query: hay demasiados parámetros"]);
    assert_eq!(messages("/todo?a=1&b=2&a=3"), ["a: está repetido"]);
}

#[tokio::test]
async fn a_route_without_parameters_is_the_services_own_mistake() {
    assert_eq!(answer(app(), get("/nada")).await.0, 500);
}
