//! What a rule refuses is told by the name that the client knows, whatever Rust's is.

use std::collections::{BTreeMap, HashMap};

use axum::Router;
use axum::routing::{get as on_get, post};
use garde::Validate;
use http::header::CONTENT_TYPE;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use standards_core::{Failure, Language};

use super::*;
use crate::extract::json::parse;
use crate::extract::{Form, PathParams, Query, refuse, urlencoded};
use crate::ok;

/// In the order of the alphabet: garde's is not that of the fields.
fn told(failure: &Failure) -> Vec<String> {
    let mut messages: Vec<_> = failure.body(Language::En).errors().iter().map(|error| error.message.clone()).collect();
    messages.sort();
    messages
}

#[track_caller]
fn body<T: DeserializeOwned + Validate<Context = ()>>(body: &str) -> Vec<String> {
    told(&parse::<T>(body.as_bytes()).err().expect("a refusal"))
}

#[track_caller]
fn query<T: DeserializeOwned + Validate<Context = ()>>(query: &str) -> Vec<String> {
    told(&urlencoded::parse::<T>("query", query).err().expect("a refusal"))
}

/// Each kind of rule, under a name that Rust does not know.
#[derive(Deserialize, Validate)]
struct Producto {
    #[serde(rename = "precioUnit")]
    #[garde(range(min = 5000, max = 90_000))]
    precio: i64,
    #[serde(rename = "sku")]
    #[garde(length(chars, min = 60, max = 80))]
    codigo: String,
    #[serde(rename = "mail", default)]
    #[garde(inner(email))]
    correo: Option<String>,
    #[serde(rename = "tags", default)]
    #[garde(length(min = 3), inner(length(max = 2)))]
    etiquetas: Vec<String>,
    #[serde(rename = "site", default = "site")]
    #[garde(prefix("ftp://"))]
    sitio: String,
    #[serde(rename = "even", default)]
    #[garde(custom(is_even))]
    par: u8,
    #[serde(rename = "share", default)]
    #[garde(range(max = -5))]
    parte: i32,
}

fn site() -> String {
    "ftp://a".to_owned()
}

fn is_even(n: &u8, (): &()) -> garde::Result {
    let reason = || refuse(standards_core::Text::new("debe ser par", "must be even"));
    if n.is_multiple_of(2) { Ok(()) } else { Err(reason()) }
}

const GOOD: &str = r#"{"precioUnit":5000,"sku":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","tags":["a","b","c"],"share":-5}"#;

fn producto(old: &str, new: &str) -> Vec<String> {
    let changed = GOOD.replace(old, new);
    assert!(changed != GOOD);
    body::<Producto>(&changed)
}

#[test]
fn a_renamed_field_is_told_by_its_clients_name() {
    assert!(parse::<Producto>(GOOD.as_bytes()).is_ok());
    assert_eq!(producto("5000", "4999"), ["precioUnit: must be between 5000 and 90000"]);
    assert_eq!(producto("5000", "90001"), ["precioUnit: must be between 5000 and 90000"]);
    assert_eq!(producto(":\"aaaa", ":\"\",\"x\":\"a"), ["sku: must have a length of between 60 and 80"]);
    assert_eq!(producto("{", r#"{"mail":"a","#), ["mail: is not a valid e-mail address"]);
    assert_eq!(producto(r#"["a","b","c"]"#, r#"["a","b"]"#), ["tags: must have a length of at least 3"]);
    assert_eq!(producto("\"b\"", "\"bbb\""), ["tags[1]: must have a length of at most 2"]);
    assert_eq!(producto("{", r#"{"site":"x","#), [r#"site: must start with "ftp://""#]);
    assert_eq!(producto("{", r#"{"even":3,"#), ["even: must be even"]);
    assert_eq!(producto("-5", "0"), ["share: must be at most -5"]);
}

#[test]
fn several_are_told_at_once_beside_those_of_the_wrong_type() {
    assert_eq!(
        body::<Producto>(r#"{"precioUnit":1,"sku":"","mail":7,"even":1}"#),
        [
            "even: must be even",
            "mail: must be a string",
            "precioUnit: must be between 5000 and 90000",
            "share: must be at most -5",
            "sku: must have a length of between 60 and 80",
            "tags: must have a length of at least 3",
        ]
    );
}

#[test]
fn a_missing_field_is_not_told_by_another_name_again() {
    assert_eq!(body::<Producto>(&GOOD.replace(r#""precioUnit":5000,"#, "")), ["precioUnit: is required"]);
}

#[test]
fn a_key_that_the_type_does_not_know_is_never_blamed() {
    assert_eq!(producto("5000", r#"1,"precio":1"#), ["precioUnit: must be between 5000 and 90000"]);
}

#[derive(Deserialize, Validate)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
struct Pedido {
    #[serde(rename = "items", default)]
    #[garde(length(max = 3), dive)]
    lineas: Vec<Linea>,
    #[garde(dive)]
    #[serde(default)]
    despacho_a: Option<Destino>,
    #[serde(rename = "byName", default)]
    #[garde(dive)]
    por_nombre: HashMap<String, Linea>,
    #[serde(rename = "byNumber", default)]
    #[garde(dive)]
    por_numero: BTreeMap<usize, Linea>,
    #[serde(rename = "payment", default)]
    #[garde(dive)]
    medio: Option<Medio>,
    #[serde(rename = "tagged", default)]
    #[garde(dive)]
    marcado: Option<Marcado>,
    #[serde(rename = "apart", default)]
    #[garde(dive)]
    aparte: Option<Aparte>,
}

#[derive(Deserialize, Validate)]
struct Linea {
    #[serde(rename = "precioUnit")]
    #[garde(range(min = 1))]
    precio: u32,
    #[serde(default)]
    #[garde(range(max = 9))]
    cantidad: u8,
}

#[derive(Deserialize, Validate)]
struct Destino {
    #[serde(rename = "street")]
    #[garde(length(min = 1))]
    calle: String,
}

#[derive(Deserialize, Validate)]
#[serde(rename_all_fields = "camelCase", rename_all = "snake_case")]
enum Medio {
    Tarjeta {
        #[garde(range(min = 1))]
        numero_largo: u32,
        #[serde(rename = "holder")]
        #[garde(length(min = 1))]
        titular: String,
    },
    Cheque(#[garde(dive)] Destino),
    Monto(#[garde(range(min = 7))] u8),
    Par(#[garde(range(min = 1))] u8, #[garde(range(max = 9))] u8),
}

#[derive(Deserialize, Validate)]
#[serde(tag = "tipo")]
enum Marcado {
    Tarjeta {
        #[serde(rename = "number")]
        #[garde(range(min = 1))]
        numero: u32,
    },
    Cheque(#[garde(dive)] Destino),
}

#[derive(Deserialize, Validate)]
#[serde(tag = "tipo", content = "contenido")]
enum Aparte {
    Tarjeta {
        #[serde(rename = "number")]
        #[garde(range(min = 1))]
        numero: u32,
    },
}

#[test]
fn so_is_one_inside_lists_structs_and_maps() {
    let cases = [
        (
            r#""items":[{"precioUnit":1},{"precioUnit":0,"cantidad":10}]"#,
            vec!["items[1].cantidad: must be at most 9", "items[1].precioUnit: must be at least 1"],
        ),
        (r#""DESPACHO-A":{"street":""}"#, vec!["DESPACHO-A.street: must have a length of at least 1"]),
        (r#""byName":{"a":{"precioUnit":1},"b":{"precioUnit":0}}"#, vec!["byName.b.precioUnit: must be at least 1"]),
        (r#""byNumber":{"7":{"precioUnit":0}}"#, vec!["byNumber.7.precioUnit: must be at least 1"]),
        (
            r#""items":[{"precioUnit":1},{"precioUnit":1},{"precioUnit":1},{"precioUnit":1}]"#,
            vec!["items: must have a length of at most 3"],
        ),
    ];
    for (field, expected) in cases {
        assert_eq!(body::<Pedido>(&format!("{{{field}}}")), expected);
    }
}

#[test]
fn so_is_one_of_a_variant() {
    let cases = [
        (r#""payment":{"tarjeta":{"numeroLargo":0,"holder":"a"}}"#, "payment.tarjeta.numeroLargo: must be at least 1"),
        (r#""payment":{"tarjeta":{"numeroLargo":1,"holder":""}}"#, "payment.tarjeta.holder: must have a length of at least 1"),
        (r#""payment":{"cheque":{"street":""}}"#, "payment.cheque.street: must have a length of at least 1"),
        (r#""payment":{"monto":1}"#, "payment.monto: must be at least 7"),
        (r#""payment":{"par":[0,0]}"#, "payment.par[0]: must be at least 1"),
        (r#""tagged":{"tipo":"Tarjeta","number":0}"#, "tagged.number: must be at least 1"),
        (r#""tagged":{"tipo":"Cheque","street":""}"#, "tagged.street: must have a length of at least 1"),
        (r#""apart":{"tipo":"Tarjeta","contenido":{"number":0}}"#, "apart.contenido.number: must be at least 1"),
        (r#""apart":{"contenido":{"number":0},"tipo":"Tarjeta"}"#, "apart.contenido.number: must be at least 1"),
    ];
    for (field, expected) in cases {
        assert_eq!(body::<Pedido>(&format!("{{{field}}}")), [expected], "{field}");
    }
}

#[derive(Deserialize, Validate)]
struct Listado {
    #[serde(flatten)]
    #[garde(dive)]
    pagina: Pagina,
    #[serde(rename = "rows", default)]
    #[garde(dive)]
    filas: Vec<Linea>,
    #[serde(rename = "max", alias = "tope", default)]
    #[garde(range(max = 9))]
    maximo: u8,
}

#[derive(Deserialize, Validate)]
struct Pagina {
    #[serde(rename = "limit")]
    #[garde(range(max = 100))]
    tope: u16,
    #[serde(flatten)]
    #[garde(dive)]
    orden: Orden,
}

#[derive(Deserialize, Validate)]
struct Orden {
    #[serde(rename = "sort", default)]
    #[garde(dive)]
    campo: Option<Destino>,
    #[serde(rename = "asc", default)]
    #[garde(range(max = 1))]
    sube: u8,
}

#[test]
fn so_is_one_of_a_flattened_part() {
    let cases = [
        (r#""limit":101"#, "limit: must be at most 100"),
        (r#""limit":1,"asc":2"#, "asc: must be at most 1"),
        (r#""limit":1,"sort":{"street":""}"#, "sort.street: must have a length of at least 1"),
        (r#""limit":1,"rows":[{"precioUnit":1},{"precioUnit":0}]"#, "rows[1].precioUnit: must be at least 1"),
        (r#""limit":1,"max":10"#, "max: must be at most 9"),
        (r#""limit":1,"maximo":7,"max":10"#, "max: must be at most 9"),
    ];
    for (fields, expected) in cases {
        assert_eq!(body::<Listado>(&format!("{{{fields}}}")), [expected], "{fields}");
    }
    assert_eq!(
        query::<Listado>("limit=101&asc=2&max=10"),
        ["asc: must be at most 1", "limit: must be at most 100", "max: must be at most 9"]
    );
}

#[derive(Deserialize, Validate)]
struct Alias {
    #[serde(rename = "total", alias = "suma", alias = "monto", default)]
    #[garde(range(min = 1))]
    monto: u32,
    #[serde(alias = "items", default)]
    #[garde(range(min = 1))]
    cantidad: u32,
}

#[test]
fn an_alias_is_told_as_it_was_sent() {
    assert_eq!(body::<Alias>(r#"{"suma":0,"cantidad":1}"#), ["suma: must be at least 1"]);
    assert_eq!(body::<Alias>(r#"{"total":0,"items":0}"#), ["items: must be at least 1", "total: must be at least 1"]);
    assert_eq!(query::<Alias>("monto=0&items=1"), ["monto: must be at least 1"]);
}

#[test]
fn what_was_not_sent_is_told_by_a_name_that_may_be_sent() {
    assert_eq!(body::<Alias>("{}"), ["cantidad: must be at least 1", "monto: must be at least 1"]);
    let share = GOOD.replace(r#","share":-5"#, "");
    assert_eq!(body::<Producto>(&share), ["share: must be at most -5"]);
}

async fn send(request: Request<Body>) -> Vec<String> {
    let app = Router::new()
        .route("/", post(async |Form(_): Form<Alias>| ok(())).get(async |Query(_): Query<Alias>| ok(())))
        .route("/{total}/{items}", on_get(async |PathParams(_): PathParams<Alias>| ok(())));
    answer(app, request).await.1
}

#[tokio::test]
async fn every_extractor_tells_it_so() {
    let form = Request::post("/").header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let broken = ["items: debe ser mayor o igual que 1", "total: debe ser mayor o igual que 1"];
    assert_eq!(send(form.body(Body::from("items=0&total=0")).unwrap()).await, broken);
    assert_eq!(send(get("/?items=0&total=0")).await, broken);
    assert_eq!(send(get("/0/0")).await, broken);
}

#[derive(Deserialize, Validate)]
#[garde(allow_unvalidated)]
struct Patrones {
    #[serde(rename = "key")]
    #[garde(pattern("^xyz-[0-9]{7}(-[A-F]+)?$"))]
    clave: String,
    #[serde(rename = "code", default)]
    #[garde(inner(pattern("^(ENTRADA|SALIDA)$")))]
    codigo: Option<String>,
    #[serde(rename = "free", default)]
    _libre: String,
}

#[test]
fn the_field_of_a_pattern_is_the_one_that_a_text_of_the_pattern_mends() {
    assert_eq!(body::<Patrones>(r#"{"key":"x"}"#), ["key: does not have the expected format"]);
    let both = ["code: does not have the expected format", "key: does not have the expected format"];
    assert_eq!(body::<Patrones>(r#"{"key":"x","code":"y","free":"z"}"#), both);
}

/// The rule of no value that is tried.
fn never(_: &str, (): &()) -> garde::Result {
    Err(refuse(standards_core::Text::new("no es ninguno de los nuestros", "is none of ours")))
}

#[derive(Deserialize, Validate)]
struct Ninguna {
    #[serde(rename = "key")]
    #[garde(custom(never))]
    clave: String,
    #[serde(rename = "other", default)]
    #[garde(range(max = 9))]
    otra: u8,
    #[garde(length(max = 2))]
    #[serde(default)]
    lista: Vec<u8>,
}

#[derive(Deserialize, Validate)]
struct Dentro {
    #[serde(rename = "inside")]
    #[garde(dive)]
    interior: Ninguna,
    #[serde(rename = "outside", default)]
    #[garde(dive)]
    exterior: Vec<Linea>,
}

#[test]
fn the_name_that_is_left_is_that_of_a_rule_which_no_value_satisfies() {
    assert_eq!(body::<Ninguna>(r#"{"key":"x"}"#), ["key: is none of ours"]);
    assert_eq!(body::<Ninguna>(r#"{"key":"x","other":10}"#), ["key: is none of ours", "other: must be at most 9"]);
    assert_eq!(body::<Dentro>(r#"{"inside":{"key":"x","other":1}}"#), ["inside.key: is none of ours"]);
    let lines = r#"{"inside":{"key":"x","other":1},"outside":[{"precioUnit":1}]}"#;
    assert_eq!(body::<Dentro>(lines), ["inside.key: is none of ours"]);
    assert_eq!(query::<Ninguna>("key=x&other=1"), ["key: is none of ours"]);
}

/// Two of them beside each other, and one beside a field without a rule.
#[derive(Deserialize, Validate)]
struct Dos {
    #[serde(rename = "one", default = "site")]
    #[garde(custom(never))]
    una: String,
    #[serde(rename = "two", default = "site")]
    #[garde(custom(never))]
    dos: String,
}

#[derive(Deserialize, Validate)]
#[garde(allow_unvalidated)]
struct Libre {
    #[serde(rename = "key")]
    #[garde(custom(never))]
    clave: String,
    #[serde(rename = "free", default)]
    _libre: String,
}

#[derive(Deserialize, Validate)]
struct Plana {
    #[serde(flatten)]
    #[garde(dive)]
    parte: Ninguna,
}

/// Which of the names it is, nothing tells: no value decides over the rule, and neither over another one by which the other names would be known.
#[test]
fn what_cannot_be_found_out_keeps_its_rust_name() {
    assert_eq!(body::<Dos>("{}"), ["dos: is none of ours", "una: is none of ours"]);
    assert_eq!(body::<Libre>(r#"{"key":"x"}"#), ["clave: is none of ours"]);
    assert_eq!(body::<Plana>(r#"{"key":"x"}"#), ["clave: is none of ours"]);
}

/// Both sides of what may have two, whichever is broken.
#[derive(Deserialize, Validate)]
struct Lados {
    #[serde(default = "medio")]
    #[garde(range(min = 1, max = 100))]
    u8: u8,
    #[serde(default = "medio")]
    #[garde(range(min = -5, max = 5_000_000_000))]
    i64: i64,
    #[serde(default)]
    #[garde(inner(range(min = 0.5, max = 1.5)))]
    f64: Option<f64>,
    #[serde(default = "abc")]
    #[garde(length(chars, min = 1, max = 40))]
    texto: String,
    #[serde(default = "abc")]
    #[garde(length(equal = 3))]
    exacto: String,
    #[serde(default)]
    #[garde(inner(length(chars, min = 2, max = 70_000)))]
    largo: Option<String>,
    #[serde(default)]
    #[garde(length(max = 3), inner(length(chars, min = 2, max = 4)))]
    lista: Vec<String>,
    #[serde(default)]
    #[garde(inner(length(min = 1, max = 500)))]
    mapa: Option<HashMap<String, u8>>,
    #[serde(default)]
    #[garde(inner(range(min = 1, max = self.i64)))]
    hasta: Option<i64>,
}

fn medio<T: From<u8>>() -> T {
    50.into()
}

fn abc() -> String {
    "abc".to_owned()
}

const SIDES: [(&str, &str); 15] = [
    (r#"{"u8":0}"#, "u8: must be between 1 and 100"),
    (r#"{"u8":101}"#, "u8: must be between 1 and 100"),
    (r#"{"i64":-6}"#, "i64: must be between -5 and 5000000000"),
    (r#"{"i64":5000000001}"#, "i64: must be between -5 and 5000000000"),
    (r#"{"f64":0.4}"#, "f64: must be between 0.5 and 1.5"),
    (r#"{"f64":2}"#, "f64: must be between 0.5 and 1.5"),
    (r#"{"texto":""}"#, "texto: must have a length of between 1 and 40"),
    (r#"{"exacto":"ab"}"#, "exacto: must have a length of 3"),
    (r#"{"exacto":"abcd"}"#, "exacto: must have a length of 3"),
    (r#"{"largo":"a"}"#, "largo: must have a length of between 2 and 70000"),
    (r#"{"lista":["ab","a"]}"#, "lista[1]: must have a length of between 2 and 4"),
    (r#"{"lista":["ab","ab","ab","ab"]}"#, "lista: must have a length of at most 3"),
    (r#"{"mapa":{}}"#, "mapa: must have a length of between 1 and 500"),
    (r#"{"hasta":8,"i64":7}"#, "hasta: must be between 1 and 7"),
    (r#"{"hasta":8,"i64":6}"#, "hasta: must be between 1 and 6"),
];

#[test]
fn both_bounds_are_told_whichever_is_broken() {
    for (sent, told) in SIDES {
        assert_eq!(body::<Lados>(sent), [told]);
    }
    let long = format!(r#"{{"texto":"{}"}}"#, "a".repeat(41));
    assert_eq!(body::<Lados>(&long), ["texto: must have a length of between 1 and 40"]);
    assert_eq!(query::<Lados>("u8=0&texto="), ["texto: must have a length of between 1 and 40", "u8: must be between 1 and 100"]);
}

#[test]
fn a_bound_is_told_beside_fields_that_were_refused_before() {
    let told = ["f64: must be a number", "texto: must have a length of between 1 and 40", "u8: must be between 1 and 100"];
    assert_eq!(body::<Lados>(r#"{"f64":"x","texto":"","u8":0}"#), told);
}

#[test]
fn a_hostile_body_is_searched_in_bounded_time() {
    let keys: String = (0..2000).map(|n| format!("\"k{n}\":{n},")).collect();
    let rows = "{\"precioUnit\":0},".repeat(700);
    let sent = format!(r#"{{{keys}"limit":1,"rows":[{}]}}"#, rows.trim_end_matches(','));
    assert_eq!(within(Duration::from_secs(2), || body::<Listado>(&sent)).len(), 64);
}
