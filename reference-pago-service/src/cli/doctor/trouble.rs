//! What a failure of the database means to an operator.

use standards_core::Failure;

use super::Finding;
use super::checks::{BEHIND, DATABASE};
use super::limit::OPTIONS;
use crate::database::RepositoryError;

/// A check that the database did not answer.
pub(super) fn failed(check: &'static str, error: &RepositoryError) -> Finding {
    let (detail, remedy) = trouble(error);
    Finding::failed(check, detail, remedy)
}

/// A database that does not answer, and so nothing else is known of it but what its servers say one by one.
pub(super) fn unanswered(error: &RepositoryError, servers: Finding) -> Vec<Finding> {
    alone(failed(DATABASE, error), servers)
}

/// The only things that are known of a database.
pub(super) fn alone(finding: Finding, servers: Finding) -> Vec<Finding> {
    let unknown = |check| Finding::skipped(check, "no se sabe mientras la base de datos no conteste");
    [finding, servers].into_iter().chain(BEHIND.map(unknown)).collect()
}

/// What failed, and what to do. What the driver says holds no password.
pub(super) fn trouble(error: &RepositoryError) -> (String, &'static str) {
    let (what, remedy) = match error.sqlstate() {
        None if error.is_untrusted() => (
            "la conexión no se puede cifrar como se pide",
            "revise sslmode y sslrootcert en DATABASE_URL, y el certificado del servidor",
        ),
        None if error.error_type() == "DatabaseUnfit" => {
            ("un pooler no admite los límites de una sesión", "conecte DATABASE_URL al servidor mismo, sin pgbouncer")
        }
        None => ("no contesta", "revise que el servidor esté en marcha, y host y puerto en DATABASE_URL"),
        Some(code) => answered(code),
    };
    let cause = match error.error_type() {
        // The pool's own patience, which ends before the check's.
        "PoolTimedOut" => format!("sin respuesta en {} s", OPTIONS.acquire_timeout.as_secs()),
        _ => Failure::from(error.clone()).cause_chain(),
    };
    (if cause.is_empty() { what.to_owned() } else { format!("{what} ({cause})") }, remedy)
}

/// By the server's own code.
fn answered(code: &str) -> (&'static str, &'static str) {
    match code {
        "28P01" => ("no admite la contraseña", "corrija PGPASSWORD, o la contraseña en DATABASE_URL"),
        "28000" => (
            "no admite a este rol desde aquí",
            "cree el rol, déjelo entrar con `alter role <rol> login`, o admítalo en pg_hba.conf",
        ),
        "3D000" => ("no existe esa base", "créela: `createdb --owner=<rol> --encoding=UTF8 --template=template0 <base>`"),
        "42501" => ("el rol no tiene permiso", "otorgue el permiso que falta (docs/deploy.md nombra los necesarios)"),
        "53300" => ("no le quedan conexiones", "baje DATABASE_POOL_SIZE o el número de instancias, o suba max_connections"),
        "57P03" => ("está iniciando o deteniéndose", "espere y repita"),
        "57014" | "55P03" => ("no respondió a tiempo", "busque qué lo ocupa en pg_stat_activity"),
        "11" | "26" => ("el archivo está dañado o no es una base SQLite", "restaure el último respaldo; no inicie el servicio"),
        "14" => ("el archivo no se puede abrir", "revise dueño y permisos del archivo y de su directorio"),
        "5" | "6" => ("otro proceso la tiene bloqueada", "cierre quien la tenga abierta (`fuser` sobre el archivo)"),
        _ => ("respondió con un error", "busque el mensaje en el log del servidor"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::coded;

    #[test]
    fn each_failure_says_what_to_do() {
        let remedy = |error: RepositoryError| trouble(&error);
        assert_eq!(remedy(coded::coded("28P01").into()).1, "corrija PGPASSWORD, o la contraseña en DATABASE_URL");
        assert!(remedy(coded::coded("3D000").into()).1.contains("--encoding=UTF8"));
        assert!(remedy(coded::coded("XX000").into()).0.contains("XX000"), "what is not known is told as it is");
        let silent = remedy(RepositoryError::unavailable("sin respuesta en 5 s"));
        assert_eq!(silent.0, "no contesta (sin respuesta en 5 s)");
        assert_eq!(remedy(sqlx::Error::PoolTimedOut.into()).0, "no contesta (sin respuesta en 4 s)");
    }
}
