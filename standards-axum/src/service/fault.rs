//! Routes that fail on purpose, so that it can be seen from outside how a service fails (`FAULT_ROUTE`).
//!
//! They are nobody's operations: they stand in no document, ask for no token and say what every failure says. Where others than developers may
//! call, they are not there: the settings refuse them (`front::check`), and so does this.

use std::io;

use axum::Router;
use axum::routing::get;
use standards_core::Failure;
use standards_core::log::{LogLevel, Record};
use standards_core::settings::AppEnv;

use super::StandardSettings;
use crate::answer::ApiResult;
use crate::layers::noting_routes;

/// What each failure holds where a password would stand: neither a client nor the log may show it.
pub(crate) const FAULT_CANARY: &str = "canario-de-la-falla-7391";

impl StandardSettings {
    /// Whether something fails on purpose.
    const fn has_faults(&self) -> bool {
        self.fault_route && matches!(self.app_env, AppEnv::Development)
    }

    /// The routes beneath the API's prefix, or none.
    pub(super) fn fault_routes(&self) -> Router {
        if !self.has_faults() {
            return Router::new();
        }
        let at = |name: &str| format!("{}/_fault/{name}", self.api_v1_str.as_str());
        noting_routes(Router::new().route(&at("panic"), get(panic_on_purpose)).route(&at("error"), get(fail_on_purpose)))
    }

    /// Tells whoever reads the log that they are there.
    pub(super) fn tell_of_faults(&self) {
        if self.has_faults() {
            Record::new(LogLevel::Warning, "Con FAULT_ROUTE el servicio tiene rutas que fallan a propósito").emit();
        }
    }
}

#[expect(clippy::panic, reason = "what it is for")]
async fn panic_on_purpose() -> ApiResult<()> {
    panic!("{}", cause())
}

async fn fail_on_purpose() -> ApiResult<()> {
    Err(Failure::internal(io::Error::other(cause())).into())
}

/// What a lost database says in most services, its password included.
fn cause() -> String {
    format!("Falla a propósito: no se pudo conectar con postgres://servicio:{FAULT_CANARY}@db.invalid/datos")
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use http::{Request, StatusCode};
    use http_body_util::BodyExt;
    use standards_core::settings::Environment;
    use tower::ServiceExt;

    use super::*;
    use crate::{Service, service_info};

    const PATHS: [&str; 2] = ["/api/v1/_fault/panic", "/api/v1/_fault/error"];

    async fn answer(variables: &[(&str, &str)], path: &str) -> (StatusCode, String) {
        let settings = Environment::from_pairs(variables.iter().copied()).settings().unwrap();
        let app = Service::new(service_info!(), settings).into_router();
        let answer = app.oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        let (status, body) = (answer.status(), answer.into_body().collect().await.unwrap().to_bytes());
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn nothing_fails_unless_it_is_asked_for() {
        for variables in [&[][..], &[("FAULT_ROUTE", "false")]] {
            for path in PATHS {
                assert_eq!(answer(variables, path).await.0, 404, "{path}");
            }
        }
    }

    #[tokio::test]
    async fn what_fails_says_what_every_failure_says() {
        for path in PATHS {
            let (status, body) = answer(&[("FAULT_ROUTE", "true")], path).await;
            assert_eq!(status, 500, "{path}");
            assert!(body.contains("INTERNAL_ERROR") && !body.contains(FAULT_CANARY), "{body}");
        }
        let moved = [("FAULT_ROUTE", "true"), ("API_V1_STR", "/api/v2")];
        assert_eq!(answer(&moved, "/api/v2/_fault/panic").await.0, 500);
        assert_eq!(answer(&moved, PATHS[0]).await.0, 404);
    }

    #[test]
    fn it_is_for_developers_only() {
        for environment in ["staging", "production"] {
            let variables = [("FAULT_ROUTE", "true"), ("APP_ENV", environment)];
            let problems = Environment::from_pairs(variables).settings::<StandardSettings>().unwrap_err();
            assert_eq!(problems.to_string(), "FAULT_ROUTE: solo puede ser true con APP_ENV=development");
            Environment::from_pairs([("APP_ENV", environment)]).settings::<StandardSettings>().unwrap();
        }
    }

    #[tokio::test]
    async fn settings_that_were_changed_by_hand_have_none_in_production() {
        let mut settings: StandardSettings = Environment::from_pairs([("FAULT_ROUTE", "true")]).settings().unwrap();
        settings.app_env = AppEnv::Production;
        let app = Service::new(service_info!(), settings).into_router();
        let request = Request::get(PATHS[0]).body(Body::empty()).unwrap();
        assert_eq!(app.oneshot(request).await.unwrap().status(), 404);
    }
}
