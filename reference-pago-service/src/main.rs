//! The payment API and its tools: see `--help`.

use clap::Parser;
use reference_pago_service::cli::{self, Cli};
use standards_axum::Exit;

#[tokio::main]
async fn main() -> Exit {
    cli::run(Cli::parse()).await
}
