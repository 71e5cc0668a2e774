//! Tell the access record which route was asked for.

use axum::Router;
use axum::body::Body;
use axum::extract::MatchedPath;
use http::Request;
use standards_core::context;
use tower::util::MapRequestLayer;

/// The router, telling the access record which of its routes was asked for.
pub(crate) fn noting_routes<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    router.layer(note_route_layer())
}

/// The same for one route.
pub(crate) fn note_route_layer() -> MapRequestLayer<fn(Request<Body>) -> Request<Body>> {
    MapRequestLayer::new(note_route)
}

fn note_route(request: Request<Body>) -> Request<Body> {
    if let Some(route) = request.extensions().get::<MatchedPath>() {
        context::with_current(|context| {
            if let Some(context) = context {
                context.set_route(route.as_str());
            }
        });
    }
    request
}
