//! Bodies that break off after their head was logged.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::Response;
use axum::routing::get;
use http::{Method, Request};
use http_body::{Body as _, Frame};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use standards_axum::layers::X_CORRELATION_ID;
use standards_axum::standardize;
use standards_core::CorrelationId;
use standards_core::log::capture::Capture;
use tower::ServiceExt;

use crate::support::install_log;

/// What a body does after three bytes.
#[derive(Clone, Copy)]
enum Then {
    End,
    Fail,
    Panic,
    Wait,
}

struct Three {
    sent: bool,
    then: Then,
}

impl http_body::Body for Three {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        if !std::mem::replace(&mut self.sent, true) {
            return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"uno")))));
        }
        match self.then {
            Then::End => Poll::Ready(None),
            Then::Fail => Poll::Ready(Some(Err("disco lleno"))),
            Then::Panic => panic!("en el cuerpo"),
            Then::Wait => Poll::Pending,
        }
    }
}

fn router(then: Then, length: Option<usize>) -> Router {
    standardize(Router::new().route(
        "/informes/{id}",
        get(async move || {
            let body = Response::builder();
            let body = if let Some(length) = length { body.header("content-length", length) } else { body };
            body.body(Body::new(Three { sent: false, then })).unwrap()
        }),
    ))
}

/// One exchange, whose body is given to `read`.
async fn log_of<F: Future>(router: Router, method: Method, read: impl FnOnce(Body) -> F) -> Vec<Value> {
    install_log();
    let id = CorrelationId::generate();
    let request = Request::builder().method(method).uri("/informes/7").header(X_CORRELATION_ID, id.as_str());
    let response = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    read(response.into_body()).await;
    Capture::of(&id).records()
}

async fn to_the_end(body: Body) {
    let _ = body.collect().await;
}

async fn one_frame(mut body: Body) {
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "uno");
    assert!(poll_fn(|cx| Poll::Ready(Pin::new(&mut body).poll_frame(cx).is_pending())).await);
}

/// The access record and one more.
#[track_caller]
fn assert_broken(records: &[Value], level: &str, message: &str) -> Value {
    assert_eq!(records.len(), 2, "{records:#?}");
    assert_eq!((&records[0]["message"], &records[0]["context"]["status"]), (&json!("Solicitud atendida"), &json!(200)));
    let broken = &records[1];
    assert_eq!((&broken["level"], &broken["message"]), (&json!(level), &json!(message)));
    let expected = json!({"bytes_sent": 3, "http_method": "GET", "route": "/informes/{id}"});
    assert_eq!(broken["context"], expected);
    broken.clone()
}

#[tokio::test]
async fn a_body_that_fails_is_an_error_with_what_was_sent() {
    let records = log_of(router(Then::Fail, None), Method::GET, to_the_end).await;
    let record = assert_broken(&records, "ERROR", "La respuesta se interrumpió");
    assert_eq!(record["error"]["message"], "Error interno del servidor: disco lleno");
    assert_eq!(record["traceback"], "<answer's body of GET /informes/{id}>");
}

#[tokio::test]
async fn a_body_that_panics_is_logged_once_and_the_connection_breaks() {
    let read = |body: Body| async {
        #[expect(clippy::disallowed_methods, reason = "a task that is the connection")]
        let connection = tokio::spawn(to_the_end(body));
        assert!(connection.await.unwrap_err().is_panic());
    };
    let records = log_of(router(Then::Panic, None), Method::GET, read).await;
    let record = assert_broken(&records, "ERROR", "La respuesta se interrumpió");
    assert_eq!((&record["error"]["type"], &record["error"]["error_code"]), (&json!("panic"), &json!("INTERNAL_ERROR")));
    assert!(record["traceback"].as_str().unwrap().contains("broken_off.rs"), "{record:#}");
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_is_a_warning() {
    let records = log_of(router(Then::Wait, None), Method::GET, one_frame).await;
    assert_broken(&records, "WARNING", "La respuesta se abandonó antes de su fin");
    let records = log_of(router(Then::Wait, Some(7)), Method::GET, one_frame).await;
    assert_broken(&records, "WARNING", "La respuesta se abandonó antes de su fin");
}

#[tokio::test]
async fn a_body_that_ends_or_that_nobody_asked_for_is_told_by_the_access_record_alone() {
    assert_eq!(log_of(router(Then::End, None), Method::GET, to_the_end).await.len(), 1);
    // A server asks for no more than was announced.
    assert_eq!(log_of(router(Then::Wait, Some(3)), Method::GET, one_frame).await.len(), 1);
    assert_eq!(log_of(router(Then::Wait, None), Method::GET, async |body| drop(body)).await.len(), 1);
    assert_eq!(log_of(router(Then::Wait, Some(3)), Method::HEAD, to_the_end).await.len(), 1);
    let whole = standardize(Router::new().route("/informes/{id}", get(async || "entero")));
    assert_eq!(log_of(whole, Method::GET, to_the_end).await.len(), 1);
}

#[tokio::test]
async fn of_two_standards_one_tells() {
    for (then, level, message) in [
        (Then::Fail, "ERROR", "La respuesta se interrumpió"),
        (Then::Wait, "WARNING", "La respuesta se abandonó antes de su fin"),
    ] {
        let read = async move |body| match then {
            Then::Wait => one_frame(body).await,
            _ => to_the_end(body).await,
        };
        let records = log_of(standardize(router(then, None)), Method::GET, read).await;
        assert_broken(&records, level, message);
    }
}
