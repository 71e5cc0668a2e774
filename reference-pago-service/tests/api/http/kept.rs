//! Pagos that were read are kept for a while: nobody is told what is no longer so, and no balance is kept.

use reference_pago_service::models::PagoId;

use crate::support::http::{Api, CLIENTES, PAGOS, execute};
use crate::support::{Fixture, on_both_engines};

on_both_engines!(
    a_pago_is_read_from_the_database_once,
    an_annulled_pago_is_never_shown_as_it_was,
    a_pago_that_was_not_there_is_found_once_it_is,
    a_balance_is_read_each_time,
    without_a_time_nothing_is_kept,
);

async fn outcome(api: &Api, outcome: &str) -> u32 {
    let page = api.get("/metrics").await.text().to_owned();
    let series = format!("cache_outcomes_total{{cache=\"pago\",outcome=\"{outcome}\"}} ");
    page.lines().find_map(|line| line.strip_prefix(&*series)).map_or(0, |count| count.parse().unwrap())
}

async fn paid(api: &Api) -> String {
    let cliente = api.register("ana@example.com", "100.00").await;
    let id = api.pay(cliente, "30.00").await.data()["id"].as_u64().unwrap();
    format!("{PAGOS}/{id}")
}

async fn estado(api: &Api, path: &str) -> String {
    api.get(path).await.data()["estado"].as_str().unwrap().to_owned()
}

async fn a_pago_is_read_from_the_database_once(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    let path = paid(&api).await;
    let first = api.get(&path).await.text().to_owned();
    for _ in 0..9 {
        assert_eq!(api.get(&path).await.text(), first);
    }
    assert_eq!((outcome(&api, "loaded").await, outcome(&api, "hit_memory").await), (1, 9));
}

async fn an_annulled_pago_is_never_shown_as_it_was(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    let path = paid(&api).await;
    assert_eq!(estado(&api, &path).await, "PROCESADO");
    assert_eq!(api.post(&format!("{path}/anulacion"), "").await.data()["estado"], "ANULADO");
    for _ in 0..3 {
        assert_eq!(estado(&api, &path).await, "ANULADO");
    }
    // A refused one changes nothing, and is as careful.
    api.post(&format!("{path}/anulacion"), "").await.assert_status(400);
    assert_eq!((estado(&api, &path).await.as_str(), outcome(&api, "invalidated").await), ("ANULADO", 2));
}

async fn a_pago_that_was_not_there_is_found_once_it_is(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    for path in [format!("{PAGOS}/1"), format!("{PAGOS}/{}", i64::MAX)] {
        api.get(&path).await.assert_status(404);
    }
    assert_eq!(estado(&api, &paid(&api).await).await, "PROCESADO");
}

async fn a_balance_is_read_each_time(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    let cliente = api.register("ana@example.com", "100.00").await;
    assert_eq!(api.saldo(cliente).await, "100.00");
    execute(&fixture, "update clientes set nombre = 'Otra'").await;
    assert_eq!(api.get(&format!("{CLIENTES}/{cliente}")).await.data()["nombre"], "Otra");
}

async fn without_a_time_nothing_is_kept(fixture: Fixture) {
    let api = Api::with(&fixture, &[("CACHE_TTL_SECONDS", "0")]).await;
    let path = paid(&api).await;
    assert_eq!(estado(&api, &path).await, "PROCESADO");
    let id = PagoId::new(path.rsplit('/').next().unwrap().parse().unwrap()).unwrap();
    assert!(fixture.repositories.pagos.annul(id, None).await.is_ok());
    assert_eq!((estado(&api, &path).await.as_str(), outcome(&api, "loaded").await), ("ANULADO", 0));
}
