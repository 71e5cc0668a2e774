//! Records of the `log` crate.

use serde_json::json;
use standards_core::CorrelationId;
use standards_core::context;
use standards_core::log::capture::Capture;

use crate::support::request;

#[test]
fn a_record_of_the_log_crate_keeps_its_target_and_its_level() {
    let id = CorrelationId::generate();
    let captured = Capture::of(&id);
    context::sync_scope(request(id.as_str()), || {
        log::warn!(target: "rustls::conn", "slow {}", 7);
        log::trace!(target: "rustls::conn", "not written");
        log::error!(target: "rustls::conn", "down");
    });
    captured
        .assert_logged(&json!({"level": "WARNING", "message": "slow 7", "logger": "rustls::conn", "endpoint": "/api/v1/pagos"}));
    captured.assert_logged(&json!({"level": "ERROR", "error": {"type": "rustls::conn", "message": "down"}}));
    assert_eq!(captured.messages().len(), 2);
}
