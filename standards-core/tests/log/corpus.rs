//! The corpus of the fuzz target `record`.

use std::path::Path;

#[path = "../../fuzz/cases/record.rs"]
mod record;
#[path = "../../fuzz/cases/replay.rs"]
mod replay;

#[test]
fn every_record_of_the_corpus_is_one_valid_line() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/record");
    let lines = replay::replay(&folder, record::check);
    let of = |name: &str| &lines.iter().find(|(file, _)| file == name).unwrap().1;
    assert!(of("sample").contains(r#""message":"Pago procesado exitosamente","context":{"pago_id":456,"monto":"100.50"}"#));
    assert!(of("ecs-error").contains(r#""ecs":{"version":"#) && of("ecs-error").contains("connection refused"));
    for secret in ["4111111111111111", "4111 1111 1111 1111", "eyJhbGciOiJIUzI1NiJ9", "hunter2", "ana@example.com"] {
        assert!(lines.iter().all(|(_, line)| !line.contains(secret)), "{secret} is shown");
    }
}
