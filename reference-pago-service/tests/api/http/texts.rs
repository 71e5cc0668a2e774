//! Names, e-mail addresses and currencies.

use standards_axum::testing::TestAnswer;
use tokio::task::JoinSet;

use crate::support::http::{AnswerExt as _, Api, CLIENTES, PAGOS, rows};
use crate::support::{Fixture, on_both_engines};

on_both_engines!(
    a_currency_is_three_capital_letters,
    a_pago_is_in_the_currency_of_its_cliente,
    a_name_that_is_empty_blank_or_too_long_is_refused,
    a_name_that_steers_a_reader_is_refused,
    a_name_is_kept_as_it_was_given,
    what_is_no_address_is_refused,
    an_address_is_registered_once_whatever_its_case_or_composition,
    lower_case_is_the_same_on_every_engine,
    one_of_many_registrations_at_once_wins,
    an_update_obeys_the_same_rules,
);

/// A JSON string of `text`.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

fn cliente(nombre: &str, email: &str) -> String {
    format!(r#"{{"nombre":{nombre},"email":{email}}}"#)
}

async fn register(api: &Api, email: &str) -> TestAnswer {
    api.post(CLIENTES, cliente("\"Ana\"", &quoted(email))).await
}

/// B8, as JSON values.
const NO_CURRENCIES: &[&str] = &[
    "null",
    r#""clp""#,
    r#""CL""#,
    r#""CLPX""#,
    r#""""#,
    r#""CLP\n""#,
    r#""\nCLP""#,
    r#"" CLP""#,
    r#""CLP\u0000""#,
    r#""ＣＬＰ""#,
    r#""СLP""#,
    r#""C1P""#,
    "123",
    "true",
    "{}",
    r#"["CLP"]"#,
];

async fn a_currency_is_three_capital_letters(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    let ana = api.register("ana@x.cl", "10.00").await;
    let before = rows(&fixture).await;
    for moneda in NO_CURRENCIES {
        let pago = format!(r#"{{"cliente_id":{ana},"monto":"1","moneda":{moneda}}}"#);
        api.post(PAGOS, pago).await.assert_invalid_field("moneda");
        let cliente = format!(r#"{{"nombre":"Eva","email":"eva@x.cl","moneda":{moneda}}}"#);
        api.post(CLIENTES, cliente).await.assert_invalid_field("moneda");
    }
    assert_eq!(rows(&fixture).await, before);
    assert_eq!(api.pay(ana, "1").await.data()["moneda"], "CLP");
    let usd = api.post(CLIENTES, r#"{"nombre":"Eva","email":"eva@x.cl","moneda":"USD"}"#).await;
    assert_eq!(usd.data()["moneda"], "USD");
}

async fn a_pago_is_in_the_currency_of_its_cliente(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    let usd = api.post(CLIENTES, r#"{"nombre":"Eva","email":"eva@x.cl","saldo":"5","moneda":"USD"}"#).await;
    let eva = usd.data()["id"].as_u64().unwrap();
    // Also when the balance would not do.
    for monto in ["1", "1000"] {
        let refused = api.pay(eva, monto).await;
        refused.assert_refused(400, "MONEDA_NO_COINCIDE", "La moneda CLP no coincide con la del cliente: USD");
    }
    let paid = api.post(PAGOS, format!(r#"{{"cliente_id":{eva},"monto":"1","moneda":"USD"}}"#)).await;
    assert_eq!(paid.data()["moneda"], "USD");
    assert_eq!(api.saldo(eva).await, "4.00");
}

/// B10, as text.
const NO_NAMES: &[&str] = &["", " ", "   ", "\u{200b}", "\u{a0}", "\u{3000}", "\u{2060}", "\u{2800}", "\u{ad}"];

async fn a_name_that_is_empty_blank_or_too_long_is_refused(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    for nombre in NO_NAMES {
        api.post(CLIENTES, cliente(&quoted(nombre), r#""a@x.cl""#)).await.assert_invalid_field("nombre");
    }
    for nombre in ["a".repeat(101), "🙂".repeat(101)] {
        api.post(CLIENTES, cliente(&quoted(&nombre), r#""a@x.cl""#)).await.assert_invalid_field("nombre");
    }
    for other in ["null", "1", "true", "[]", "{}", r#"["Ana"]"#] {
        api.post(CLIENTES, cliente(other, r#""a@x.cl""#)).await.assert_invalid_field("nombre");
    }
    assert_eq!(rows(&fixture).await, 0);
}

/// B11, as JSON values.
const STEERING: &[&str] = &[
    r#""Ana\u0000""#,
    r#""\u001b[2J""#,
    r#""Ana\r\nBcc: x""#,
    r#""Ana\tEva""#,
    r#""Ana\u007f""#,
    r#""Ana\u0085""#,
    r#""Ana\u009b""#,
    r#""\u202eanA""#,
    r#""\u2066Ana""#,
    r#""\u200fAna""#,
    r#""Ana\u2028""#,
    r#""\ufeffAna""#,
    r#""\ud800""#,
    r#""Ana\udc00\ud800""#,
];

async fn a_name_that_steers_a_reader_is_refused(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    for nombre in STEERING {
        let exchange = api.post(CLIENTES, cliente(nombre, r#""a@x.cl""#)).await;
        exchange.assert_invalid_field("nombre");
        assert!(exchange.log().lines().iter().all(|line| line.trim_end().bytes().all(|byte| byte >= b' ')), "{nombre}");
    }
    assert_eq!(rows(&fixture).await, 0);
}

/// B12.
const KEPT: &[&str] = &[
    "'; DROP TABLE pagos;--",
    "{{7*7}}",
    "<script>alert(1)</script>",
    "=cmd|'/c calc'!A1",
    "\\\"",
    "%s%n",
    " Ana ",
    "Ñandú O'Higgins",
    "日本",
    "e\u{301}",
    "👩\u{200d}🚀",
];

async fn a_name_is_kept_as_it_was_given(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    let longest = "🙂".repeat(100);
    for (number, nombre) in KEPT.iter().copied().chain([longest.as_str()]).enumerate() {
        let registered = api.post(CLIENTES, cliente(&quoted(nombre), &quoted(&format!("a{number}@x.cl")))).await.data();
        assert_eq!(registered["nombre"], nombre);
        let id = &registered["id"];
        assert_eq!(api.get(&format!("{CLIENTES}/{id}")).await.data()["nombre"], nombre);
    }
    assert_eq!(fixture.count("select count(*) from pagos").await, 0);
}

/// B13, as text.
const NO_ADDRESSES: &[&str] = &[
    "",
    "@",
    "a@b",
    "@b.c",
    "a@@b.c",
    "a b@c.d",
    "a@b.c\n",
    " a@b.c",
    "a\r\nBcc: x@y.z@c.d",
    "a@.c",
    "a@b..c",
    "a@b.",
    ".a@b.c",
    "a..b@c.d",
    "a@b.c\0",
    "a\u{202e}@b.c",
    "x\u{1b}]0;pwn\u{7}@y.z",
    "\n{\"level\":\"ERROR\"}",
];

async fn what_is_no_address_is_refused(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    for email in NO_ADDRESSES {
        register(&api, email).await.assert_invalid_field("email");
    }
    register(&api, &format!("{}@x.cl", "a".repeat(96))).await.assert_invalid_field("email");
    for other in ["null", "1", "[]", "{}"] {
        api.post(CLIENTES, cliente("\"Ana\"", other)).await.assert_invalid_field("email");
    }
    api.post(CLIENTES, r#"{"nombre":"Ana"}"#).await.assert_invalid_field("email");
    assert_eq!(rows(&fixture).await, 0);
    let longest = format!("{}@x.cl", "a".repeat(95));
    assert_eq!(register(&api, &longest).await.data()["email"], longest);
}

/// B14 and B19: of each pair the second is the first in other letters.
const SAME: &[[&str; 2]] = &[
    ["Ana@X.cl", "ana@x.cl"],
    ["jos\u{e9}@x.cl", "jose\u{301}@x.cl"],
    ["\u{d1}and\u{fa}@x.cl", "\u{f1}AND\u{da}@X.CL"],
    ["\u{130}@x.cl", "i\u{307}@x.cl"],
    ["stra\u{df}e@x.cl", "STRA\u{1e9e}E@x.cl"],
];

async fn an_address_is_registered_once_whatever_its_case_or_composition(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    let mut ids = Vec::new();
    for [first, second] in SAME {
        let registered = register(&api, first).await.data();
        assert_eq!(registered["email"], *first);
        ids.push(registered["id"].as_u64().unwrap());
        let before = rows(&fixture).await;
        register(&api, second).await.assert_refused(400, "EMAIL_DUPLICADO", "El email ya está registrado");
        assert_eq!(rows(&fixture).await, before);
    }
    assert_eq!(api.get("/api/v1/clientes?email=ANA@x.CL").await.ids(), ids[..1]);
    assert_eq!(api.get("/api/v1/clientes?email=JOSE%CC%81@x.cl").await.ids(), ids[1..2]);
}

/// What a language's rules or a compatibility form would make equal, and the service does not.
const DIFFERENT: &[&str] = &["i@x.cl", "\u{131}@x.cl", "\u{fb01}n@x.cl", "fin@x.cl", "ss@x.cl", "\u{df}@x.cl"];

async fn lower_case_is_the_same_on_every_engine(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    for email in DIFFERENT {
        assert_eq!(register(&api, email).await.status(), 200, "{email}");
    }
}

/// B15.
async fn one_of_many_registrations_at_once_wins(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    let mut tasks = JoinSet::new();
    for number in 0..64 {
        let api = api.clone();
        let email = if number % 2 == 0 { "ana@x.cl" } else { "ANA@X.CL" };
        tasks.spawn(async move { register(&api, email).await });
    }
    let (won, lost): (Vec<_>, Vec<_>) = tasks.join_all().await.into_iter().partition(|exchange| exchange.status() == 200);
    assert_eq!((won.len(), lost.len()), (1, 63));
    for exchange in lost {
        exchange.assert_refused(400, "EMAIL_DUPLICADO", "El email ya está registrado");
    }
    assert_eq!(rows(&fixture).await, 1);
}

async fn an_update_obeys_the_same_rules(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    assert_eq!([api.register("ana@x.cl", "0").await, api.register("eva@x.cl", "0").await], [1, 2]);
    let before = api.get(CLIENTES).await.data();
    for nombre in STEERING {
        api.put("/api/v1/clientes/1", cliente(nombre, r#""b@x.cl""#)).await.assert_invalid_field("nombre");
    }
    for email in NO_ADDRESSES {
        api.put("/api/v1/clientes/1", cliente("\"Leo\"", &quoted(email))).await.assert_invalid_field("email");
    }
    api.put("/api/v1/clientes/1", r#"{"email":"b@x.cl"}"#).await.assert_invalid_field("nombre");
    api.put("/api/v1/clientes/1", r#"{"nombre":"Leo"}"#).await.assert_invalid_field("email");
    let taken = api.put("/api/v1/clientes/1", cliente("\"Leo\"", r#""EVA@x.cl""#)).await;
    taken.assert_refused(400, "EMAIL_DUPLICADO", "El email ya está registrado");
    assert_eq!(api.get(CLIENTES).await.data(), before);
    // Its own address in other letters is no duplicate.
    let own = api.put("/api/v1/clientes/1", cliente("\"Leo\"", r#""ANA@x.cl""#)).await;
    assert_eq!(own.data()["email"], "ANA@x.cl");
}
