//! A service that answers unknown routes and wrong verbs itself.

use axum::Router;
use axum::body::Body;
use axum::routing;
use http::{Request, StatusCode, Uri};
use standards_axum::standardize;

use crate::support::{get, send};

fn router() -> Router {
    let routes = Router::new()
        .route("/saldo", routing::get(async || "7"))
        .fallback(
            async |uri: Uri| {
                if uri.path() == "/viejo" { (StatusCode::OK, "se mudó") } else { (StatusCode::NOT_FOUND, "nada aquí") }
            },
        )
        .method_not_allowed_fallback(async || (StatusCode::METHOD_NOT_ALLOWED, "así no"));
    standardize(routes)
}

#[tokio::test]
async fn what_it_answers_well_passes_and_what_it_refuses_is_in_the_envelope() {
    let moved = get(&router(), "/viejo").await;
    assert_eq!((moved.status, moved.text().as_str()), (200, "se mudó"));
    get(&router(), "/otro").await.assert_envelope(404, "HTTP_ERROR");
    let wrong = send(&router(), Request::delete("/saldo").body(Body::empty()).unwrap()).await;
    wrong.assert_envelope(405, "HTTP_ERROR");
    assert_eq!(wrong.headers["allow"], "GET,HEAD");
}
