//! A service of tower's for one connection of hyper's.

use std::sync::{Mutex, PoisonError};
use std::task::{Context, Waker};

use http::Request;
use hyper::body::Incoming;

/// Serves the requests of one connection with one copy of the service, where hyper-util's adapter makes a copy for each.
///
/// The service must always be ready to be called, as a router of axum's and every layer of the standard is.
pub(crate) struct Own<S>(Mutex<S>);

impl<S> Own<S> {
    pub(crate) const fn new(service: S) -> Self {
        Self(Mutex::new(service))
    }
}

impl<S> hyper::service::Service<Request<Incoming>> for Own<S>
where
    S: tower_service::Service<Request<Incoming>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn call(&self, request: Request<Incoming>) -> S::Future {
        let mut service = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ready = service.poll_ready(&mut Context::from_waker(Waker::noop()));
        debug_assert!(ready.is_ready(), "called before it is ready");
        service.call(request)
    }
}
