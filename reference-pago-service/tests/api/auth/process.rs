//! The real binary: what it needs to start, and the tokens it makes.

use serde_json::{Value, json};

use super::{KEY, VARIABLES};
use crate::http::service::{ServiceProcess, run};
use crate::http::socket::get;
use crate::support::http::PAGOS;

const STAGING: (&str, &str) = ("APP_ENV", "staging");
const PRODUCTION: (&str, &str) = ("APP_ENV", "production");
const DATABASE: (&str, &str) = ("DATABASE_URL", "sqlite://pagos.db?mode=rwc");
const CHANGEME: &str = "changeme-changeme-changeme-changeme";

/// J19: variables with which it does not start, and the one that is named.
const REFUSED: [(&[(&str, &str)], &str); 9] = [
    (&[STAGING], "SECRET_KEY: es obligatoria con APP_ENV=staging"),
    (&[PRODUCTION, DATABASE], "SECRET_KEY: es obligatoria con APP_ENV=production"),
    (&[("HOST", "0.0.0.0")], "HOST: debe ser una dirección de loopback"),
    (
        &[("SECRET_KEY", "0123456789012345678901234567890"), VARIABLES[1], VARIABLES[2]],
        "SECRET_KEY: debe ser una clave de 32 bytes",
    ),
    (&[("SECRET_KEY", ""), VARIABLES[1], VARIABLES[2]], "SECRET_KEY: debe ser una clave de 32 bytes"),
    (
        &[VARIABLES[0], ("SECRET_KEY_PREVIOUS", "0123456789"), VARIABLES[1], VARIABLES[2]],
        "SECRET_KEY_PREVIOUS: debe ser una clave de 32 bytes",
    ),
    (&[PRODUCTION, DATABASE, ("SECRET_KEY", CHANGEME), VARIABLES[1], VARIABLES[2]], "SECRET_KEY: es una clave de ejemplo"),
    (&[VARIABLES[0], VARIABLES[1]], "JWT_AUDIENCE: es obligatoria con SECRET_KEY"),
    (&[("JWKS_URL", "http://login.example/keys"), VARIABLES[1], VARIABLES[2]], "JWKS_URL: debe ser una URL"),
];

#[test]
fn without_the_keys_that_it_needs_it_does_not_start() {
    for (variables, problem) in REFUSED {
        let exit = run(&[], &[variables, &[("PORT", "0")]].concat());
        assert_eq!(exit.status, Some(2), "{problem}");
        let records = exit.records();
        let [record] = &records[..] else { panic!("{records:#?}") };
        let problems = record["context"]["problems"].as_array().unwrap();
        assert!(matches!(&problems[..], [Value::String(told)] if told.starts_with(problem)), "{problems:?}");
        for value in ["0123456789", CHANGEME, KEY, "login.example", "0.0.0.0"] {
            assert!(!exit.stdout.contains(value), "{value} in {}", exit.stdout);
        }
    }
}

#[test]
fn keys_that_cannot_be_read_end_the_start() {
    let exit = run(&[], &[("JWKS_URL", "file:/no/such/keys.json"), VARIABLES[1], VARIABLES[2], DATABASE, ("PORT", "0")]);
    assert_eq!(exit.status, Some(1));
    let record = exit.records().pop().unwrap();
    assert_eq!(record["message"], "El servicio no pudo iniciar");
    assert!(record["error"]["message"].as_str().unwrap().starts_with("what JWKS_URL names cannot be read"), "{record:#}");
}

/// A token that the command makes, alone on its standard output.
fn made(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let exit = run(&[&["token"], arguments].concat(), variables);
    assert_eq!((exit.status, exit.stderr.as_str()), (Some(0), ""));
    let token = exit.stdout.strip_suffix('\n').unwrap().to_owned();
    assert!(token.split('.').count() == 3 && !token.contains(char::is_whitespace), "{token}");
    token
}

fn with_token(path: &str, token: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n")
}

#[tokio::test]
async fn with_a_key_it_serves_every_address_in_production_to_whom_it_gave_a_token() {
    let variables = [&VARIABLES[..], &[PRODUCTION, DATABASE, ("HOST", "0.0.0.0")]].concat();
    let service = ServiceProcess::start(&variables).await;
    let status = async |request: String| service.connect().await.ask(request).await.status;
    for (path, expected) in [("/health/ready", 200), ("/api/v1/openapi.json", 200), ("/docs/", 200), (PAGOS, 401)] {
        assert_eq!(status(get(path)).await, expected, "{path}");
    }
    let token = made(&["--sub", "ana", "--scope", "clientes:read pagos:read"], &VARIABLES);
    assert_eq!([status(with_token(PAGOS, &token)).await, status(with_token(PAGOS, &format!("{token}x"))).await], [200, 401]);
    let forced = made(&["--sub", "ana", "--force", "--lifetime", "60"], &variables);
    assert_eq!(status(with_token(PAGOS, &forced)).await, 403);
    let exit = service.stop();
    assert_eq!(exit.status, Some(0));
    assert!(!exit.stdout.contains("Sin autenticación") && !exit.stdout.contains(&token) && !exit.stdout.contains(KEY));
}

#[tokio::test]
async fn the_document_served_is_the_one_printed_with_its_security() {
    let service = ServiceProcess::start(&[&VARIABLES[..], &[DATABASE]].concat()).await;
    let served = service.connect().await.ask(get("/api/v1/openapi.json")).await;
    let mut printed: Value = serde_json::from_str(&run(&["openapi"], &VARIABLES).stdout).unwrap();
    assert_eq!(printed["paths"][PAGOS]["post"]["security"], json!([{"bearer": ["pagos:write"]}]));
    printed["servers"] = json!([{"url": "../.."}]);
    assert_eq!((served.status, served.json()), (200, printed));
}

/// A command's arguments and variables, its status, and how its error begins.
type Refused = (&'static [&'static str], &'static [(&'static str, &'static str)], i32, &'static str);

const NOT_MADE: [Refused; 8] = [
    (&["--sub", "ana"], &[], 1, "error: SECRET_KEY is not set\n"),
    (
        &["--sub", "ana"],
        &[PRODUCTION, VARIABLES[0], VARIABLES[1], VARIABLES[2]],
        1,
        "error: with APP_ENV=production a token is made with --force only\n",
    ),
    (&["--sub", "ana"], &[("SECRET_KEY", "secreto"), VARIABLES[1], VARIABLES[2]], 2, "SECRET_KEY: debe ser una clave de 32"),
    (&[], &VARIABLES, 2, "error: "),
    (&["--sub", ""], &VARIABLES, 2, "error: "),
    (&["--sub", "ana", "--scope", "a  b"], &VARIABLES, 2, "error: "),
    (&["--sub", "ana", "--lifetime", "0"], &VARIABLES, 2, "error: "),
    (&["--sub", "ana", "--lifetime", "9999999999"], &VARIABLES, 2, "error: "),
];

#[test]
fn a_token_that_cannot_be_made_is_told() {
    for (arguments, variables, status, beginning) in NOT_MADE {
        let exit = run(&[&["token"], arguments].concat(), variables);
        assert_eq!((exit.status, exit.stdout.as_str()), (Some(status), ""), "{arguments:?}");
        assert!(exit.stderr.starts_with(beginning) && !exit.stderr.contains("secreto"), "{}", exit.stderr);
    }
}
