//! The bounds of the rules, in the document.

use std::collections::HashMap;

use serde_json::json;

use super::*;
use crate::extract::Form;

#[derive(Deserialize, ToSchema, Validate)]
#[expect(dead_code, reason = "only read")]
struct Orden {
    #[garde(length(chars, min = 1, max = 40))]
    nombre: String,
    #[garde(length(min = 2, max = 10))]
    codigo: Option<String>,
    #[garde(range(min = 1, max = 99))]
    cantidad: u8,
    #[garde(range(min = -5, max = 1_000_000))]
    saldo: i64,
    #[garde(range(min = 0.5))]
    peso: f64,
    #[garde(prefix("CL-"))]
    region: String,
    #[garde(pattern(r"^[0-9]{7,8}-[0-9K]$"))]
    rut: String,
    #[garde(email)]
    email: String,
    #[garde(url)]
    pagina: Option<String>,
    #[garde(ipv4)]
    ip: String,
    #[garde(ascii, length(chars, max = 100_000))]
    nota: String,
    #[garde(alphanumeric)]
    clave: String,
    #[garde(required)]
    obligatorio: Option<i32>,
    #[garde(length(min = 1, max = 20), inner(length(chars, max = 12)))]
    etiquetas: Vec<String>,
    #[garde(length(min = 1, max = 1000), dive)]
    lineas: Vec<Linea>,
    #[garde(dive)]
    destino: Option<Linea>,
    #[garde(length(max = 3), inner(inner(range(max = 9))))]
    tabla: Vec<Vec<u32>>,
    #[garde(length(max = 5))]
    por_zona: HashMap<String, i32>,
    #[garde(skip)]
    libre: String,
    #[garde(dive)]
    pago: Medio,
    #[serde(flatten)]
    #[garde(dive)]
    extra: Extra,
}

#[derive(Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase")]
struct Linea {
    #[garde(range(min = 1))]
    producto_id: u32,
    #[garde(length(chars, min = 3))]
    detalle: String,
}

#[derive(Deserialize, ToSchema, Validate)]
#[serde(tag = "tipo")]
enum Medio {
    Tarjeta {
        #[garde(length(chars, min = 4, max = 4))]
        ultimos: String,
    },
    Cuotas {
        #[garde(range(min = 2, max = 36))]
        cuotas: u8,
    },
}

#[derive(Deserialize, ToSchema, Validate)]
struct Extra {
    #[garde(length(chars, max = 7))]
    glosa: String,
}

fn api_of_orden() -> ApiRouter {
    ApiRouter::new().operation(Operation::post("/ordenes", "crear"), async |_: Json<Orden>| ok(()))
}

fn document_of(api: ApiRouter) -> Value {
    serde_json::to_value(api.into_parts().1).unwrap()
}

/// Each field of an [`Orden`], without the type that its schema has anyway.
const FIELDS: [(&str, &str); 17] = [
    ("nombre", r#"{"minLength":1,"maxLength":40}"#),
    ("codigo", r#"{"minLength":2,"maxLength":10}"#),
    ("cantidad", r#"{"minimum":1,"maximum":99}"#),
    ("saldo", r#"{"minimum":-5,"maximum":1000000}"#),
    ("peso", r#"{"minimum":0.5}"#),
    ("region", r#"{"pattern":"^CL-"}"#),
    ("rut", r#"{"pattern":"^[0-9]{7,8}-[0-9K]$"}"#),
    ("email", r#"{"format":"email"}"#),
    ("pagina", r#"{"format":"uri"}"#),
    ("ip", r#"{"format":"ipv4"}"#),
    ("nota", r#"{"maxLength":100000,"pattern":"^[\\x00-\\x7F]*$"}"#),
    ("clave", r#"{"pattern":"^[^\\x00-\\x2F\\x3A-\\x40\\x5B-\\x60\\x7B-\\x7F]*$"}"#),
    ("etiquetas", r#"{"minItems":1,"maxItems":20}"#),
    ("lineas", r#"{"minItems":1,"maxItems":1000}"#),
    ("tabla", r#"{"maxItems":3}"#),
    ("por_zona", r#"{"maxProperties":5}"#),
    ("libre", "{}"),
];

const BOUNDS: [&str; 10] = [
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "pattern",
    "format",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
];

/// What a schema says beside its type; `int64` and the like are part of that.
fn bounds(schema: &Value) -> Value {
    let of_type = |(key, value): &(&String, &Value)| {
        BOUNDS.contains(&key.as_str()) && !(*key == "format" && matches!(value.as_str(), Some("int32" | "int64" | "double")))
    };
    let stated = schema.as_object().unwrap().iter().filter(of_type);
    Value::Object(stated.map(|(key, value)| (key.clone(), value.clone())).collect())
}

#[test]
fn each_rule_is_a_bound_of_the_document() {
    let document = document_of(api_of_orden());
    let properties = &document["components"]["schemas"]["Orden"]["allOf"][1]["properties"];
    for (field, expected) in FIELDS {
        let expected: Value = serde_json::from_str(expected).unwrap();
        assert_eq!(bounds(&properties[field]), expected, "{field}");
    }
    assert_eq!(bounds(&properties["etiquetas"]["items"]), json!({"maxLength": 12}));
    assert_eq!(bounds(&properties["tabla"]["items"]["items"]), json!({"minimum": 0, "maximum": 9}));
}

#[test]
fn a_required_rule_makes_a_field_required_and_never_null() {
    let document = document_of(api_of_orden());
    let orden = &document["components"]["schemas"]["Orden"]["allOf"][1];
    assert_eq!(orden["properties"]["obligatorio"], json!({"type": "integer", "format": "int32"}));
    assert!(orden["required"].as_array().unwrap().contains(&json!("obligatorio")));
    assert_eq!(orden["properties"]["codigo"]["type"], json!(["string", "null"]));
}

#[test]
fn what_is_dived_into_has_its_bounds_where_it_is_named() {
    let document = document_of(api_of_orden());
    let schemas = &document["components"]["schemas"];
    assert_eq!(bounds(&schemas["Linea"]["properties"]["productoId"]), json!({"minimum": 1}));
    assert_eq!(bounds(&schemas["Linea"]["properties"]["detalle"]), json!({"minLength": 3}));
    assert_eq!(bounds(&schemas["Medio"]["oneOf"][0]["properties"]["ultimos"]), json!({"minLength": 4, "maxLength": 4}));
    assert_eq!(bounds(&schemas["Medio"]["oneOf"][1]["properties"]["cuotas"]), json!({"minimum": 2, "maximum": 36}));
    assert_eq!(bounds(&schemas["Extra"]["properties"]["glosa"]), json!({"maxLength": 7}));
}

#[derive(Deserialize, IntoParams, Validate)]
struct Filtro {
    #[garde(range(max = 10_000))]
    #[param(default = 0)]
    skip: Option<u32>,
    #[garde(length(chars, min = 2, max = 60))]
    texto: Option<String>,
    #[garde(required)]
    zona: Option<String>,
}

#[derive(Deserialize, IntoParams, Validate)]
struct EnRuta {
    #[garde(range(min = 1))]
    id: i64,
    #[garde(length(chars, max = 8))]
    sku: String,
}

#[derive(Deserialize, ToSchema, Validate)]
struct Formulario {
    #[garde(range(min = 1, max = 5))]
    nota: u8,
    #[garde(length(chars, max = 30))]
    comentario: Option<String>,
}

#[test]
fn parameters_and_forms_have_the_bounds_of_their_rules() {
    let api = ApiRouter::<()>::new()
        .operation(Operation::get("/filtro", "filtrar"), async |_: Query<Filtro>| ok(()))
        .operation(Operation::get("/ruta/{id}/{sku}", "ver"), async |_: PathParams<EnRuta>, _: Query<Filtro>| ok(()))
        .operation(Operation::post("/form", "enviar"), async |_: Form<Formulario>| ok(()));
    let document = document_of(api);
    let parameters = |path: &str| document["paths"][path]["get"]["parameters"].clone();
    let query = [json!({"minimum": 0, "maximum": 10000}), json!({"minLength": 2, "maxLength": 60}), json!({})];
    for (parameter, expected) in parameters("/filtro").as_array().unwrap().iter().zip(&query) {
        assert_eq!(bounds(&parameter["schema"]), *expected, "{parameter}");
        assert_eq!(parameter["required"], parameter["name"] == "zona");
    }
    let both = [&[json!({"minimum": 1}), json!({"maxLength": 8})], &query[..]].concat();
    for (parameter, expected) in parameters("/ruta/{id}/{sku}").as_array().unwrap().iter().zip(&both) {
        assert_eq!(bounds(&parameter["schema"]), *expected, "{parameter}");
    }
    let properties = &document["components"]["schemas"]["Formulario"]["properties"];
    assert_eq!(bounds(&properties["nota"]), json!({"minimum": 1, "maximum": 5}));
    assert_eq!(bounds(&properties["comentario"]), json!({"maxLength": 30}));
}

#[derive(Deserialize, ToSchema, Validate)]
#[expect(dead_code, reason = "only read")]
struct SinMirar {
    #[garde(skip)]
    linea: Linea,
}

#[derive(Deserialize, ToSchema, Validate)]
struct Mirada {
    #[garde(dive)]
    linea: Linea,
}

#[test]
fn a_bound_that_one_reader_of_a_type_does_not_enforce_is_not_stated() {
    let api = ApiRouter::<()>::new()
        .operation(Operation::post("/a", "a"), async |_: Json<Mirada>| ok(()))
        .operation(Operation::post("/b", "b"), async |_: Json<SinMirar>| ok(()));
    let document = document_of(api);
    let linea = &document["components"]["schemas"]["Linea"]["properties"];
    assert_eq!((bounds(&linea["detalle"]), bounds(&linea["productoId"])), (json!({}), json!({"minimum": 0})));
}

/// A code with a schema of its own, and no rule.
#[derive(Deserialize, ToSchema)]
struct Codigo(String);

impl garde::rules::length::chars::HasChars for Codigo {
    fn num_chars(&self) -> usize {
        self.0.chars().count()
    }
}

#[derive(Deserialize, ToSchema, Validate)]
#[expect(dead_code, reason = "only read")]
struct ConCodigo {
    #[garde(length(chars, max = 5))]
    corto: Codigo,
    #[garde(skip)]
    otro: Codigo,
}

#[test]
fn a_rule_about_a_named_type_holds_where_it_is_and_nowhere_else() {
    let api = ApiRouter::<()>::new().operation(Operation::post("/a", "a"), async |_: Json<ConCodigo>| ok(()));
    let document = document_of(api);
    let schemas = &document["components"]["schemas"];
    let reference = json!({"$ref": "#/components/schemas/Codigo"});
    let properties = json!({"corto": {"allOf": [reference, {"maxLength": 5}]}, "otro": reference});
    assert_eq!(schemas["ConCodigo"]["properties"], properties);
    assert_eq!(bounds(&schemas["Codigo"]), json!({}));
}

#[derive(Deserialize, ToSchema, Validate)]
struct Nodo {
    #[garde(length(chars, max = 9))]
    nombre: String,
    #[garde(dive)]
    #[schema(no_recursion)]
    hijos: Vec<Nodo>,
}

#[test]
fn a_type_that_holds_itself_is_asked_to_an_end() {
    let api = ApiRouter::<()>::new().operation(Operation::post("/a", "a"), async |_: Json<Nodo>| ok(()));
    let document = document_of(api);
    assert_eq!(bounds(&document["components"]["schemas"]["Nodo"]["properties"]["nombre"]), json!({"maxLength": 9}));
}

#[derive(Deserialize, ToSchema, Validate)]
#[expect(dead_code, reason = "only read")]
struct AMano {
    /// More than the rule says: it stays, and is told.
    #[garde(length(chars, max = 40))]
    #[schema(max_length = 30)]
    corto: String,
    /// Less than the rule says: the rule's stands.
    #[garde(length(chars, max = 40))]
    #[schema(max_length = 50)]
    largo: String,
    #[garde(skip)]
    #[schema(minimum = 1)]
    sin_regla: i64,
    #[garde(skip)]
    #[schema(pattern = "^[A-Z]$")]
    sin_forma: String,
    #[garde(length(max = 4))]
    en_bytes: String,
}

#[test]
fn what_is_written_by_hand_and_not_enforced_is_told() {
    let a_mano = || ApiRouter::<()>::new().operation(Operation::post("/a", "a"), async |_: Json<AMano>| ok(()));
    let expected = [
        "a: corto: maxLength 30 is stated, and not enforced",
        "a: sin_regla: minimum 1 is stated, and not enforced",
        "a: sin_forma: pattern ^[A-Z]$ is stated, and not enforced",
        "a: en_bytes: maxLength 4 in characters is stated, and not enforced",
    ];
    assert_eq!(a_mano().unenforced_bounds(), expected);
    let document = document_of(a_mano());
    assert_eq!(bounds(&document["components"]["schemas"]["AMano"]["properties"]["largo"]), json!({"maxLength": 40}));
}

#[test]
fn what_the_rules_say_is_enforced() {
    assert_eq!(api().unenforced_bounds(), [""; 0]);
    let of_bytes = |sentence: &String| sentence.contains("codigo: ");
    let orden = api_of_orden().unenforced_bounds();
    assert!(orden.iter().all(of_bytes), "{orden:?}");
}
