//! `standards-check` takes PostgreSQL and Redis away from the service, and judges what it does meanwhile.

use standards_axum::conformance::command_line;

use crate::support::{Redis, shared};

#[tokio::test(flavor = "multi_thread")]
async fn what_the_service_does_without_postgres_and_redis_is_by_the_rules() {
    let Some(server) = shared().await else { return };
    let (base, Some(redis), folder) = (server.database().await, Redis::start(), tempfile::tempdir().unwrap()) else { return };
    let (url, port, binary) = (base.url(), redis.port, env!("CARGO_BIN_EXE_reference-pago-service"));
    let profile = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/pagos.toml");
    let (named, report) = (folder.path().join("pagos.toml"), folder.path().join("report.json"));
    let text = std::fs::read_to_string(profile).unwrap();
    let spawn = format!("[spawn]\nenv = {{ DATABASE_URL = '{url}', REDIS_URL = 'redis://127.0.0.1:{port}', ");
    std::fs::write(&named, text.replace("[spawn]\nenv = { ", &spawn)).unwrap();
    let to = format!("json={}", report.display());
    let rules = "ERR-08,OPS-02,CAC-01,RES-01,COR-08";
    let arguments =
        ["standards-check", "run", "--spawn", binary, "--profile", named.to_str().unwrap(), "--only", rules, "--report", &to];
    let _ = command_line(arguments.map(Into::into)).await;
    let report: serde_json::Value = serde_json::from_slice(&std::fs::read(&report).unwrap()).unwrap();
    let status = |id: &str| report["rules"].as_array().unwrap().iter().find(|rule| rule["id"] == id).unwrap()["status"].clone();
    for (rule, wanted) in [("ERR-08", "pass"), ("OPS-02", "pass"), ("CAC-01", "pass"), ("RES-01", "n/a"), ("COR-08", "n/a")] {
        assert_eq!(status(rule), wanted, "{rule}: {report:#}");
    }
}
