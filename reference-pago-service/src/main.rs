//! The payment API and its tools: see `--help`.

use reference_pago_service::cli;
use standards_axum::Exit;

#[tokio::main]
async fn main() -> Exit {
    cli::run().await
}
