//! `migraciones`: whether the database has the schema that this version knows.

use super::Finding;
use super::checks::SCHEMA;
use super::trouble::failed;
use crate::database::RepositoryError;
use crate::migrate::SchemaState;

/// Who brings the schema up to date.
#[derive(Clone, Copy, Debug)]
pub(super) struct Migrator {
    /// The service does, when it starts (`MIGRATE_ON_START`).
    pub(super) on_start: bool,
    /// The role may.
    pub(super) permitted: bool,
}

pub(super) fn judge(state: Result<SchemaState, RepositoryError>, migrator: Migrator) -> Finding {
    let state = match state {
        Ok(state) => state,
        Err(error) if error.sqlstate() == Some("42501") => {
            let grant = "otorgue `grant select on _sqlx_migrations to <rol>`";
            return Finding::failed(SCHEMA, "el rol no puede leer _sqlx_migrations", grant);
        }
        Err(error) => return failed(SCHEMA, &error),
    };
    foreign(&state).unwrap_or_else(|| judge_pending(&state, migrator))
}

/// What another release, or another service, has left there.
fn foreign(state: &SchemaState) -> Option<Finding> {
    let SchemaState { unknown, altered, .. } = state;
    let remedy = "instale la versión que las aplicó, o revise si DATABASE_URL nombra la base de este servicio";
    if !unknown.is_empty() {
        let detail = format!("la base tiene migraciones que esta versión no conoce: {}", listed(unknown));
        return Some(Finding::failed(SCHEMA, detail, remedy));
    }
    let detail = format!("migraciones aplicadas que no son las de esta versión: {}", listed(altered));
    (!altered.is_empty()).then(|| Finding::failed(SCHEMA, detail, remedy))
}

fn judge_pending(SchemaState { applied, pending, .. }: &SchemaState, Migrator { on_start, permitted }: Migrator) -> Finding {
    let missing = || format!("faltan {} ({})", pending.len(), listed(pending));
    match (pending.is_empty(), permitted, on_start) {
        (true, ..) => Finding::ok(SCHEMA, format!("aplicadas {applied}, no falta ninguna")),
        (false, false, _) => Finding::failed(
            SCHEMA,
            format!("{}, y el rol no puede cambiar el esquema", missing()),
            "ejecute reference-pago-service migrate up con el rol dueño de las tablas",
        ),
        (false, true, false) => Finding::failed(SCHEMA, missing(), "ejecute reference-pago-service migrate up"),
        (false, true, true) => Finding::warning(
            SCHEMA,
            missing(),
            "el servicio las aplica al iniciar; para hacerlo antes, reference-pago-service migrate up",
        ),
    }
}

fn listed(versions: &[i64]) -> String {
    versions.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::finding::Status;
    use super::*;

    const ON_START: Migrator = Migrator { on_start: true, permitted: true };
    const BY_HAND: Migrator = Migrator { on_start: false, permitted: true };
    const TELLER: Migrator = Migrator { on_start: true, permitted: false };

    fn judged(state: &SchemaState, migrator: Migrator) -> Finding {
        judge(Ok(state.clone()), migrator)
    }

    #[test]
    fn what_is_pending_fails_unless_the_start_applies_it() {
        let state = SchemaState { applied: 1, pending: vec![2, 3], ..SchemaState::default() };
        let shown = judged(&state, BY_HAND).to_string();
        assert_eq!(shown, "✘ migraciones: faltan 2 (2, 3); ejecute reference-pago-service migrate up");
        assert_eq!(judged(&state, ON_START).status(), Status::Warning);
        assert!(judged(&state, TELLER).to_string().contains("con el rol dueño"));
    }

    #[test]
    fn a_schema_that_is_whole_needs_no_rights() {
        let state = SchemaState { applied: 3, ..SchemaState::default() };
        assert_eq!(judged(&state, TELLER).to_string(), "✔ migraciones: aplicadas 3, no falta ninguna");
    }

    #[test]
    fn another_services_schema_fails_whoever_migrates() {
        let unknown = SchemaState { applied: 4, unknown: vec![9], ..SchemaState::default() };
        let altered = SchemaState { applied: 3, altered: vec![2], ..SchemaState::default() };
        for state in [unknown, altered] {
            assert!(judged(&state, ON_START).is_failed(), "{state:?}");
        }
    }
}
