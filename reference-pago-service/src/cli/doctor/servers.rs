//! `servidores`: which of the servers that `DATABASE_URL` names writes, and how the others follow it.

use super::Finding;
use super::checks::SERVERS;
use super::limit::LIMIT;
use super::trouble::trouble;
use crate::database::PostgresDatabase;
use crate::repositories::survey::{Host, Role, hosts};

/// As far as a standby may lag without anybody having to look: a segment of the log.
const LAG_TOLERANCE: i64 = 16 * 1024 * 1024;

pub(super) async fn examine(postgres: &PostgresDatabase) -> Finding {
    let (count, wants_writer) = postgres.names();
    if count < 2 {
        return Finding::skipped(SERVERS, "DATABASE_URL nombra uno solo");
    }
    match tokio::time::timeout(LIMIT, hosts(postgres)).await {
        Ok(hosts) => judge(&hosts, wants_writer),
        Err(_) => Finding::failed(SERVERS, "sin respuesta en 5 s", "revise que los servidores de DATABASE_URL estén en marcha"),
    }
}

fn judge(hosts: &[Host], wants_writer: bool) -> Finding {
    let roles: Vec<&Role> = hosts.iter().filter_map(|host| host.says.as_ref().ok()).collect();
    let Some(writer) = roles.iter().copied().filter(|role| !role.recovers).max_by_key(|role| role.timeline) else {
        let remedy = "promueva una réplica (`pg_ctl promote`), o inicie el primario (docs/failover.md)";
        return Finding::failed(SERVERS, format!("{}: no escribe ninguno", told(hosts, None)), remedy);
    };
    let told = told(hosts, Some(writer));
    if let Some((wrong, remedy)) = at_odds(&roles, writer) {
        return Finding::failed(SERVERS, format!("{told}: {wrong}"), remedy);
    }
    if !wants_writer {
        return Finding::failed(SERVERS, told, "agregue target_session_attrs=read-write a DATABASE_URL");
    }
    if roles.len() < hosts.len() || roles.iter().any(|role| lag(role, writer) > LAG_TOLERANCE) {
        return Finding::warning(SERVERS, told, "una conmutación ahora perdería o esperaría: recupere las réplicas");
    }
    Finding::ok(SERVERS, told)
}

/// What cannot be of servers that follow one writer, and what to do.
fn at_odds(roles: &[&Role], writer: &Role) -> Option<(&'static str, &'static str)> {
    if roles.iter().any(|role| role.cluster != writer.cluster) {
        return Some(("no son del mismo cluster", "corrija DATABASE_URL: todos los hosts deben ser del mismo cluster"));
    }
    let remedy = "detenga el de la línea de tiempo menor; `verify-ledger --log` nombra los pagos que confirmó (docs/failover.md)";
    let second = roles.iter().any(|role| !role.recovers && role.timeline != writer.timeline);
    second.then_some(("escriben dos", remedy))
}

/// How far it is behind, in bytes of the log.
fn lag(role: &Role, writer: &Role) -> i64 {
    writer.position.unwrap_or_default().saturating_sub(role.position.unwrap_or_default()).max(0)
}

fn told(hosts: &[Host], writer: Option<&Role>) -> String {
    hosts.iter().map(|host| format!("{} {}", host.name, role(host, writer))).collect::<Vec<_>>().join(", ")
}

fn role(host: &Host, writer: Option<&Role>) -> String {
    match (&host.says, writer) {
        (Err(error), _) => trouble(error).0,
        (Ok(role), Some(writer)) if role.recovers => {
            format!("réplica (línea {}, a {} kB)", role.timeline, lag(role, writer) / 1024)
        }
        (Ok(role), _) if role.recovers => format!("réplica (línea {})", role.timeline),
        (Ok(role), _) if !role.writes => format!("primario de solo lectura (línea {})", role.timeline),
        (Ok(role), _) => format!("primario (línea {})", role.timeline),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Status;
    use super::*;
    use crate::database::RepositoryError;

    fn host(name: &str, recovers: bool, timeline: i64, position: i64) -> Host {
        let role = Role { recovers, writes: !recovers, cluster: "7".to_owned(), timeline, position: Some(position) };
        Host { name: name.to_owned(), says: Ok(role) }
    }

    fn silent(name: &str) -> Host {
        Host { name: name.to_owned(), says: Err(RepositoryError::unavailable("connection refused")) }
    }

    #[test]
    fn a_primary_and_its_standby_are_told_with_their_lag() {
        let shown = judge(&[host("h1:5432", false, 2, 5000), host("h2:5433", true, 2, 900)], true).to_string();
        assert_eq!(shown, "✔ servidores: h1:5432 primario (línea 2), h2:5433 réplica (línea 2, a 4 kB)");
    }

    #[test]
    fn two_that_write_are_named() {
        let found = judge(&[host("h1:5432", false, 1, 5000), host("h2:5433", false, 2, 4000)], true);
        assert!(found.is_failed());
        let shown = found.to_string();
        assert!(shown.contains("h1:5432 primario (línea 1), h2:5433 primario (línea 2): escriben dos"), "{shown}");
    }

    #[test]
    fn the_same_server_by_two_names_is_no_second_one() {
        let found = judge(&[host("h1:5432", false, 2, 5000), host("localhost:5432", false, 2, 5010)], true);
        assert_eq!(found.status(), Status::Ok);
    }

    #[test]
    fn what_keeps_from_a_failover_is_told() {
        let judged = |hosts: &[Host]| judge(hosts, true).status();
        assert_eq!(judged(&[host("a:1", false, 1, 1 << 30), host("b:1", true, 1, 0)]), Status::Warning, "it lags");
        assert_eq!(judged(&[host("a:1", false, 1, 0), silent("b:1")]), Status::Warning);
        assert_eq!(judged(&[host("a:1", true, 1, 0), silent("b:1")]), Status::Failed, "nobody writes");
        let foreign =
            Host { says: host("", true, 1, 0).says.map(|role| Role { cluster: "8".to_owned(), ..role }), ..silent("b:1") };
        assert_eq!(judged(&[host("a:1", false, 1, 0), foreign]), Status::Failed);
        assert!(judge(&[host("a:1", false, 1, 0), host("b:1", true, 1, 0)], false).is_failed(), "any would do");
    }
}
