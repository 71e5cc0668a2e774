//! What the compiler says of a handler that is none: each mistake has a line that names its cause.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::packages::{check, located, manifest, write};

const DEPENDENCIES: &str = r#"[dependencies]
standards-axum = { path = "../standards-axum", features = ["macros"] }
axum = { version = "0.8", default-features = false, features = ["multipart"] }
garde = { version = "0.23", default-features = false, features = ["derive"] }
serde = { version = "1", features = ["derive"] }
serde_json = "1"
tokio = { version = "1", features = ["rt"] }
utoipa = { version = "6", default-features = false, features = ["macros"] }
"#;

/// What stands in each program above the handler.
const TYPES: &str = "#![allow(unused)]
use axum::extract::State;
use standards_axum::debug_handler;
use standards_axum::extract::Path;
use standards_axum::openapi::{ApiRouter, Operation};
use standards_axum::prelude::*;
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, Serialize, Validate, ToSchema, IntoParams)]
pub struct Alta { #[garde(skip)] a: i64 }
#[derive(Deserialize, Serialize, ToSchema, IntoParams)]
pub struct SinReglas { a: i64 }
#[derive(Deserialize, Serialize, Validate)]
pub struct SinEsquema { #[garde(skip)] a: i64 }
";

/// The handler as an operation.
const MAIN: &str = "
fn main() {
    let api = ApiRouter::<()>::new().operation(Operation::post(\"/a\", \"a\"), h);
}
";

/// A mistake: its name, the handler, and what is said of it.
const MISTAKES: &[(&str, &str, &[&str])] = &[
    ("right", "async fn h(Path(id): Path<i64>, Json(b): Json<Alta>) -> ApiResult<Alta> { ok(b) }", &[]),
    ("right_checked", "#[debug_handler] async fn h(Path(id): Path<i64>, Json(b): Json<Alta>) -> ApiResult<Alta> { ok(b) }", &[]),
    (
        "body_without_rules",
        "async fn h(Json(b): Json<SinReglas>) -> ApiResult<()> { ok(()) }",
        &["the trait bound `SinReglas: garde::Validate` is not satisfied"],
    ),
    (
        "body_without_schema",
        "async fn h(Json(b): Json<SinEsquema>) -> ApiResult<()> { ok(()) }",
        &["the trait bound `SinEsquema: ToSchema` is not satisfied"],
    ),
    (
        "query_without_parameters",
        "async fn h(Query(q): Query<SinEsquema>) -> ApiResult<()> { ok(()) }",
        &["the trait bound `SinEsquema: IntoParams` is not satisfied"],
    ),
    (
        "untyped_body",
        "async fn h(Json(b): Json<serde_json::Value>) -> ApiResult<()> { ok(()) }",
        &["the trait bound `serde_json::Value: garde::Validate` is not satisfied"],
    ),
    (
        "body_of_axum",
        "async fn h(axum::Json(b): axum::Json<Alta>) -> ApiResult<Alta> { ok(b) }",
        &[
            "the API's document does not know what `axum::Json<Alta>` takes from a request",
            "`Json`, `Form`, `Multipart`, `Path` and `Query` are those of `standards_axum::extract`, not axum's",
        ],
    ),
    (
        "path_of_axum",
        "async fn h(id: axum::extract::Path<i64>) -> ApiResult<()> { ok(()) }",
        &["the API's document does not know what `axum::extract::Path<i64>` takes from a request"],
    ),
    (
        "multipart_of_axum",
        "async fn h(form: axum::extract::Multipart) -> ApiResult<()> { ok(()) }",
        &["does not know what `Multipart` takes from a request", "implement `standards_axum::openapi::OperationInput`"],
    ),
    (
        "struct_as_path_value",
        "async fn h(Path(path): Path<Alta>) -> ApiResult<()> { ok(()) }",
        &["`Alta` is no value that a path can hold", "a struct of the route's parameters is read by `PathParams<Alta>`"],
    ),
    (
        "body_not_last",
        "async fn h(Json(b): Json<Alta>, Query(q): Query<Alta>) -> ApiResult<Alta> { ok(b) }",
        &[
            "Json<Alta>` cannot be an argument before the last one in an `ApiRouter<()>`",
            "what takes the request's body must be the last argument",
        ],
    ),
    (
        "state_of_another_type",
        "async fn h(State(n): State<i64>) -> ApiResult<i64> { ok(n) }",
        &["is not a handler of an API operation", "`State<X>` needs an `ApiRouter<X>`"],
    ),
    (
        "not_send",
        "async fn h() -> ApiResult<()> { let c = std::rc::Rc::new(1); tokio::task::yield_now().await; drop(c); ok(()) }",
        &[
            "future cannot be sent between threads safely",
            "the trait `Send` is not implemented for `Rc<i32>`",
            "await occurs here",
        ],
    ),
    (
        "guard_across_await",
        "static N: std::sync::Mutex<i64> = std::sync::Mutex::new(1);
        async fn h() -> ApiResult<()> { let n = N.lock(); tokio::task::yield_now().await; drop(n); ok(()) }",
        &["future cannot be sent between threads safely", "MutexGuard", "await occurs here"],
    ),
    (
        "answer_without_schema",
        "async fn h() -> ApiResult<SinEsquema> { ok(SinEsquema { a: 1 }) }",
        &[
            "the trait bound `SinEsquema: ToSchema` is not satisfied",
            "required for `Reply<SinEsquema>` to implement `OperationOutput`",
        ],
    ),
    (
        "answer_of_axum",
        "async fn h() -> Result<axum::Json<Alta>, standards_axum::ApiError> { todo!() }",
        &[
            "the API's document does not know what an answer of `axum::Json<Alta>` is",
            "the success of an operation is `Reply<T>` with `T: ToSchema + Serialize`",
        ],
    ),
    (
        "answer_without_envelope",
        "async fn h() -> &'static str { \"\" }",
        &["`&'static str` is not an answer of an API operation", "a handler returns `ApiResult<T>` of `standards_axum`"],
    ),
    (
        "not_async",
        "fn h() -> ApiResult<()> { ok(()) }",
        &["is not a handler of an API operation", "it is an `async fn` of up to eight arguments that returns `ApiResult<T>`"],
    ),
    (
        "error_of_a_library",
        "async fn h() -> ApiResult<i64> { ok(\"x\".parse::<i64>()?) }",
        &[
            "`?` couldn't convert the error: `ParseIntError: DomainError` is not satisfied",
            "nothing says what a client is answered then: `.map_err(Failure::internal)?`",
        ],
    ),
    (
        "body_without_rules_checked",
        "#[debug_handler] async fn h(Json(b): Json<SinReglas>) -> ApiResult<()> { ok(()) }",
        &["the trait bound `SinReglas: garde::Validate` is not satisfied"],
    ),
    (
        "body_not_last_checked",
        "#[debug_handler] async fn h(Json(b): Json<Alta>, Query(q): Query<Alta>) -> ApiResult<Alta> { ok(b) }",
        &["`Json<_>` consumes the request body and thus must be the last argument to the handler function"],
    ),
    (
        "not_send_checked",
        "#[debug_handler] async fn h() -> ApiResult<()> {
            let c = std::rc::Rc::new(1); tokio::task::yield_now().await; drop(c); ok(())
        }",
        &["future cannot be sent between threads safely", "await occurs here"],
    ),
    (
        "not_async_checked",
        "#[debug_handler] fn h() -> ApiResult<()> { ok(()) }",
        &["`Result<Reply<()>, ApiError>` is not a future"],
    ),
];

/// What is said of each program, by its name.
fn said(folder: &Path) -> BTreeMap<String, String> {
    let output = check(folder, &["--bins", "--keep-going", "--message-format", "json"]);
    let mut said = BTreeMap::<String, String>::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let message: serde_json::Value = serde_json::from_str(line).unwrap();
        if let Some(rendered) = message["message"]["rendered"].as_str() {
            *said.entry(message["target"]["name"].as_str().unwrap().to_owned()).or_default() += rendered;
        }
    }
    assert!(!said.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    said
}

#[test]
fn the_compiler_names_the_cause_of_each_mistake() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mistakes");
    let _ = fs::remove_dir_all(folder.join("src"));
    write(&folder.join("Cargo.toml"), &manifest("mistakes", &located(DEPENDENCIES)));
    write(&folder.join("lib.rs"), "");
    for (name, handler, _) in MISTAKES {
        write(&folder.join(format!("src/bin/{name}.rs")), &format!("{TYPES}\n{handler}\n{MAIN}"));
    }
    let said = said(&folder);
    for (name, _, causes) in MISTAKES {
        let text = said.get(*name).map_or("", String::as_str);
        assert_eq!(text.is_empty(), causes.is_empty(), "{name}: {text}");
        for cause in *causes {
            assert!(text.contains(cause), "{name}: no `{cause}` in\n{text}");
        }
    }
}
