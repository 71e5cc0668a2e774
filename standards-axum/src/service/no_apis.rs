//! A service in a build without `openapi`.
#![allow(clippy::unused_self, reason = "there is nothing to look at")]

use axum::Router;
use standards_core::settings::Problem;

use super::StandardsLayer;

/// None at all.
#[derive(Default)]
pub(super) struct Apis(());

impl Apis {
    pub(super) const fn hide(&mut self) {}

    pub(super) const fn has_docs(&self) -> bool {
        false
    }

    pub(super) const fn layer<L>(self, _: &L) -> Self {
        self
    }

    #[cfg(feature = "auth")]
    pub(super) const fn authenticator(&self) -> Option<crate::auth::Authenticator> {
        None
    }

    pub(super) const fn problems(&self) -> Vec<Problem> {
        Vec::new()
    }

    pub(super) fn into_routes(self, _: &StandardsLayer, _: &str) -> Router {
        Router::new()
    }
}
