//! Values of a path, of a page and of other crates in the document.

use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::json;
use standards_core::{FixedDecimal, Timestamp};
use utoipa::{IntoParams, ToSchema};

#[cfg(feature = "uuid")]
use crate::ApiResult;
use crate::extract::{Page, PageLinks, Path, PathValue, Query};
use crate::ok;
use crate::openapi::{ApiRouter, Operation};

type Cantidad = FixedDecimal<3, 1, 999_999_999>;
type Saldo = FixedDecimal<2, -100, 100>;
type Bultos = FixedDecimal<0, 0, 9>;

#[derive(Deserialize)]
struct Sku(#[expect(dead_code, reason = "only described")] String);

impl PathValue for Sku {}

#[derive(Serialize, ToSchema)]
struct Movimiento {
    cantidad: Cantidad,
    saldo: Option<Saldo>,
    bultos: Bultos,
    creado: Timestamp,
}

fn document() -> serde_json::Value {
    let read = async |_: Path<(i64, Sku)>| ok(None::<Movimiento>);
    let bodega = ApiRouter::<()>::new()
        .operation(Operation::get("/productos/{sku}", "obtener"), read)
        .operation(Operation::get("/dias/{*desde}", "dias"), async |_: Path<(u8, Timestamp)>| ok(()))
        .operation(Operation::get("/", "listar"), async |links: PageLinks, Query(page): Query<Page<20, 200>>, _: Path<u8>| {
            Ok(links.by_id(page, Vec::<i64>::new(), |id| *id))
        });
    let api = ApiRouter::new().nest("/bodegas/{bodega}", bodega);
    serde_json::to_value(api.into_parts().1).unwrap()
}

#[test]
fn values_of_a_path_are_called_as_the_route_calls_them() {
    let document = document();
    let parameters = |path: &str| document["paths"][path]["get"]["parameters"].clone();
    let name = |parameters: &serde_json::Value, at: usize| parameters[at]["name"].as_str().unwrap().to_owned();
    let two = parameters("/bodegas/{bodega}/productos/{sku}");
    assert_eq!((name(&two, 0), name(&two, 1)), ("bodega".into(), "sku".into()));
    assert_eq!(
        (&two[0]["in"], &two[0]["required"], &two[0]["schema"]["type"]),
        (&json!("path"), &json!(true), &json!("integer"))
    );
    assert_eq!(two[1]["schema"]["type"], "string");
    let days = parameters("/bodegas/{bodega}/dias/{desde}");
    assert_eq!((name(&days, 1), &days[1]["schema"]["format"]), ("desde".into(), &json!("date-time")));
}

#[test]
fn a_page_states_its_limits() {
    let document = document();
    let parameters = &document["paths"]["/bodegas/{bodega}"]["get"]["parameters"];
    let of =
        |name: &str| parameters.as_array().unwrap().iter().find(|parameter| parameter["name"] == name).unwrap()["schema"].clone();
    assert_eq!((&of("limit")["minimum"], &of("limit")["maximum"], &of("limit")["default"]), (&json!(1), &json!(200), &json!(20)));
    assert_eq!((&of("skip")["maximum"], &of("after_id")["minimum"]), (&json!(10_000), &json!(0)));
}

type Pagina = Page<20, 200>;

#[derive(Deserialize, IntoParams, Validate)]
struct Filtro {
    /// Only this one.
    #[garde(range(min = 1, max = 9))]
    cliente_id: Option<i64>,
    #[serde(flatten)]
    #[garde(dive)]
    #[param(inline)]
    pagina: Pagina,
    #[garde(skip)]
    orden: Option<String>,
}

#[test]
fn a_flattened_page_is_its_parameters() {
    let listar = async |links: PageLinks, Query(filtro): Query<Filtro>| {
        let _ = filtro.orden;
        Ok(links.by_id(filtro.pagina, Vec::from_iter(filtro.cliente_id), |id| *id))
    };
    let apart = async |Query(_): Query<Pagina>| ok(());
    let api = || {
        let both: ApiRouter = ApiRouter::new().operation(Operation::get("/juntos", "juntos"), listar);
        both.operation(Operation::get("/aparte", "aparte"), apart)
    };
    assert_eq!(api().unenforced_bounds(), [""; 0]);
    let document = serde_json::to_value(api().into_parts().1).unwrap();
    let parameters = |path: &str| document["paths"][path]["get"]["parameters"].as_array().unwrap().clone();
    let juntos = parameters("/juntos");
    let names: Vec<_> = juntos.iter().map(|parameter| parameter["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["cliente_id", "skip", "limit", "after_id", "orden"]);
    // In the same words as one that stands alone.
    assert_eq!(juntos[1..4], parameters("/aparte"));
    assert_eq!((&juntos[0]["schema"]["maximum"], &juntos[0]["description"]), (&json!(9), &json!("Only this one.")));
}

#[derive(Deserialize, IntoParams, Validate)]
struct Todo {
    #[serde(flatten)]
    #[garde(dive)]
    #[param(inline)]
    rango: Rango,
}

#[derive(Deserialize, ToSchema, Validate)]
struct Rango {
    /// From here.
    #[garde(range(min = 1))]
    desde: i64,
    #[serde(default)]
    #[garde(skip)]
    dias: Vec<String>,
}

#[test]
fn so_is_any_part_that_is_flattened_and_what_it_requires_is_required() {
    let api: ApiRouter = ApiRouter::new().operation(Operation::get("/", "listar"), async |Query(todo): Query<Todo>| {
        let Todo { rango: Rango { desde, dias } } = todo;
        ok(desde.to_string() + &dias.concat())
    });
    let document = serde_json::to_value(api.into_parts().1).unwrap();
    let parameters = document["paths"]["/"]["get"]["parameters"].as_array().unwrap();
    let desde = parameters.iter().find(|parameter| parameter["name"] == "desde").unwrap();
    assert_eq!((&desde["required"], &desde["in"], &desde["description"]), (&json!(true), &json!("query"), &json!("From here.")));
    let dias = parameters.iter().find(|parameter| parameter["name"] == "dias").unwrap();
    assert_eq!((&dias["required"], &dias["schema"]["type"]), (&json!(false), &json!("array")));
}

#[test]
fn the_links_of_a_list_stand_at_its_success_alone() {
    let document = document();
    let responses = &document["paths"]["/bodegas/{bodega}"]["get"]["responses"];
    assert_eq!(responses["200"]["headers"]["Link"]["schema"]["type"], "string");
    assert!(responses["422"]["headers"]["Link"].is_null());
    assert!(document["paths"]["/bodegas/{bodega}/dias/{desde}"]["get"]["responses"]["200"]["headers"]["Link"].is_null());
}

#[test]
fn a_decimal_is_a_string_of_its_own_grammar() {
    let schemas = document()["components"]["schemas"].clone();
    let of = |name: &str| schemas[name].clone();
    let cantidad = of("Decimal_0.001_999999.999");
    assert_eq!(cantidad["pattern"], r"^(0|[1-9][0-9]{0,5})(\.[0-9]{1,3})?$");
    assert_eq!((&cantidad["type"], &cantidad["format"]), (&json!("string"), &json!("decimal")));
    assert_eq!(of("Decimal_n1.00_1.00")["pattern"], r"^-?[0-9](\.[0-9]{1,2})?$");
    assert_eq!(of("Decimal_0_9")["pattern"], "^[0-9]$");
    assert_eq!(of("Timestamp")["format"], "date-time");
}

#[cfg(all(feature = "chrono", feature = "rust_decimal", feature = "time", feature = "uuid"))]
#[test]
fn values_of_other_crates_have_their_formats() {
    #[derive(Serialize, ToSchema)]
    struct Todo {
        dia: chrono::NaiveDate,
        instante: chrono::DateTime<chrono::Utc>,
        fecha: time::Date,
        id: uuid::Uuid,
        precio: rust_decimal::Decimal,
    }
    async fn todo(_: Path<uuid::Uuid>) -> ApiResult<Todo> {
        Err(standards_core::Failure::internal("only described"))?
    }
    let api = ApiRouter::<()>::new().operation(Operation::get("/{id}", "todo"), todo);
    let document = serde_json::to_value(api.into_parts().1).unwrap();
    let formats = |name: &str| document["components"]["schemas"]["Todo"]["properties"][name]["format"].clone();
    assert_eq!(
        ["dia", "instante", "fecha", "id"].map(formats),
        ["date", "date-time", "date", "uuid"].map(|format| json!(format))
    );
    assert_eq!(document["paths"]["/{id}"]["get"]["parameters"][0]["schema"]["format"], "uuid");
}
