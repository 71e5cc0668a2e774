//! What stands before an operation: whom it is for, and what it gives way to.

use std::sync::{Arc, OnceLock};

use http::request::Parts;

use super::operation::Method;
use crate::answer::ApiError;
#[cfg(feature = "auth")]
use crate::auth::{Authenticator, Caller};
use crate::layers::{AdmissionLayer, HeadCheck, Priority};
#[cfg(feature = "auth")]
use crate::openapi::{OperationInput, OperationInputs};

/// Whom an operation is for, where callers are verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Everybody: no token is asked for, none is looked at.
    Public,
    /// Whoever has a token with this scope.
    Scope(&'static str),
}

/// What an operation states, and what enforces it once that is known. Its route and its description share one.
#[derive(Clone, Debug)]
pub(super) struct Gate(Arc<Stated>);

#[derive(Debug)]
struct Stated {
    method: Method,
    access: Option<Access>,
    priority: Option<Priority>,
    authenticator: OnceLock<Authenticator>,
    admission: OnceLock<AdmissionLayer>,
}

impl Gate {
    pub(super) fn new(method: Method, access: Option<Access>, priority: Option<Priority>) -> Self {
        let (authenticator, admission) = (OnceLock::new(), OnceLock::new());
        Self(Arc::new(Stated { method, access, priority, authenticator, admission }))
    }

    pub(super) fn access(&self) -> Option<Access> {
        self.0.access
    }

    pub(super) fn is_authenticated(&self) -> bool {
        self.0.authenticator.get().is_some()
    }

    /// Has callers verified, unless somebody verifies them already.
    #[cfg(feature = "auth")]
    pub(super) fn authenticate(&self, authenticator: &Authenticator) {
        let _ = self.0.authenticator.set(authenticator.clone());
    }

    /// Nobody verifies callers in a build without `auth`.
    #[cfg(not(feature = "auth"))]
    pub(super) fn authenticate(&self, authenticator: &Authenticator) {
        match *authenticator {}
    }

    /// Gives way when so many requests are in flight as `admission` and the priority say.
    pub(super) fn shed(&self, admission: &AdmissionLayer) {
        let _ = self.0.admission.set(admission.clone());
    }

    /// Whether it may have to refuse a request, once it is known who enforces what.
    pub(super) fn may_refuse(&self) -> bool {
        matches!(self.0.access, Some(Access::Scope(_))) || self.sheds()
    }

    /// Whether it may have to refuse a request, now that it is known.
    pub(super) fn refuses(&self) -> bool {
        let authenticates = self.0.access != Some(Access::Public) && self.is_authenticated();
        authenticates || (self.sheds() && self.0.admission.get().is_some())
    }

    /// The highest priority has all the places that there are.
    fn sheds(&self) -> bool {
        self.0.priority.is_some_and(|priority| priority < Priority::High)
    }
}

/// Shed, before a token costs anything; then authenticate; then ask for the scope. The route's other verbs are none of the operation's.
impl HeadCheck for Gate {
    fn check(&self, head: &mut Parts) -> Result<(), ApiError> {
        let Stated { method, access, priority, authenticator, admission } = &*self.0;
        if !method.answers(&head.method) {
            return Ok(());
        }
        if let (Some(admission), Some(priority)) = (admission.get(), priority) {
            admission.admit(*priority)?;
        }
        match (authenticator.get(), access) {
            (Some(authenticator), Some(Access::Scope(scope))) => authenticator.admit(head, Some(scope)),
            // Such an operation does not start; where one should be served nevertheless, it is not open.
            (Some(authenticator), None) => authenticator.admit(head, None),
            (None, _) | (_, Some(Access::Public)) => Ok(()),
        }
    }
}

/// Without the feature `auth` there is none.
#[cfg(not(feature = "auth"))]
#[derive(Clone, Debug)]
pub(crate) enum Authenticator {}

#[cfg(not(feature = "auth"))]
impl Authenticator {
    const fn admit(&self, _: &mut Parts, _: Option<&'static str>) -> Result<(), ApiError> {
        match *self {}
    }
}

/// What is demanded of it is stated with the operation.
#[cfg(feature = "auth")]
impl OperationInput for Caller {
    fn describe(_: &mut OperationInputs<'_>) {}
}

#[cfg(feature = "auth")]
impl OperationInput for Option<Caller> {
    fn describe(_: &mut OperationInputs<'_>) {}
}
