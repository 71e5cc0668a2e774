//! Routers within routers, each with a state of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::extract::{Path, State};
use axum::routing;
use standards_axum::standardize;

use crate::support::get;

#[derive(Clone)]
struct Counter(Arc<AtomicU32>);

fn router() -> Router {
    let visits = async |State(Counter(visits)): State<Counter>| visits.fetch_add(1, Ordering::Relaxed).to_string();
    let item = async |State(name): State<&'static str>, Path((shop, item)): Path<(String, u32)>| format!("{name}/{shop}/{item}");
    let items = Router::new().route("/items/{item}", routing::get(item)).with_state("tienda");
    let counted = Router::new().route("/visits", routing::get(visits)).with_state(Counter(Arc::default()));
    standardize(Router::new().nest("/shops/{shop}", items).merge(Router::new().nest("/api", counted)))
}

#[tokio::test]
async fn states_are_kept_and_records_name_the_whole_template() {
    let router = router();
    let exchange = get(&router, "/shops/centro/items/7").await;
    assert_eq!((exchange.status, exchange.text().as_str()), (200, "tienda/centro/7"));
    assert_eq!(exchange.access_record()["context"]["route"], "/shops/{shop}/items/{item}");
    for visit in ["0", "1"] {
        assert_eq!(get(&router, "/api/visits").await.text(), visit);
    }
    get(&router, "/shops/centro/items/x").await.assert_envelope(400, "HTTP_ERROR");
}
