//! Amounts: what the grammar lets in, to the hundredth, and what it keeps out of the books.

use std::time::{Duration, Instant};

use standards_axum::testing::TestAnswer;

use crate::support::http::{AnswerExt as _, Api, CLIENTES, PAGOS, rows};
use crate::support::{Fixture, on_both_engines};

on_both_engines!(
    amounts_of_the_grammar_are_paid_to_the_hundredth,
    the_smallest_and_the_largest_amount_are_paid,
    an_amount_outside_the_grammar_is_never_paid,
    an_amount_outside_the_grammar_is_never_credited,
    an_amount_outside_the_grammar_is_no_opening_balance,
    an_amount_that_is_no_json_is_refused_with_the_body,
    a_missing_or_repeated_amount_is_refused,
    a_giant_amount_is_refused_at_once,
    tenths_do_not_drift,
    a_balance_can_be_drained_to_zero_and_no_further,
    a_balance_cannot_pass_the_largest_amount,
    a_negative_opening_balance_is_refused_and_zero_is_none,
);

const RECARGAS: &str = "/api/v1/clientes/1/recargas";
const LARGEST: &str = "99999999.99";

/// JSON values that are no amount, whether paid, credited or opened with (table 3A, A3 to A17).
const REFUSED: &[&str] = &[
    // A3 and A4: signs.
    r#""-0""#,
    r#""-0.00""#,
    "-0",
    "-0.0",
    r#""-1""#,
    r#""-0.01""#,
    "-1",
    "-0.01",
    // A5: more than two decimals.
    r#""100.505""#,
    r#""0.001""#,
    r#""100.500""#,
    "100.505",
    "100.500",
    // A6: more than eight digits.
    r#""100000000.00""#,
    r#""99999999.995""#,
    r#""1000000000000000000000000000""#,
    "100000000",
    "1000000000000000000000000000",
    // A7 and A8: exponents.
    r#""1e2""#,
    r#""1E+2""#,
    r#""1e-2""#,
    r#""1e400""#,
    r#""1e-400""#,
    r#""1e-+5""#,
    "1e2",
    "1E+2",
    "1e-7",
    "1e400",
    "1.0e0",
    // A9: no numbers.
    r#""NaN""#,
    r#""nan""#,
    r#""sNaN""#,
    r#""Infinity""#,
    r#""-inf""#,
    // A11: what a float would round to an amount.
    "100.5000000000000001",
    "0.30000000000000004",
    "9007199254740993.0",
    // A12: underscores.
    r#""1_000""#,
    r#""1__0""#,
    r#""_1""#,
    // A13: spaces, line ends, NUL.
    r#"" 100""#,
    r#""100 ""#,
    r#""100\n""#,
    r#""\u00a0100""#,
    r#""100\u0000""#,
    r#""100\u200b""#,
    // A14: digits of other scripts.
    r#""１００""#,
    r#""١٠٠""#,
    r#""1٠0""#,
    r#""𝟙𝟘""#,
    // A15: other notations.
    r#""1,000.00""#,
    r#""100,50""#,
    r#""1.000,50""#,
    r#""$100""#,
    r#""100 CLP""#,
    r#""0x64""#,
    r#""0b1""#,
    r#""1/3""#,
    // A16: almost.
    r#""+100""#,
    r#"".5""#,
    r#""5.""#,
    r#""00100.00""#,
    r#""01""#,
    r#""-""#,
    r#"".""#,
    r#""1.2.3""#,
    r#""""#,
    r#""\"100\"""#,
    // A17: other types.
    "true",
    "null",
    "[]",
    "{}",
    r#"["100"]"#,
    r#"{"$numberDecimal":"1"}"#,
];

/// Refused by whoever needs more than nothing (A3).
const ZEROS: &[&str] = &[r#""0""#, r#""0.0""#, r#""0.00""#, "0", "0.0", "0.00"];

/// The service with cliente 1, who has as much as one can have.
async fn with_a_rich_cliente(fixture: &Fixture) -> Api {
    let api = Api::over(fixture).await;
    assert_eq!(api.register("ana@x.cl", LARGEST).await, 1);
    api
}

fn pago(monto: &str) -> String {
    format!(r#"{{"cliente_id":1,"monto":{monto}}}"#)
}

fn credited(monto: &str) -> String {
    format!(r#"{{"monto":{monto}}}"#)
}

fn cliente(saldo: &str) -> String {
    format!(r#"{{"nombre":"Eva","email":"eva@x.cl","saldo":{saldo}}}"#)
}

/// Sends what must be refused about `field`, and looks whether the books are as before.
async fn assert_refused_without_trace(api: &Api, fixture: &Fixture, path: &str, body: String, field: &str) {
    let before = (rows(fixture).await, api.saldo(1).await);
    api.post(path, body.clone()).await.assert_invalid_field(field);
    assert_eq!((rows(fixture).await, api.saldo(1).await), before, "{body}");
}

#[track_caller]
fn assert_paid(exchange: &TestAnswer, monto: &str) {
    assert_eq!(exchange.data()["monto"], monto);
}

async fn amounts_of_the_grammar_are_paid_to_the_hundredth(fixture: Fixture) {
    let api = with_a_rich_cliente(&fixture).await;
    for (written, paid) in [
        (r#""100.50""#, "100.50"),
        (r#""100.5""#, "100.50"),
        (r#""100""#, "100.00"),
        ("100.50", "100.50"),
        ("100.5", "100.50"),
        ("7", "7.00"),
        (r#""0.10""#, "0.10"),
        (r#""\u0031""#, "1.00"),
    ] {
        assert_paid(&api.post(PAGOS, pago(written)).await, paid);
    }
    assert_eq!(api.saldo(1).await, "99999489.89");
    fixture.assert_money_rule().await;
}

async fn the_smallest_and_the_largest_amount_are_paid(fixture: Fixture) {
    let api = with_a_rich_cliente(&fixture).await;
    assert_paid(&api.post(PAGOS, pago(r#""0.01""#)).await, "0.01");
    assert_eq!(api.saldo(1).await, "99999999.98");
    assert_eq!(api.post(RECARGAS, credited("0.01")).await.data()["saldo"], LARGEST);
    assert_paid(&api.post(PAGOS, pago(LARGEST)).await, LARGEST);
    assert_eq!(api.saldo(1).await, "0.00");
    fixture.assert_money_rule().await;
}

async fn an_amount_outside_the_grammar_is_never_paid(fixture: Fixture) {
    let api = with_a_rich_cliente(&fixture).await;
    for monto in REFUSED.iter().chain(ZEROS) {
        assert_refused_without_trace(&api, &fixture, PAGOS, pago(monto), "monto").await;
    }
}

async fn an_amount_outside_the_grammar_is_never_credited(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    assert_eq!(api.register("ana@x.cl", "10.00").await, 1);
    for monto in REFUSED.iter().chain(ZEROS) {
        assert_refused_without_trace(&api, &fixture, RECARGAS, credited(monto), "monto").await;
    }
}

async fn an_amount_outside_the_grammar_is_no_opening_balance(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    assert_eq!(api.register("ana@x.cl", "10.00").await, 1);
    for saldo in REFUSED {
        assert_refused_without_trace(&api, &fixture, CLIENTES, cliente(saldo), "saldo").await;
    }
}

/// A10, and the rest of what JSON does not call a number.
const NOT_JSON: &[&str] = &["NaN", "Infinity", "-Infinity", "+1", ".5", "5.", "01", "1_000", "0x64", "'1'", "\"1\n\"", "１"];

async fn an_amount_that_is_no_json_is_refused_with_the_body(fixture: Fixture) {
    let api = with_a_rich_cliente(&fixture).await;
    for monto in NOT_JSON {
        assert_refused_without_trace(&api, &fixture, PAGOS, pago(monto), "body").await;
        assert_refused_without_trace(&api, &fixture, CLIENTES, cliente(monto), "body").await;
    }
}

async fn a_missing_or_repeated_amount_is_refused(fixture: Fixture) {
    let api = with_a_rich_cliente(&fixture).await;
    let bodies = [
        r#"{"cliente_id":1}"#,
        r#"{"cliente_id":1,"Monto":"1","MONTO":"1"}"#,
        r#"{"cliente_id":1,"monto":"1","monto":"999"}"#,
        r#"{"monto":"1","cliente_id":1,"monto":"1"}"#,
        r#"{"cliente_id":1,"monto":"1","\u006donto":"1"}"#,
    ];
    for body in bodies {
        assert_refused_without_trace(&api, &fixture, PAGOS, body.to_owned(), "monto").await;
    }
}

async fn a_giant_amount_is_refused_at_once(fixture: Fixture) {
    let api = with_a_rich_cliente(&fixture).await;
    let begun = Instant::now();
    let inside = "9".repeat(16_000);
    assert_refused_without_trace(&api, &fixture, PAGOS, pago(&inside), "monto").await;
    assert_refused_without_trace(&api, &fixture, PAGOS, pago(&format!("\"{inside}\"")), "monto").await;
    let beyond = api.post(PAGOS, pago(&"9".repeat(1_000_000))).await;
    beyond.assert_refused(413, "HTTP_ERROR", "Cuerpo demasiado grande");
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

async fn tenths_do_not_drift(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    let ana = api.register("ana@x.cl", "0.30").await;
    assert_paid(&api.pay(ana, "0.10").await, "0.10");
    assert_paid(&api.pay(ana, "0.20").await, "0.20");
    assert_eq!(api.saldo(ana).await, "0.00");
    fixture.assert_money_rule().await;
}

async fn a_balance_can_be_drained_to_zero_and_no_further(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    let ana = api.register("ana@x.cl", "123.45").await;
    assert_paid(&api.pay(ana, "123.45").await, "123.45");
    let before = rows(&fixture).await;
    let refused = api.pay(ana, "0.01").await;
    refused.assert_refused(400, "SALDO_INSUFICIENTE", "Saldo insuficiente. Actual: 0.00, Requerido: 0.01");
    assert_eq!((rows(&fixture).await, api.saldo(ana).await), (before, "0.00".to_owned()));
}

async fn a_balance_cannot_pass_the_largest_amount(fixture: Fixture) {
    let api = with_a_rich_cliente(&fixture).await;
    let before = rows(&fixture).await;
    for monto in [r#""0.01""#, "1", LARGEST] {
        api.post(RECARGAS, credited(monto)).await.assert_refused(400, "SALDO_EXCEDIDO", "El abono de ");
    }
    assert_eq!((rows(&fixture).await, api.saldo(1).await), (before, LARGEST.to_owned()));
}

async fn a_negative_opening_balance_is_refused_and_zero_is_none(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    for saldo in [r#""-0.01""#, r#""1e3""#, "100000000", "-1"] {
        api.post(CLIENTES, cliente(saldo)).await.assert_invalid_field("saldo");
    }
    for (number, saldo) in ZEROS.iter().enumerate() {
        let body = cliente(saldo).replace("eva@", &format!("eva{number}@"));
        assert_eq!(api.post(CLIENTES, body).await.data()["saldo"], "0.00");
    }
    // Clientes, and neither recargas nor pagos.
    assert_eq!(rows(&fixture).await, 6);
}
