//! The document.

use serde_json::json;
use standards_core::ErrorStatus;
use standards_core::catalogue::http_error;
use standards_core::{RequestContext, context};

use super::schema::mismatch;
use super::*;
use crate::layers::BodyLimitLayer;
use crate::openapi::{OperationInput, OperationInputs};

fn document() -> Value {
    serde_json::to_value(api().into_parts().1).unwrap()
}

fn statuses(operation: &Value) -> Vec<&str> {
    operation["responses"].as_object().unwrap().keys().map(String::as_str).collect()
}

fn schema<'d>(operation: &'d Value, status: &str) -> &'d Value {
    &operation["responses"][status]["content"]["application/json"]["schema"]
}

fn component<'d>(document: &'d Value, name: &str) -> &'d Value {
    &document["components"]["schemas"][name]
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// The `$ref`s in `document` that lead nowhere.
fn unresolved_references(document: &utoipa::openapi::OpenApi) -> Vec<String> {
    let document = serde_json::to_value(document).unwrap_or_default();
    let mut references = Vec::new();
    collect_references(&document, &mut references);
    references.retain(|reference| reference.strip_prefix('#').and_then(|pointer| document.pointer(pointer)).is_none());
    references
}

fn collect_references(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            references.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|field| collect_references(field, references));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_references(item, references)),
        _ => {}
    }
}

const NAMES: [&str; 11] = [
    "ApiError",
    "ApiResponse_List_Pago",
    "ApiResponse_Null",
    "ApiResponse_Pagina_Pago",
    "ApiResponse_Pago",
    "ApiResponse_String",
    "ErrorItem",
    "Estado",
    "Pagina_Pago",
    "Pago",
    "PagoRequest",
];

#[test]
fn every_reference_leads_somewhere() {
    let (_, document) = api().into_parts();
    assert_eq!(unresolved_references(&document), [""; 0]);
    let names: Vec<_> = document.components.unwrap().schemas.into_keys().collect();
    assert_eq!(names, NAMES);
}

#[test]
fn every_operation_lists_its_answers() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"], json!({"title": "Pagos", "version": "1.2.3"}));
    let paths = document["paths"].as_object().unwrap();
    assert_eq!(paths.keys().collect::<Vec<_>>(), ["/api/v1/nombre", "/api/v1/pagina", "/api/v1/pagos", "/api/v1/pagos/{id}"]);
    let pagos = &paths["/api/v1/pagos"];
    assert_eq!(statuses(&pagos["post"]), ["200", "400", "404", "408", "413", "415", "422", "500", "503"]);
    assert_eq!(statuses(&pagos["get"]), ["200", "422", "500", "503"]);
    assert_eq!(statuses(&paths["/api/v1/pagina"]["get"]), ["200", "500", "503"]);
    assert_eq!((&pagos["post"]["operationId"], &pagos["post"]["tags"]), (&json!("procesar_pago"), &json!(["pagos"])));
}

#[test]
fn a_success_is_an_envelope_named_after_the_handlers_own_type() {
    let document = document();
    let post = &document["paths"]["/api/v1/pagos"]["post"];
    assert_eq!(schema(post, "200"), &reference("ApiResponse_Pago"));
    assert_eq!(
        component(&document, "ApiResponse_Pago"),
        &json!({
            "type": "object",
            "required": ["success", "data", "errors"],
            "properties": {
                "success": {"type": "boolean", "enum": [true]},
                "data": reference("Pago"),
                "errors": {"type": "array", "maxItems": 0, "items": reference("ErrorItem")},
            },
            "additionalProperties": false,
        })
    );
}

#[test]
fn each_kind_of_data_has_an_envelope_of_its_own() {
    let document = document();
    let of = |path: &str, method: &str| schema(&document["paths"][path][method], "200").clone();
    let data = |name: &str| component(&document, name)["properties"]["data"].clone();
    assert_eq!(of("/api/v1/pagos", "get"), reference("ApiResponse_List_Pago"));
    assert_eq!(data("ApiResponse_List_Pago"), json!({"type": "array", "items": reference("Pago")}));
    assert_eq!(of("/api/v1/pagos/{id}", "delete"), reference("ApiResponse_Null"));
    assert_eq!(data("ApiResponse_Null"), json!({"type": "null"}));
    assert_eq!(of("/api/v1/nombre", "get"), reference("ApiResponse_String"));
    assert_eq!(data("ApiResponse_String"), json!({"type": "string"}));
    assert_eq!(of("/api/v1/pagina", "get"), reference("ApiResponse_Pagina_Pago"));
    assert_eq!(data("ApiResponse_Pagina_Pago"), reference("Pagina_Pago"));
}

#[test]
fn data_without_a_name_gets_one_by_what_it_is() {
    let api = ApiRouter::<()>::new()
        .operation(Operation::get("/a", "a"), async || ok(Some(1_i64)))
        .operation(Operation::get("/b", "b"), async || ok(vec![vec![true]]))
        .operation(Operation::get("/c", "c"), async || ok(std::collections::HashMap::from([("x".to_owned(), 1_u32)])))
        .operation(Operation::get("/d", "d"), async || ok(None::<Pago>))
        .operation(Operation::get("/e", "e"), async || ok(vec![Pagina { elementos: vec![1_i64] }]));
    let document = serde_json::to_value(api.into_parts().1).unwrap();
    for (path, name) in [
        ("/a", "Option_Int64"),
        ("/b", "List_List_Boolean"),
        ("/c", "Map_Int32"),
        ("/d", "Option_Pago"),
        ("/e", "List_Pagina_i64"),
    ] {
        let expected = reference(&format!("ApiResponse_{name}"));
        assert_eq!(schema(&document["paths"][path]["get"], "200"), &expected, "{path}");
    }
}

#[test]
#[should_panic(expected = "two operations are called `listar`: at /pagos and at /clientes")]
fn two_operations_of_one_name_are_refused() {
    let one = |path| ApiRouter::<()>::new().operation(Operation::get(path, "listar"), async || ok(()));
    let _ = one("/pagos").merge(one("/clientes")).into_parts();
}

#[test]
fn a_failure_lists_its_codes_and_what_they_mean() {
    let document = document();
    let answer = &document["paths"]["/api/v1/pagos"]["post"]["responses"]["400"];
    let content = &answer["content"]["application/json"];
    assert_eq!(content["schema"], reference("ApiError"));
    let properties = &component(&document, "ApiError")["properties"];
    assert_eq!(properties["data"], json!({"type": "null"}));
    assert_eq!(properties["errors"], json!({"type": "array", "minItems": 1, "items": reference("ErrorItem")}));
    let codes: Vec<_> = content["examples"].as_object().unwrap().keys().collect();
    assert_eq!(codes, ["CLIENTE_NO_ENCONTRADO", "HTTP_ERROR", "SALDO_INSUFICIENTE"]);
    assert!(answer["description"].as_str().unwrap().contains("`SALDO_INSUFICIENTE`: The balance is too small."));
    let example = &content["examples"]["SALDO_INSUFICIENTE"]["value"];
    assert_eq!(example["errors"][0]["message"], "Saldo insuficiente. Actual: {saldo}");
    let unavailable = &document["paths"]["/api/v1/pagos"]["get"]["responses"]["503"]["headers"];
    assert_eq!(unavailable.as_object().unwrap().keys().collect::<Vec<_>>(), ["Retry-After", "X-Correlation-ID"]);
}

#[test]
fn inputs_are_those_of_the_arguments() {
    let document = document();
    let pagos = &document["paths"]["/api/v1/pagos"];
    let body = &pagos["post"]["requestBody"];
    assert_eq!(body["required"], true);
    assert_eq!(body["content"]["application/json"]["schema"], json!({"$ref": "#/components/schemas/PagoRequest"}));
    let id = &document["paths"]["/api/v1/pagos/{id}"]["get"]["parameters"][0];
    assert_eq!((&id["name"], &id["in"], &id["required"]), (&json!("id"), &json!("path"), &json!(true)));
    let query = pagos["get"]["parameters"].as_array().unwrap();
    assert_eq!((&query[0]["required"], &query[0]["schema"]["type"]), (&json!(false), &json!("integer")));
    assert_eq!(query[1]["schema"], json!({"type": "string", "enum": ["Procesado"]}));
}

#[test]
fn a_form_and_a_body_that_may_be_absent_are_described_as_such() {
    use crate::extract::Form;
    let api = ApiRouter::<()>::new()
        .operation(Operation::post("/form", "form"), async |_: Form<PagoRequest>| ok(()))
        .operation(Operation::post("/maybe", "maybe"), async |_: Option<Json<PagoRequest>>| ok(()));
    let document = serde_json::to_value(api.into_parts().1).unwrap();
    for (path, content_type, required) in
        [("/form", "application/x-www-form-urlencoded", true), ("/maybe", "application/json", false)]
    {
        let post = &document["paths"][path]["post"];
        let schema = json!({"schema": {"$ref": "#/components/schemas/PagoRequest"}});
        assert_eq!(post["requestBody"], json!({"content": {content_type: schema}, "required": required}));
        assert_eq!(statuses(post), ["200", "400", "408", "413", "415", "422", "500", "503"]);
    }
}

/// A body of so many bytes, for `path`.
fn padded(path: &str, length: usize) -> Request<Body> {
    const BODY: &str = r#"{"monto":1}"#;
    let body = format!("{BODY}{}", " ".repeat(length - BODY.len()));
    Request::post(path).header("content-type", "application/json").body(Body::from(body)).unwrap()
}

#[tokio::test]
async fn an_operation_has_its_own_body_limit_and_says_so() {
    let read = async |Json(pago): Json<PagoRequest>| ok(pago.monto);
    let api = ApiRouter::<()>::new()
        .operation(Operation::post("/as-all", "as_all"), read)
        .operation(Operation::post("/more", "more").body_limit(128), read)
        .operation(Operation::post("/less", "less").body_limit(32), read)
        .operation(Operation::get("/none", "none").body_limit(32), async || ok(()));
    let (router, document) = ApiRouter::new().nest("/api", api).into_parts();
    let router = axum::Router::new().merge(router).layer(BodyLimitLayer::new(64));
    let document = serde_json::to_value(document).unwrap();
    for (path, limit, said) in
        [("/api/as-all", 64, ""), ("/api/more", 128, "At most 128 bytes."), ("/api/less", 32, "At most 32 bytes.")]
    {
        for (length, expected) in [(limit, 200), (limit + 1, 413)] {
            assert_eq!(send_to(router.clone(), padded(path, length)).await.0, expected, "{path} of {length}");
        }
        let refused = &document["paths"][path]["post"]["responses"]["413"]["description"];
        assert_eq!(refused.as_str().unwrap().split("\n\n").nth(2).unwrap_or_default(), said, "{refused}");
    }
    assert_eq!(statuses(&document["paths"]["/api/none"]["get"]), ["200", "500", "503"]);
}

#[tokio::test]
async fn a_body_limit_keeps_the_route_known() {
    let (router, _) = ApiRouter::<()>::new().operation(Operation::get("/{id}", "leer").body_limit(8), whereabouts).into_parts();
    assert_eq!(send_to(router, get("/7")).await.2["data"], "/{id}");
}

#[tokio::test]
async fn answers_match_their_schemas() {
    let document = document();
    let cases = [
        ("/api/v1/pagos", "post", json("/api/v1/pagos", r#"{"monto":7}"#), 200),
        ("/api/v1/pagos", "post", json("/api/v1/pagos", r#"{"monto":700}"#), 400),
        ("/api/v1/pagos", "post", json("/api/v1/pagos", r#"{"monto":0}"#), 422),
        ("/api/v1/pagos", "post", Request::post("/api/v1/pagos").body(Body::empty()).unwrap(), 415),
        ("/api/v1/pagos", "get", get("/api/v1/pagos?cliente_id=3&estado=Procesado"), 200),
        ("/api/v1/pagos", "get", get("/api/v1/pagos?cliente_id=x"), 422),
        ("/api/v1/pagos/{id}", "get", get("/api/v1/pagos/7"), 200),
        ("/api/v1/pagos/{id}", "get", get("/api/v1/pagos/9"), 404),
        ("/api/v1/pagos/{id}", "delete", Request::delete("/api/v1/pagos/7").body(Body::empty()).unwrap(), 200),
        ("/api/v1/pagina", "get", get("/api/v1/pagina"), 200),
        ("/api/v1/nombre", "get", get("/api/v1/nombre"), 200),
    ];
    for (path, method, request, expected) in cases {
        let (status, headers, body) = send(request).await;
        let schema = schema(&document["paths"][path][method], &status.to_string());
        assert_eq!((status, mismatch(&document, schema, &body)), (expected, None), "{method} {path}: {body}");
        assert!(schema.is_object() && headers.contains_key("x-correlation-id"));
    }
}

#[test]
fn the_catalogue_names_each_error_once() {
    let catalogue = api().catalogue();
    let rows: Vec<_> = catalogue.iter().map(|entry| (entry.code, entry.status.as_u16())).collect();
    assert_eq!(rows[..3], [("SALDO_INSUFICIENTE", 400), ("CLIENTE_NO_ENCONTRADO", 400), ("PAGO_NO_ENCONTRADO", 404)]);
    let unique: std::collections::HashSet<_> = rows.iter().collect();
    assert_eq!(unique.len(), rows.len());
    assert!(
        rows.contains(&("HTTP_ERROR", 415))
            && rows.contains(&("VALIDATION_ERROR", 422))
            && rows.contains(&("INTERNAL_ERROR", 500))
    );
}

/// An extractor of a team's own.
struct Token;

impl<S: Sync> axum::extract::FromRequestParts<S> for Token {
    type Rejection = crate::ApiError;

    async fn from_request_parts(_: &mut http::request::Parts, _: &S) -> Result<Self, Self::Rejection> {
        // The operation has its name already, should this refuse.
        let method = context::with_current(|request| request.map(|request| request.method().to_owned()));
        if method.as_deref() == Some("leer") { Ok(Self) } else { Err(standards_core::Failure::internal("no name").into()) }
    }
}

impl OperationInput for Token {
    fn describe(inputs: &mut OperationInputs<'_>) {
        inputs.error(http_error(ErrorStatus::UNAUTHORIZED));
        inputs.security(utoipa::openapi::security::SecurityRequirement::new::<_, [&str; 0], &str>("token", []));
    }
}

#[tokio::test]
async fn an_operation_is_named_before_anything_is_extracted() {
    let (router, document) = ApiRouter::<()>::new().operation(Operation::get("/", "leer"), async |_: Token| ok(())).into_parts();
    let request = RequestContext::new(standards_core::CorrelationId::generate(), "/", "GET");
    let response = context::scope(request.clone(), router.oneshot(get("/"))).await.unwrap();
    assert_eq!((response.status().as_u16(), request.method()), (200, "leer"));
    let operation = serde_json::to_value(document).unwrap()["paths"]["/"]["get"].clone();
    assert_eq!((statuses(&operation), &operation["security"]), (vec!["200", "401", "500", "503"], &json!([{"token": []}])));
}

#[test]
fn an_idempotency_key_is_a_header_with_its_errors() {
    use crate::extract::IdempotencyKey;
    let api = ApiRouter::<()>::new()
        .operation(Operation::post("/a", "a"), async |_: Option<IdempotencyKey>| ok(()))
        .operation(Operation::post("/b", "b"), async |_: IdempotencyKey| ok(()));
    let document = serde_json::to_value(api.into_parts().1).unwrap();
    for (path, required) in [("/a", false), ("/b", true)] {
        let post = &document["paths"][path]["post"];
        let key = &post["parameters"][0];
        let expected = (&json!("Idempotency-Key"), &json!("header"), &json!(required));
        assert_eq!((&key["name"], &key["in"], &key["required"]), expected);
        assert_eq!(statuses(post), ["200", "400", "409", "422", "500", "503"]);
        assert!(post["responses"]["409"]["headers"]["Retry-After"].is_object());
    }
}

#[tokio::test]
async fn a_key_that_is_required_is_documented_so() {
    use crate::extract::IdempotencyKey;
    let (keyed, plain) = (async |_: Option<IdempotencyKey>| ok(()), async |_: Option<IdempotencyKey>| ok(()));
    let required = ApiRouter::<()>::new().operation(Operation::post("/a", "a"), keyed).require_idempotency_key();
    let (router, document) = required.operation(Operation::post("/b", "b"), plain).into_parts();
    let document = serde_json::to_value(document).unwrap();
    for (path, required) in [("/a", true), ("/b", false)] {
        assert_eq!(document["paths"][path]["post"]["parameters"][0]["required"], required);
        let request = Request::post(path).body(Body::empty()).unwrap();
        let status = router.clone().oneshot(request).await.unwrap().status().as_u16();
        assert_eq!(status, if required { 400 } else { 200 });
    }
}
