//! `configuración`: what was read, and the keys that it names.

use standards_axum::auth::AuthError;
use standards_core::settings::AppEnv;

use super::Finding;
use crate::config::ServiceSettings;

const CHECK: &str = "configuración";

/// Settings that are not valid do not come so far.
pub(super) fn examine(settings: &ServiceSettings) -> Finding {
    judge(settings.standard.app_env, settings.auth.authenticator().map(|keys| keys.is_some()))
}

fn judge(app_env: AppEnv, keys: Result<bool, AuthError>) -> Finding {
    let valid = format!("válida, APP_ENV={}", app_env.as_str());
    match keys {
        Ok(true) => Finding::ok(CHECK, valid),
        Ok(false) => Finding::ok(CHECK, format!("{valid}, sin autenticación: solo escucha en loopback")),
        Err(error) => Finding::failed(
            CHECK,
            format!("las claves de los tokens no se pueden usar ({error})"),
            "revise JWKS_URL y SECRET_KEY con `reference-pago-service config check`",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_cannot_be_used_fail() {
        assert_eq!(judge(AppEnv::Production, Ok(true)).to_string(), "✔ configuración: válida, APP_ENV=production");
        assert!(!judge(AppEnv::Development, Ok(false)).is_failed());
        assert!(judge(AppEnv::Production, Err(AuthError::SelfTest)).is_failed());
    }
}
